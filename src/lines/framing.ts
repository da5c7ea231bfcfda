import { sequenceAt } from '../types/utf8.js';
import type { Encoding } from './encoding.js';

/** Where a line lies in the bytes: text [textStart, textEnd), its line end after it up to rawEnd. Filled anew for each line. */
export interface LineSpan {
  textStart: number;
  textEnd: number;
  rawEnd: number;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Finds the line that begins at `from`: it ends with the first line feed, and one carriage return before that belongs to the end. False, and `span`
 * untouched, when `[from, to)` holds no whole line. In UTF-16 `from` is where a code unit begins.
 */
export function nextLine(bytes: Buffer, from: number, to: number, encoding: Encoding, span: LineSpan): boolean {
  const unit = unitBytes(encoding);
  const end = encoding === 'utf-8' ? bytes.indexOf(lineFeed, from) : findUnit(bytes, from, to, encoding);
  if (end === -1 || end >= to) return false;
  const hasReturn = end > from && unitAt(bytes, end - unit, encoding) === carriageReturn;
  span.textStart = from;
  span.textEnd = hasReturn ? end - unit : end;
  span.rawEnd = end + unit;
  return true;
}

/** Whether a text is nothing but ASCII white space. An empty one is. */
export function isBlank(bytes: Buffer, from: number, to: number, encoding: Encoding): boolean {
  const unit = unitBytes(encoding);
  for (let at = from; at < to; at += unit) {
    if (at + unit > to) return false;
    const code = unitAt(bytes, at, encoding);
    if (code !== 0x20 && (code < 0x09 || code > 0x0d)) return false;
  }
  return true;
}

/**
 * Number of NUL bytes at a line's start, UTF-8 only. An application that goes on at its old offset after a copytruncate leaves a hole in the file, which
 * reads as NULs: they are skipped and belong to no line.
 */
export function nulRun(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] === 0) at++;
  return at - from;
}

/**
 * Where to cut a line that is too long: at most `max` bytes after `from`, not inside a character, and not between `\r` and `\n`. Always beyond `from`, if
 * need be by one character that is longer than `max`. `[from, to)` is what is there of the line, and not empty. Once a code unit is there behind
 * `max`, the place no longer depends on what follows.
 */
export function cutPoint(bytes: Buffer, from: number, max: number, to: number, encoding: Encoding): number {
  const unit = unitBytes(encoding);
  const room = Math.min(max, to - from);
  let cut = from + room - (room % unit);
  cut -= encoding === 'utf-8' ? openUtf8(bytes, from, cut, to) : openUtf16(bytes, from, cut, to, encoding);
  if (cut > from && unitAt(bytes, cut - unit, encoding) === carriageReturn && mayBeLineFeed(bytes, cut, to, encoding))
    cut -= unit;
  return cut > from ? cut : from + firstCharacter(bytes, from, to, encoding);
}

/** Bytes before `cut` of a character that goes on behind it, or may. */
function openUtf8(bytes: Buffer, from: number, cut: number, to: number): number {
  for (let back = 1; back <= 3 && cut - back >= from; back++) {
    if ((bytes[cut - back]! & 0xc0) === 0x80) continue;
    const length = sequenceAt(bytes, cut - back, to);
    return Math.abs(length) > back || (length < 0 && cut === to) ? back : 0;
  }
  return 0;
}

function openUtf16(bytes: Buffer, from: number, cut: number, to: number, encoding: Encoding): number {
  if (cut === from || (unitAt(bytes, cut - 2, encoding) & 0xfc00) !== 0xd800) return 0;
  return cut + 2 > to || (unitAt(bytes, cut, encoding) & 0xfc00) === 0xdc00 ? 2 : 0;
}

const mayBeLineFeed = (bytes: Buffer, at: number, to: number, encoding: Encoding): boolean =>
  at + unitBytes(encoding) > to || unitAt(bytes, at, encoding) === lineFeed;

/** Length of what can't be divided at `from`: a character, a broken sequence, or `\r\n`. */
function firstCharacter(bytes: Buffer, from: number, to: number, encoding: Encoding): number {
  const unit = unitBytes(encoding);
  if (to - from <= unit) return to - from;
  const isPair = unitAt(bytes, from, encoding) === carriageReturn && mayBeLineFeed(bytes, from + unit, to, encoding);
  if (encoding === 'utf-8') return isPair ? 2 : Math.abs(sequenceAt(bytes, from, to));
  return Math.min(to - from, isPair || openUtf16(bytes, from, from + unit, to, encoding) > 0 ? 4 : 2);
}

/** Position of the first line feed as a code unit; the byte 0x0a is also one half of many letters. */
function findUnit(bytes: Buffer, from: number, to: number, encoding: Encoding): number {
  const half = encoding === 'utf-16be' ? 1 : 0;
  for (let at = bytes.indexOf(lineFeed, from); at !== -1 && at < to; at = bytes.indexOf(lineFeed, at + 1)) {
    const start = at - half;
    if (start >= from && (start - from) % 2 === 0 && start + 2 <= to && unitAt(bytes, start, encoding) === lineFeed)
      return start;
  }
  return -1;
}

const unitBytes = (encoding: Encoding): number => (encoding === 'utf-8' ? 1 : 2);

function unitAt(bytes: Buffer, at: number, encoding: Encoding): number {
  if (encoding === 'utf-8') return bytes[at]!;
  return encoding === 'utf-16le' ? bytes[at]! | (bytes[at + 1]! << 8) : (bytes[at]! << 8) | bytes[at + 1]!;
}
