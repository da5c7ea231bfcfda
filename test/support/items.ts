import assert from 'node:assert/strict';
import { writeItem } from '../../src/kernel/item.js';
import { DocumentWriter } from '../../src/kernel/document.js';
import { Slot } from '../../src/kernel/slot.js';
import type { BatchWriter, SendItems } from '../../src/types/batch.js';
import type { FileFacts, LogRecord } from '../../src/types/record.js';
import type { Output } from '../../outputs/output.js';

/** One file for all records of a test. */
export const testFile: FileFacts = {
  fileId: '0123456789abcdef01234567',
  path: '/var/log/app/test.log',
  birthMs: Date.UTC(2026, 10, 20),
};

let offset = 0;

/** A record whose line is `line`; each has an offset of its own, so ids differ. Its time is now, since some destinations refuse old ones. */
export function recordOf(line: string | Buffer, over: Partial<LogRecord> = {}): LogRecord {
  const text = Buffer.from(line);
  const start = offset;
  offset += text.length + 1;
  return {
    file: testFile,
    start,
    end: offset,
    part: undefined,
    text,
    from: 0,
    to: text.length,
    format: '',
    timeMs: Date.now(),
    timeText: '',
    level: undefined,
    logger: undefined,
    message: undefined,
    members: [],
    errorMessage: undefined,
    ...over,
  };
}

/** Records, encoded as the lane would. */
export function itemsOf(output: Output, records: readonly LogRecord[]): SendItems {
  return itemsBy(records.map((record) => [record, (body: BatchWriter) => writeItem(output.item, record, body)]));
}

/** The plain form of every item, as `delivery` makes it for refused ones. */
export function plainItemsOf(output: Output, items: SendItems, reason: string): SendItems {
  return itemsBy(
    Array.from({ length: items.count }, (_, i) => [
      recordOf(''),
      (body: BatchWriter) => {
        output.encodePlain?.(items.body.subarray(items.itemStart(i), items.itemEnd(i)), reason, body);
      },
    ]),
  );
}

/** The slot that the program itself uses, large enough for any test. */
function itemsBy(writes: readonly (readonly [LogRecord, (body: BatchWriter) => void])[]): SendItems {
  const slot = new Slot({ bytes: 16 << 20, records: writes.length, document: new DocumentWriter() });
  for (const [record, write] of writes) {
    write(slot.writer);
    assert.ok(slot.endItem(record.file, record.timeMs), 'an item did not fit');
  }
  return slot.items(0, writes.length);
}
