import type { BatchWriter } from '../../src/types/batch.js';
import { plainDocument } from '../../src/types/plain-document.js';
import { type LogRecord, writeRecordId } from '../../src/types/record.js';
import type { Template } from '../template.js';

/**
 * An item: the action line, the document, each with its line end. `create` with our own id makes a second delivery a conflict instead of a
 * second document, and is the only action that a data stream takes. The index is in the line only where it differs between records; else it is in
 * the path.
 */
export function encode(record: LogRecord, index: Template, body: BatchWriter): void {
  // Nothing here needs escaping: ids are digits, letters and hyphens, and a quote or a backslash is illegal in a name (`indexRules`).
  body.text('{"create":{');
  if (index.constant === undefined) body.text(`"_index":"${index.forRecord(record)}",`);
  body.text('"_id":"');
  writeRecordId(record, body);
  body.text('"}}\n');
  body.document(record);
  body.text('\n');
}

/** The same action with the document as text, so that a mapping conflict stays searchable. `item` is what `encode` wrote. */
export function encodePlain(item: Buffer, reason: string, body: BatchWriter): void {
  const actionEnd = item.indexOf(0x0a) + 1;
  body.bytes(item, 0, actionEnd);
  body.text(plainDocument(item.subarray(actionEnd, item.length - 1), reason));
  body.text('\n');
}
