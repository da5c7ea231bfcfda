import { clearParsed, type LogRecord } from '../types/record.js';

/** The line as text: no time, no level, blanks kept. Makes no string: the encoder copies the bytes. */
export function readRaw(record: LogRecord): 'record' {
  clearParsed(record);
  return 'record';
}
