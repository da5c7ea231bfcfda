import { digit, dot, isAt, runEnd, word } from './characters.js';
import type { Found } from './finding.js';

const shortest = 13;
const longest = 19;
/** A card number that is written in groups has no smaller one, but for the last of an account that has 19 digits. */
const smallestGroup = 3;

/**
 * Numbers of payment cards: a number of digits and a beginning that are those of an issuer, and the check digit of Luhn (ISO/IEC 7812-1), alone or in
 * groups with blanks, hyphens or dots between them. What hangs together with letters or further digits is no card.
 */
export function findCards(text: string, found: Found): void {
  for (let at = 0; at < text.length;) {
    if (!isAt(text, at, digit)) {
      at++;
      continue;
    }
    const end = endOfGroups(text, at);
    if (end - at >= shortest) findInGroups(text, at, end, found);
    at = end;
  }
  for (const match of text.matchAll(scientific)) findInNumber(text, match.index, match[0], found);
}

/** Numbers with a fraction or an exponent, which may be whole and long all the same. */
const scientific = /\d[\d.]{0,24}(?:[eE]\+?\d{1,2}|\.0{1,8})/g;

function findInNumber(text: string, from: number, written: string, found: Found): void {
  const value = Number(written);
  const to = from + written.length;
  if (!Number.isSafeInteger(value) || isAt(text, from - 1, word | dot) || isAt(text, to, word | dot)) return;
  const number = String(value);
  if (number.length >= shortest && isIssued(number) && isLuhn(number)) found(from, to, number);
}

/** Digits, and single separators of one kind with digits behind them. */
function endOfGroups(text: string, from: number): number {
  let end = runEnd(text, from, digit);
  const separator = text[end];
  if (separator !== ' ' && separator !== '-' && separator !== '.') return end;
  while (text[end] === separator && isAt(text, end + 1, digit)) end = runEnd(text, end + 1, digit);
  return end;
}

function findInGroups(text: string, from: number, end: number, found: Found): void {
  const groups: { readonly from: number; readonly to: number }[] = [];
  for (let at = from; at < end; at = groups.at(-1)!.to + 1) groups.push({ from: at, to: runEnd(text, at, digit) });
  const separator = groups.length > 1 ? text[groups[0]!.to] : '';
  // Hyphens and dots join one thing, such as a UUID or a version: all of it is a card or none of it. Blanks stand between things too.
  const isOneThing = separator === '-' || separator === '.';
  for (let first = 0; first < groups.length; first++) {
    let digits = 0;
    for (let last = first; last < groups.length; last++) {
      const group = groups[last]!;
      digits += group.to - group.from;
      if (digits > longest) break;
      if (digits < shortest || (isOneThing && (first > 0 || last < groups.length - 1))) continue;
      if (!isGrouping(groups, first, last, separator) || !standsAlone(text, groups[first]!.from, group.to)) continue;
      const number = text.slice(groups[first]!.from, group.to).replace(/\D/g, '');
      if (!isIssued(number) || !isLuhn(number)) continue;
      found(groups[first]!.from, group.to, number);
      first = last;
      break;
    }
  }
}

function isGrouping(
  groups: readonly { readonly from: number; readonly to: number }[],
  first: number,
  last: number,
  separator: string | undefined,
): boolean {
  if (first === last) return true;
  const sizes = groups.slice(first, last + 1).map(({ from, to }) => to - from);
  if (separator === '.') return sizes.slice(0, -1).every((size) => size === 4);
  return sizes.every((size) => size >= smallestGroup);
}

/** Not a piece of a word, of a longer number, of a fraction or of something with hyphens. */
function standsAlone(text: string, from: number, to: number): boolean {
  if (isAt(text, from - 1, word) || isAt(text, to, word)) return false;
  if ((text[from - 1] === '.' || text[from - 1] === '-') && isAt(text, from - 2, word)) return false;
  return !((text[to] === '.' || text[to] === '-') && isAt(text, to + 1, word));
}

/** A beginning and a length that Visa, Mastercard, American Express, Discover, JCB, Diners Club, UnionPay or Maestro give out. */
function isIssued(number: string): boolean {
  const { length } = number;
  const two = Number(number.slice(0, 2));
  const four = Number(number.slice(0, 4));
  if (number.startsWith('4')) return length === 13 || length === 16 || length === 19;
  if ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720)) return length === 16;
  if (two === 34 || two === 37) return length === 15;
  if (four === 6011 || two === 65 || (four >= 6440 && four <= 6499) || two === 62 || two === 81) return length >= 16;
  if (four >= 3528 && four <= 3589) return length >= 16;
  if ((four >= 3000 && four <= 3059) || two === 36 || two === 38 || two === 39) return length === 14 || length === 16;
  return maestro.has(four);
}

const maestro = new Set([5018, 5020, 5038, 5893, 6304, 6759, 6761, 6762, 6763]);

function isLuhn(number: string): boolean {
  let sum = 0;
  for (let place = 0; place < number.length; place++) {
    const value = number.charCodeAt(number.length - 1 - place) - 0x30;
    const doubled = place % 2 === 0 ? value : value * 2;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  // All zeros would pass as well.
  return sum > 0 && sum % 10 === 0;
}
