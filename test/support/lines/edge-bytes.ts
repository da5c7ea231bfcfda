import { range } from './range.js';

/** Leads, and what may follow them, at the borders of what UTF-8 allows. */
export function sequences(): Buffer[] {
  const leads = [
    0x7f, 0x80, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff,
  ];
  const seconds = [0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0];
  const others = [0x7f, 0x80, 0xbf, 0xc2];
  const all = leads.flatMap((lead) =>
    seconds.flatMap((second) => [
      [lead, second],
      ...others.flatMap((third) => [[lead, second, third], ...others.map((fourth) => [lead, second, third, fourth])]),
    ]),
  );
  return [...leads.map((lead) => [lead]), ...all].map((bytes) => Buffer.from(bytes));
}

/** `before`, the bytes, `after`, with the bytes at each place of 16 and 32, and as far from the end. */
export const around = (before: string, bytes: Buffer, after: string, i: number): Buffer =>
  Buffer.concat([Buffer.from(before + 'x'.repeat(i % 37)), bytes, Buffer.from('y'.repeat(i % 41) + after)]);

/** What is escaped or replaced, at each place of the steps in which text is looked at, and each distance from its end. */
export const specials = (): string[] =>
  ['"', '\\', '\u0001', '\u00e9', '\u001f\u001f', '\t'].flatMap((special) =>
    range(0, 70).flatMap((before) =>
      [0, 1, 14, 15, 16, 17, 30, 31, 32, 33, 63, 64].map((after) => 'x'.repeat(before) + special + 'y'.repeat(after)),
    ),
  );

/** Every ASCII character as it is and escaped, and units at the borders of their length in UTF-8. */
export function strings(): string[] {
  const plain = range(0, 127)
    .map((code) => String.fromCharCode(code))
    .filter((character) => character !== '\n');
  const escaped = plain.map((character) => `\\${character}`);
  const units = [
    0, 0x1f, 0x20, 0x22, 0x5c, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000, 0xfffd, 0xffff,
  ];
  const hex = (unit: number): string => unit.toString(16).padStart(4, '0');
  const single = units.flatMap((unit) => [
    `\\u${hex(unit)}`,
    `\\u${hex(unit).toUpperCase()}`,
    `\\u${hex(unit).slice(1)}`,
    `\\u${hex(unit).slice(1)}g`,
  ]);
  const pairs = units.flatMap((one) => units.map((other) => `\\u${hex(one)}\\u${hex(other)}`));
  return [...plain, ...escaped, ...single, ...pairs, '\\ud83d\\n', '\\ud83du1234', '\\ud83d\\U1234'];
}
