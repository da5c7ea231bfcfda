import { isLetter } from '../characters.js';

const months = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];
const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const longestName = 9;

/** First three letters, in lower case, as one number. */
const packed = (text: string, at: number): number =>
  ((text.charCodeAt(at) | 0x20) << 16) | ((text.charCodeAt(at + 1) | 0x20) << 8) | (text.charCodeAt(at + 2) | 0x20);

const monthNumbers: ReadonlyMap<number, number> = new Map(months.map((name, index) => [packed(name, 0), index + 1]));
const weekdayNumbers: ReadonlyMap<number, number> = new Map(
  weekdays.map((name, index) => [packed(name, 0), index + 1]),
);

/** Place behind the letters at `at`, at most one beyond the longest name. */
export function nameEnd(text: string, at: number): number {
  let end = at;
  while (isLetter(text.charCodeAt(end)) && end <= at + longestName) end++;
  return end;
}

/** The month that the letters `[at, end)` name in English, in any case: three of them, `Sept`, or the whole name. 1 is January; 0: none. */
export const monthOf = (text: string, at: number, end: number): number => lookUp(text, at, end, monthNumbers, months);

/** The day of the week, as `monthOf`. */
export const weekdayOf = (text: string, at: number, end: number): number =>
  lookUp(text, at, end, weekdayNumbers, weekdays);

function lookUp(
  text: string,
  at: number,
  end: number,
  numbers: ReadonlyMap<number, number>,
  names: readonly string[],
): number {
  if (end - at < 3) return 0;
  const number = numbers.get(packed(text, at)) ?? 0;
  if (number === 0 || end - at === 3) return number;
  const name = text.slice(at, end).toLowerCase();
  return name === names[number - 1] || name === 'sept' ? number : 0;
}
