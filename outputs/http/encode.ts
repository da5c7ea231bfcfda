import type { BatchWriter, ItemLayout } from '../../src/types/batch.js';
import { plainDocument } from '../../src/types/plain-document.js';

/** An item: the document and its line end. */
export const itemLayout: ItemLayout = { parts: ['document', { literal: '\n' }], weight: 'encoded' };

/** The document as text. `item` is what the layout made. */
export function encodePlain(item: Buffer, reason: string, body: BatchWriter): void {
  body.text(plainDocument(item.subarray(0, item.length - 1), reason));
  body.text('\n');
}
