import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Watermark, type Stretch } from './watermark.js';

const stretch = (from: number, to: number, more: Partial<Stretch> = {}): Stretch => ({
  from,
  to: { offset: to, hash: `at ${to}`, length: 1 },
  lineStart: -1,
  part: 0,
  pending: 0,
  deliveredBytes: 0,
  deadBytes: 0,
  droppedBytes: 0,
  ...more,
});

test('the cursor stands before the first stretch that is pending, whatever later ones are', () => {
  const watermark = new Watermark(undefined);
  const first = stretch(0, 10, { pending: 1 });
  const second = stretch(10, 30, { pending: 2 });
  assert.equal(watermark.add(first), false);
  assert.equal(watermark.add(second), false);
  second.pending = 0;
  second.deliveredBytes = 20;
  assert.equal(watermark.advance(), false);
  assert.equal(watermark.cursor.offset, 0);
  assert.ok(watermark.busy);

  first.pending = 0;
  first.deadBytes = 4;
  assert.equal(watermark.advance(), true);
  assert.deepEqual(watermark.cursor, { offset: 30, hash: 'at 30', length: 1 });
  assert.deepEqual(watermark.ledger, { delivered: 20, deadLettered: 4, leftOut: 6, dropped: 0 });
  assert.ok(!watermark.busy);
});

test('a stretch without records moves the cursor at once, and its bytes are left out', () => {
  const watermark = new Watermark(undefined);
  assert.equal(watermark.add(stretch(0, 7)), true);
  assert.equal(watermark.stored().offset, 7);
  assert.equal(watermark.ledger.leftOut, 7);
});

test('what is stored begins where an earlier run stood, with the open line of its last stretch', () => {
  const ledger = { delivered: 3, deadLettered: 0, leftOut: 2, dropped: 0 };
  const watermark = new Watermark({ offset: 5, anchor: 'a', anchorLength: 5, lineStart: 2, part: 1, ledger });
  assert.deepEqual(watermark.stored(), { offset: 5, anchor: 'a', anchorLength: 5, lineStart: 2, part: 1, ledger });
  watermark.add(stretch(5, 9, { lineStart: 2, part: 2, deliveredBytes: 4 }));
  const stored = watermark.stored();
  assert.deepEqual([stored.offset, stored.lineStart, stored.part], [9, 2, 2]);
  assert.deepEqual(stored.ledger, { ...ledger, delivered: 7 });
  watermark.add(stretch(9, 12, { deliveredBytes: 3 }));
  assert.equal(stored.ledger.delivered, 7, 'what was handed out does not change');
});

test('a gap or an overlap is a broken invariant', () => {
  for (const [from, to] of [
    [1, 5],
    [0, -1],
  ] as const)
    assert.throws(() => new Watermark(undefined).add(stretch(from, to)));
  const watermark = new Watermark(undefined);
  watermark.add(stretch(0, 5, { pending: 1 }));
  assert.throws(() => watermark.add(stretch(4, 8)));
});

test('offset and ledger always add up, in whatever order stretches settle and however records overlap', () => {
  const piece = fc.record({
    bytes: fc.nat(50),
    delivered: fc.nat(80),
    dead: fc.nat(80),
    dropped: fc.nat(80),
    turn: fc.nat(1000),
  });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const watermark = new Watermark(undefined);
      let at = 0;
      const added = pieces.map(({ bytes, turn, ...rest }) => {
        const one = stretch(at, (at += bytes), { pending: 1 });
        watermark.add(one);
        return { one, turn, ...rest };
      });
      for (const { one, delivered, dead, dropped } of added.sort((a, b) => a.turn - b.turn)) {
        Object.assign(one, { pending: 0, deliveredBytes: delivered, deadBytes: dead, droppedBytes: dropped });
        watermark.advance();
        const { ledger, cursor } = watermark;
        assert.equal(ledger.delivered + ledger.deadLettered + ledger.leftOut + ledger.dropped, cursor.offset);
        assert.ok([ledger.delivered, ledger.deadLettered, ledger.leftOut, ledger.dropped].every((bytes) => bytes >= 0));
      }
      assert.equal(watermark.cursor.offset, at);
    }),
  );
});

const place = (offset: number) => ({ offset, anchor: `at ${offset}`, anchorLength: 1, lineStart: -1, part: 0 });
const none = { delivered: 0, deadLettered: 0, leftOut: 0, dropped: 0 };

test('above a gap: cursor and ledger are the gap’s until it has come as far, and then take in the range', () => {
  const gap = new Watermark(undefined);
  const whole = new Watermark({ start: 50, ...place(50), ledger: none }, gap);
  const open = stretch(0, 50, { pending: 1 });
  gap.add(open);
  whole.add(stretch(50, 70, { deliveredBytes: 18 }));
  assert.deepEqual([whole.cursor.offset, whole.top.offset, whole.bytesAhead, whole.busy], [0, 70, 20, true]);
  assert.deepEqual(whole.ledger, none);
  assert.equal(whole.merge(), false);
  const stored = whole.stored();
  assert.equal(stored.offset, 0);
  assert.deepEqual(stored.ahead, { start: 50, ...place(70), ledger: { ...none, delivered: 18, leftOut: 2 } });

  Object.assign(open, { pending: 0, deadBytes: 50 });
  gap.advance();
  assert.equal(whole.merge(), true);
  assert.deepEqual(whole.stored(), {
    ...place(70),
    ledger: { delivered: 18, deadLettered: 50, leftOut: 2, dropped: 0 },
  });
  assert.equal(whole.bytesAhead, 0);
  assert.equal(whole.merge(), false, 'once');
});

test('a gap that is read to its end and has no outcome yet holds the cursor', () => {
  const gap = new Watermark(undefined);
  const whole = new Watermark({ start: 10, ...place(10), ledger: none }, gap);
  gap.add(stretch(0, 10, { deliveredBytes: 10 }));
  // A summary of what was held back: no byte of the file is its.
  gap.add(stretch(10, 10, { pending: 1 }));
  assert.equal(whole.merge(), false);
  assert.ok(whole.busy);
});
