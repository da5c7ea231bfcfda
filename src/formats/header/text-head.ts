import { jsonString } from '../../types/json-string.js';
import type { LogRecord, Member } from '../../types/record.js';

/** No header is longer. */
const headBytes = 384;

/** The beginning of a record's text, a character for each byte, so that a place in it is a place in the text. */
export const headOf = ({ text, from, to }: LogRecord): string =>
  text.toString('latin1', from, Math.min(to, from + headBytes));

/** The text of bytes `[from, to)` of the record, counted from the text's beginning. */
export function textOf(record: LogRecord, head: string, from: number, to: number): string {
  for (let at = from; at < to; at++) {
    if (head.charCodeAt(at) >= 0x80) return record.text.toString('utf8', record.from + from, record.from + to);
  }
  return head.slice(from, to);
}

/** The text from byte `at` on. */
export const restOf = (record: LogRecord, at: number): string =>
  record.text.toString('utf8', Math.min(record.from + at, record.to), record.to);

export const member = (key: string, text: string): Member => ({ key, json: jsonString(text) });
