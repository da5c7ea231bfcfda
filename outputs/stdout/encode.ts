import type { BatchWriter } from '../../src/types/batch.js';
import type { LogRecord } from '../../src/types/record.js';

/** One document and its line end: the items of a batch, back to back, are what is written. */
export function encode(record: LogRecord, body: BatchWriter): void {
  body.document(record);
  body.text('\n');
}
