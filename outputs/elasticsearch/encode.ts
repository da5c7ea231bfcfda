import type { BatchWriter, ItemLayout, ItemPart } from '../../src/types/batch.js';
import { plainDocument } from '../../src/types/plain-document.js';
import type { Template } from '../template.js';

/**
 * An item: the action line, the document, each with its line end. `create` with our own id makes a second delivery a conflict instead of a
 * second document, and is the only action that a data stream takes. The index is in the line only where it differs between records; else it is in
 * the path.
 */
export function itemLayout(index: Template): ItemLayout {
  // Nothing here needs escaping: ids are digits, letters and hyphens, and a quote or a backslash is illegal in a name (`indexRules`).
  return {
    parts: [
      { literal: '{"create":{' },
      ...indexPart(index),
      { literal: '"_id":"' },
      'id',
      { literal: '"}}\n' },
      'document',
      { literal: '\n' },
    ],
    weight: 'encoded',
  };
}

function indexPart(index: Template): ItemPart[] {
  if (index.constant !== undefined) return [];
  const text = (name: string): string => `"_index":"${name}",`;
  if (index.hasFields) return [{ each: (record) => text(index.forRecord(record)) }];
  return [{ hourly: (timeMs) => text(index.forTime(timeMs)) }];
}

/** The same action with the document as text, so that a mapping conflict stays searchable. `item` is what the layout made. */
export function encodePlain(item: Buffer, reason: string, body: BatchWriter): void {
  const actionEnd = item.indexOf(0x0a) + 1;
  body.bytes(item, 0, actionEnd);
  body.text(plainDocument(item.subarray(actionEnd, item.length - 1), reason));
  body.text('\n');
}
