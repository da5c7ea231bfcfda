import type { LogRecord } from '../types/record.js';
import { levels } from './levels.js';

/** Formats look no further for what shows them: a time that begins later is part of a message. */
export const evidenceBytes = 128;

/**
 * True when a line shows nothing of any format: it begins with a letter, not with a level, not with a key and `=`, and its first bytes hold no time of
 * day. `auto` asks no format about such a line, and no format may take one that it guesses from the line alone (evidence 'none'): then most prose
 * costs a look at its first bytes, here and in the kernel, which has the same rule.
 */
export function isPlain({ text, from, to, start, part }: LogRecord): boolean {
  const first = text[from];
  // The first line of a file may be a header.
  if (first === undefined || start === 0 || part !== undefined || !(isLetter(first) || first >= 0x80)) return false;
  const end = Math.min(to, from + evidenceBytes);
  let at = from;
  while (at < end && isWord(text[at]!)) at++;
  if (at === to || text[at] === equals) return false;
  if (isLevel(text, from, at)) return false;
  for (at = from + 1; at < end; at++) {
    if (text[at] === colon && isDigit(text[at - 1]) && at + 1 < to && isDigit(text[at + 1])) return false;
  }
  return true;
}

/** First three letters of the words that loggers call levels by, in lower case. */
export const levelStarts: ReadonlySet<string> = new Set([
  ...[...levels.keys()].filter((word) => /^[a-z]/.test(word)).map((word) => word.slice(0, 3)),
  ...['sev', 'con', 'fin', 'inf', 'dbg', 'wrn', 'ftl', 'vrb', 'log', 'dbu', 'hin', 'sta', 'det', 'con'],
]);
const longestLevel = 11;

/** The word `[from, to)` begins as a level does. */
const isLevel = (text: Buffer, from: number, to: number): boolean =>
  to - from <= longestLevel && levelStarts.has(text.toString('latin1', from, Math.min(to, from + 3)).toLowerCase());

const colon = 0x3a;
const equals = 0x3d;
const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;
const isLetter = (byte: number): boolean => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
/** A character of a key, as logfmt has them. */
const isWord = (byte: number): boolean =>
  isLetter(byte) || isDigit(byte) || byte === 0x5f || byte === 0x2e || byte === 0x2d || byte === 0x40;
