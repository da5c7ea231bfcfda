import type { BatchWriter } from '../../src/types/batch.js';
import { plainDocument } from '../../src/types/plain-document.js';
import type { LogRecord } from '../../src/types/record.js';

/** An item: the document and its line end. */
export function encode(record: LogRecord, body: BatchWriter): void {
  body.document(record);
  body.text('\n');
}

/** The document as text. `item` is what `encode` wrote. */
export function encodePlain(item: Buffer, reason: string, body: BatchWriter): void {
  body.text(plainDocument(item.subarray(0, item.length - 1), reason));
  body.text('\n');
}
