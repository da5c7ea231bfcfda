import {
  alphanumeric,
  dash,
  digit,
  dot,
  letter,
  other,
  runEnd,
  runStart,
  underscore,
  word,
  isAt,
} from './characters.js';
import type { Found } from './finding.js';

/** RFC 5321, 4.5.3.1: the longest part before the `@`, and the longest domain. */
const longestLocal = 64;
const longestDomain = 255;

const local = word | dash | dot | other;
const domain = alphanumeric | dash | dot | other;

/**
 * Mail addresses: a domain of at least two labels whose last one is of letters (or `xn--…`). A version behind an `@`, an object's hash and the address
 * of a Git repository are none.
 */
export function findEmails(text: string, found: Found): void {
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    if (!isAt(text, at + 1, alphanumeric | other)) continue;
    const from = localStart(text, at);
    if (from === at) continue;
    const to = domainEnd(text, at + 1);
    if (to === undefined || isRepository(text, from, at, to)) continue;
    found(from, to, text.slice(from, to).toLowerCase());
  }
}

/** RFC 5322 allows more signs in a name; of those `+`, `'` and `%` are used. */
function localStart(text: string, at: number): number {
  const limit = Math.max(0, at - longestLocal);
  let from = at;
  for (;;) {
    const start = runStart(text, from, local, limit);
    const before = text[start - 1];
    from = start;
    if (start <= limit || (before !== '+' && before !== '%' && before !== "'")) break;
    from = start - 1;
  }
  while (from < at && !isAt(text, from, alphanumeric | underscore | other)) from++;
  return from;
}

/** Where the longest domain that begins at `from` ends; undefined when none does. */
function domainEnd(text: string, from: number): number | undefined {
  const labels = text.slice(from, runEnd(text, from, domain, from + longestDomain)).split('.');
  const empty = labels.indexOf('');
  if (empty >= 0) labels.length = empty;
  if (/^(?:v\d+|\d{1,2}x?)$/i.test(labels[0] ?? '') || (isNumber(labels[0]) && isNumber(labels[1]))) return undefined;
  for (let count = labels.length; count >= 2; count--) {
    const last = labels[count - 1]!.replace(/-+$/, '');
    if (!isTopLevel(last)) continue;
    return from + labels.slice(0, count - 1).join('.').length + 1 + last.length;
  }
  return undefined;
}

const isNumber = (label: string | undefined): boolean =>
  label !== undefined && runEnd(label, 0, digit) === label.length;

const isTopLevel = (label: string): boolean =>
  label.length >= 2 && (runEnd(label, 0, letter | other) === label.length || /^xn--[a-z0-9-]+$/i.test(label));

/** `git@github.com:shop/pay.git` */
const isRepository = (text: string, from: number, at: number, to: number): boolean =>
  at - from === 3 && text.startsWith('git', from) && text[to] === ':' && isAt(text, to + 1, letter);
