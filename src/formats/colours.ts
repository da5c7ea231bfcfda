import type { LogRecord } from '../types/record.js';
import type { Format, FormatContext } from './format.js';

/** Colours are looked for where formats look for evidence. */
const searchedBytes = 128;
const escapeByte = 0x1b;
// eslint would refuse the escape character in a literal pattern; it is meant here. Sequences that set colours, and those that clear a line.
const sequences = new RegExp('\u001b\\[[0-9;:]*[mK]', 'g');

/** True when the line has a terminal's escape sequence near its beginning. */
export function isColoured({ text, from, to }: LogRecord): boolean {
  const end = Math.min(to, from + searchedBytes);
  for (let at = from; at < end; at++) if (text[at] === escapeByte) return true;
  return false;
}

/**
 * Reads a line as if it had no colours, by the first format that it proves to be then; undefined: none. The record's text stays as it came, its message
 * has no colours.
 */
export function readColoured(
  record: LogRecord,
  formats: readonly Format[],
  known: string,
  context: FormatContext,
): Format | undefined {
  const { text, from, to } = record;
  const bare = text.toString('utf8', from, to).replace(sequences, '');
  record.text = Buffer.from(bare);
  record.from = 0;
  record.to = record.text.length;
  const format = formats.find((one) => one.read(record, one.name === known ? 'usual' : 'none', context) === 'record');
  record.text = text;
  record.from = from;
  record.to = to;
  if (format !== undefined && record.message === undefined) record.message = bare;
  return format;
}
