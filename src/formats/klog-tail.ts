import type { Member } from '../types/record.js';
import { blank, quote } from './characters.js';
import { readPairs, unescape } from './members/logfmt-pairs.js';
import { membersOf } from './members/value-text.js';

/** A message of klog's structured calls, taken apart. */
export interface KlogTail {
  readonly message: string;
  readonly members: readonly Member[];
}

/**
 * Reads `"message" key="value" …` from `at` on. A value over several lines is `key=<`, its lines each behind a tab, and ` >` on a line of its own. Undefined
 * when the text is not of this form to its end: then it is a message as it stands. Linear. Source: klog, internal/serialize.
 */
export function readKlogTail(line: string, at: number): KlogTail | undefined {
  if (line.charCodeAt(at) !== quote) return undefined;
  const end = closingQuote(line, at);
  if (end === -1 || (end + 1 < line.length && line.charCodeAt(end + 1) !== blank)) return undefined;
  const pairs: [string, string | undefined][] = [];
  // Between two values over several lines there are ordinary pairs.
  for (let from = end + 1; from < line.length;) {
    const lineEnd = indexOrEnd(line, '\n', from);
    const opens = line.endsWith('=<', lineEnd);
    const keyAt = opens ? line.lastIndexOf(' ', lineEnd) + 1 : lineEnd;
    const plain = keyAt <= from ? '' : line.slice(from, keyAt);
    const read = readPairs(plain);
    if (read === undefined || read.some(({ value }) => value === undefined)) return undefined;
    for (const { key, value } of read) pairs.push([key, value]);
    if (!opens) {
      if (lineEnd < line.length) return undefined;
      break;
    }
    // The value's lines may have come apart.
    const closes = line.indexOf('\n >', lineEnd);
    if (closes === -1 || keyAt >= lineEnd - 2) return undefined;
    const text = closes === lineEnd ? '' : line.slice(lineEnd + 1, closes);
    pairs.push([line.slice(keyAt, lineEnd - 2), withoutTabs(text)]);
    from = closes + 3;
  }
  return { message: unescape(line.slice(at + 1, end)), members: membersOf(pairs) };
}

const withoutTabs = (text: string): string => text.replace(/^\t/gm, '');

function indexOrEnd(line: string, text: string, from: number): number {
  const at = line.indexOf(text, from);
  return at === -1 ? line.length : at;
}

function closingQuote(line: string, from: number): number {
  for (let at = from + 1; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === backslash) at++;
    else if (code === quote) return at;
  }
  return -1;
}

const backslash = 0x5c;
