import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FileFacts, LogRecord } from '../types/record.js';
import { DocumentWriter } from './document.js';
import { Slot } from './slot.js';

const file: FileFacts = { fileId: '0123456789abcdef01234567', path: '/var/log/app/a.log', birthMs: 0 };
const otherFile: FileFacts = { ...file, path: '/var/log/app/b.log' };
const document = new DocumentWriter({ service: { name: 'pay' } });

function recordOf(text: Buffer, message?: string): LogRecord {
  return {
    file,
    start: 0,
    end: text.length + 1,
    part: undefined,
    text,
    from: 0,
    to: text.length,
    format: '',
    timeMs: 0,
    timeText: '',
    level: 'info',
    logger: undefined,
    message,
    members: [{ key: 'n', json: '1' }],
    errorMessage: undefined,
  };
}

/** An item is a list of writes. */
type Write = (slot: Slot) => void;

const anyBytes = fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes));
const anyWrite: fc.Arbitrary<Write> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }).map(
    (text): Write =>
      ({ writer }) =>
        writer.text(text),
  ),
  fc.string({ unit: 'binary', maxLength: 8 }).map(
    (text): Write =>
      ({ writer }) =>
        writer.jsonString(text),
  ),
  anyBytes.map(
    (bytes): Write =>
      ({ writer }) =>
        writer.bytes(bytes, 0, bytes.length),
  ),
  anyBytes.map(
    (bytes): Write =>
      ({ writer }) =>
        void writer.jsonBytes(bytes, 0, bytes.length),
  ),
  anyBytes.map(
    (bytes): Write =>
      ({ writer }) =>
        writer.repaired(bytes, 0, bytes.length),
  ),
  anyBytes.map(
    (bytes): Write =>
      ({ writer }) =>
        writer.document(recordOf(bytes)),
  ),
  fc.string({ maxLength: 8 }).map(
    (text): Write =>
      ({ writer }) =>
        writer.document(recordOf(Buffer.alloc(0), text)),
  ),
);
const anyItem = fc.array(anyWrite, { maxLength: 3 });

/** What an item looks like in a slot that has all the room it wants. */
function alone(item: readonly Write[]): string {
  const slot = new Slot({ bytes: 1 << 16, records: 1, document });
  for (const write of item) write(slot);
  assert.ok(slot.endItem(file, 0));
  return slot.items(0, 1).body.toString('latin1');
}

function stored(slot: Slot): string[] {
  if (slot.count === 0) return [];
  const items = slot.items(0, slot.count);
  return Array.from({ length: items.count }, (_, i) =>
    items.body.toString('latin1', items.itemStart(i), items.itemEnd(i)),
  );
}

test('a slot of any size takes exactly the items that fit, and one that does not fit changes nothing', () => {
  fc.assert(
    fc.property(fc.array(anyItem, { maxLength: 5 }), fc.nat(5), (items, records) => {
      const wanted = items.map(alone);
      const whole = wanted.join('').length;
      for (let bytes = 0; bytes <= whole; bytes++) {
        const slot = new Slot({ bytes, records, document });
        const expected: string[] = [];
        for (const [i, item] of items.entries()) {
          for (const write of item) write(slot);
          const fits = expected.length < records && expected.join('').length + wanted[i]!.length <= bytes;
          assert.equal(slot.writer.overflow, expected.join('').length + wanted[i]!.length > bytes);
          assert.equal(slot.endItem(file, i), fits);
          assert.equal(slot.writer.overflow, false);
          if (fits) expected.push(wanted[i]!);
          assert.deepEqual(stored(slot), expected);
          assert.equal(slot.weightSum, expected.join('').length);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('any order of adding, taking back and keeping items leaves the table and the bytes of a list', () => {
  interface Item {
    readonly text: string;
    readonly weight: number;
    readonly timeMs: number;
    readonly file: FileFacts;
  }
  const action = fc.oneof(
    { weight: 3, arbitrary: fc.record({ add: fc.string({ maxLength: 9 }), weight: fc.option(fc.nat(99)) }) },
    fc.record({ truncateTo: fc.nat(20) }),
    fc.record({ keep: fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }) }),
    fc.record({ unfinished: fc.string() }),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 20 }), (actions) => {
      const slot = new Slot({ bytes: 4096, records: 32, document });
      let model: Item[] = [];
      for (const [timeMs, step] of actions.entries()) {
        if ('add' in step) {
          slot.writer.text(step.add);
          if (step.weight !== null) slot.writer.weigh(step.weight);
          const from = timeMs % 2 === 0 ? file : otherFile;
          assert.ok(slot.endItem(from, timeMs));
          const weight = step.weight ?? Buffer.byteLength(step.add);
          model.push({ text: Buffer.from(step.add).toString('latin1'), weight, timeMs, file: from });
        } else if ('truncateTo' in step) {
          slot.truncate(Math.min(step.truncateTo, model.length));
          model = model.slice(0, step.truncateTo);
        } else if ('keep' in step) {
          slot.retain((item) => step.keep[item] ?? false);
          model = model.filter((_, item) => step.keep[item] ?? false);
        } else {
          slot.writer.text(step.unfinished);
          slot.truncate(slot.count);
        }
        assert.equal(slot.count, model.length);
        assert.equal(
          slot.weightSum,
          model.reduce((sum, { weight }) => sum + weight, 0),
        );
        for (let from = 0; from < model.length; from++) {
          for (let to = from + 1; to <= model.length; to++) {
            const items = slot.items(from, to);
            const part = model.slice(from, to);
            assert.equal(items.body.toString('latin1'), part.map(({ text }) => text).join(''));
            assert.equal(items.file, part[0]!.file);
            assert.deepEqual(
              part.map((_, i) => [
                items.body.toString('latin1', items.itemStart(i), items.itemEnd(i)),
                items.weight(i),
                items.timeMs(i),
              ]),
              part.map(({ text, weight, timeMs }) => [text, weight, timeMs]),
            );
          }
        }
      }
    }),
    { numRuns: 150 },
  );
});

test('the length of a message is that of its repaired text, whatever its escaped form takes', () => {
  const slot = new Slot({ bytes: 64, records: 1, document });
  const source = Buffer.from('"\u00e9\n\xff', 'latin1');
  assert.equal(slot.writer.jsonBytes(source, 0, source.length), 1 + 3 + 1 + 3);
  assert.ok(slot.endItem(file, 0));
  assert.equal(slot.items(0, 1).body.toString(), '"\\"\ufffd\\n\ufffd"');
});

test('half a surrogate pair is written as U+FFFD, and text that looks like its escape as it is', () => {
  const slot = new Slot({ bytes: 256, records: 1, document });
  slot.writer.jsonString('\ud83d|\ude00|\ud83d\ude00|\\ud83d');
  slot.writer.text('\ud83d');
  assert.ok(slot.endItem(file, 0));
  assert.equal(slot.items(0, 1).body.toString(), '"\ufffd|\ufffd|\ud83d\ude00|\\\\ud83d"\ufffd');
});
