import type { LogRecord } from '../types/record.js';

/** First byte of the line that is not ASCII white space; `record.to` when there is none. */
export function contentStart(record: LogRecord): number {
  let at = record.from;
  while (at < record.to && isWhiteSpace(record.text[at])) at++;
  return at;
}

/** One past the last byte of the line that is not ASCII white space; `record.from` when there is none. */
export function contentEnd(record: LogRecord): number {
  let at = record.to;
  while (at > record.from && isWhiteSpace(record.text[at - 1])) at--;
  return at;
}

const isWhiteSpace = (byte: number | undefined): boolean =>
  byte === 0x20 || (byte !== undefined && byte >= 0x09 && byte <= 0x0d);

/** True when this is a later part of a split line, so that its first byte begins nothing. */
export const isContinuation = (record: LogRecord): boolean => record.part !== undefined && record.part.index > 0;

/** True when the line, but for white space around it, begins with `{` and ends with `}`: cheap enough to be asked of every line. */
export function looksLikeObject(record: LogRecord): boolean {
  const start = contentStart(record);
  if (start >= record.to || record.text[start] !== 0x7b) return false;
  return record.text[contentEnd(record) - 1] === 0x7d;
}

/** True when the line's bytes from `at` on are the ASCII text `expected`. */
export function hasAscii(record: LogRecord, at: number, expected: string): boolean {
  if (at + expected.length > record.to) return false;
  for (let i = 0; i < expected.length; i++) if (record.text[at + i] !== expected.charCodeAt(i)) return false;
  return true;
}
