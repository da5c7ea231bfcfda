import { range } from './range.js';

/** All names with one place changed, left out or doubled. */
export const nearly = (names: readonly string[]): string[] =>
  names.flatMap((name) => [
    name,
    name.toUpperCase(),
    ...range(0, name.length - 1).flatMap((i) => [
      `${name.slice(0, i)}~${name.slice(i + 1)}`,
      name.slice(0, i) + name.slice(i + 1),
      name.slice(0, i) + name.slice(i, i + 1).toUpperCase() + name.slice(i + 1),
    ]),
    `${name}x`,
    `x${name}`,
    `${name}.`,
    `.${name}`,
    `${name}.x`,
  ]);

/** A name of each length, and the same with one place changed. */
export const pairsOfKeys = (): string[] =>
  range(0, 40).flatMap((length) => {
    const key = 'abcdefghij'.repeat(4).slice(0, length);
    return [
      `{"${key}":1,"${key}":2}`,
      ...range(0, length - 1).map((i) => `{"${key}":1,"${key.slice(0, i)}~${key.slice(i + 1)}":2}`),
      `{"${key}":1,"${key}k":2}`,
    ];
  });

/** Objects and arrays in each other, closed as they were opened, or the innermost or outermost otherwise. */
export function nested(): string[] {
  const depths = [1, 2, 15, 16, 17, 31, 32, 33, 61, 62, 63, 64, 65, 66, 67, 127, 128, 129];
  const ways: readonly ((level: number) => boolean)[] = [
    () => true,
    () => false,
    (level) => level % 2 === 0,
    (level) => level % 3 === 0,
  ];
  return depths.flatMap((depth) =>
    ways.flatMap((isObject) => {
      const levelsOf = range(1, depth);
      const open = levelsOf.map((level) => (isObject(level) ? '{"k":' : '[')).join('');
      const ends = levelsOf.reverse().map((level) => (isObject(level) ? '}' : ']'));
      const wrong = ends.with(0, ends[0] === '}' ? ']' : '}');
      const outer = ends.with(-1, ends.at(-1) === '}' ? ']' : '}');
      return [ends, wrong, outer].map((close) => `{"a":${open}1${close.join('')}}`);
    }),
  );
}

const tokens = ['{', '}', '[', ']', ':', ',', '"a"', '1', 'true', ' ', '\t', '\r'];
/** All short texts of tokens as the value of a member, and behind one. */
export const shortTexts = (): string[] => {
  const short = tokens.flatMap((one) => [
    one,
    ...tokens.flatMap((other) => [one + other, ...tokens.map((third) => one + other + third)]),
  ]);
  return short.flatMap((text) => [`{"k":${text}}`, `{"k":1${text}}`, `{${text}"k":1}`]);
};
