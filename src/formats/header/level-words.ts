import type { Level } from '../../types/record.js';
import { isDigit, isLetter, isUpper } from '../characters.js';
import { levels } from '../levels.js';

/** Words of text layouts that the contract's list does not have: Serilog, zerolog, .NET, java.util.logging, PostgreSQL, MySQL, Mongo, capnslog. */
const others: Readonly<Record<Level, readonly string[]>> = {
  trace: ['trc', 'trce', 'vrb', 'finest', 'finer', 'debug5', 'debug4', 'debug3', 'debug2'],
  debug: ['dbg', 'dbug', 'verb', 'fine', 'config', 'debug1'],
  info: ['inf', 'note', 'log', 'information', 'informational'],
  warn: ['wrn', 'warng'],
  error: ['severe', 'erro', 'eror'],
  fatal: ['ftl', 'fatl'],
};
/** One letter is a level only where a layout puts it. */
const letters: ReadonlyMap<number, Level> = new Map(
  (
    [
      ['T', 'trace'],
      ['V', 'debug'],
      ['D', 'debug'],
      ['I', 'info'],
      ['N', 'info'],
      ['W', 'warn'],
      ['E', 'error'],
      ['C', 'fatal'],
      ['F', 'fatal'],
    ] as const
  ).map(([letter, level]) => [letter.charCodeAt(0), level]),
);

/** All words in the casings that loggers write, so that most are found without a second string. */
const words: ReadonlyMap<string, Level> = new Map(
  [
    ...levels,
    ...Object.entries(others).flatMap(([level, names]) => names.map((name) => [name, level as Level] as const)),
  ]
    .filter(([word]) => isLetter(word.charCodeAt(0)))
    .flatMap(
      ([word, level]) =>
        [
          [word, level],
          [word.toUpperCase(), level],
          [word[0]!.toUpperCase() + word.slice(1), level],
        ] as const,
    )
    .concat([['fail', 'error']]),
);
const longestWord = Math.max(...[...words.keys()].map(({ length }) => length));

/** Place behind the letters at `at`, and one digit behind them (PostgreSQL's DEBUG1). */
export function levelEnd(text: string, at: number): number {
  let end = at;
  while (end <= at + longestWord && isLetter(text.charCodeAt(end))) end++;
  return end > at && isDigit(text.charCodeAt(end)) ? end + 1 : end;
}

/** Which two letters a level begins with: tells most words apart without a string. */
const starts = new Uint8Array(1024);
const startOf = (text: string, at: number): number =>
  ((text.charCodeAt(at) & 31) << 5) | (text.charCodeAt(at + 1) & 31);
for (const word of words.keys()) starts[startOf(word, 0)] = 1;

/** The level that the word `[at, end)` means: in lower case, in upper case, or with a capital; undefined for another word. */
export function levelOfWord(text: string, at: number, end: number): Level | undefined {
  if (end - at < 2 || end - at > longestWord || starts[startOf(text, at)] === 0) return undefined;
  return words.get(text.slice(at, end));
}

/** The level that the letter at `at` stands for, in upper case. */
export const levelOfLetter = (text: string, at: number): Level | undefined => letters.get(text.charCodeAt(at));

/** Upper case throughout, as far as its first and last letter tell. */
export const isShouted = (text: string, at: number, end: number): boolean =>
  isUpper(text.charCodeAt(at)) && (isUpper(text.charCodeAt(end - 1)) || isDigit(text.charCodeAt(end - 1)));
