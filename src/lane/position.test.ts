import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinePosition } from './position.js';

test('a whole line has no part number', () => {
  assert.equal(new LinePosition(-1, 0).partOf(10, 'whole'), undefined);
});

test('the pieces of a long line are numbered from 0, and the one with its end is the last', () => {
  const position = new LinePosition(-1, 0);
  const parts = (['cut', 'cut', 'whole'] as const).map((piece, n) => {
    const part = position.partOf(10 + n, piece);
    if (piece === 'whole') position.end();
    else position.goOn(10 + n);
    return part;
  });
  assert.deepEqual(parts, [
    { offset: 10, index: 0, last: false },
    { offset: 10, index: 1, last: false },
    { offset: 10, index: 2, last: true },
  ]);
  assert.ok(!position.inside);
  assert.equal(position.partOf(20, 'whole'), undefined);
});

test('an unterminated line looks whole; what comes after it is its part 1, also after a restart', () => {
  const position = new LinePosition(-1, 0);
  assert.equal(position.partOf(5, 'open'), undefined);
  position.goOn(5);
  const later = new LinePosition(position.lineStart, position.part);
  assert.ok(later.inside);
  assert.deepEqual(later.partOf(8, 'open'), { offset: 5, index: 1, last: false });
  later.goOn(8);
  assert.deepEqual(later.partOf(9, 'whole'), { offset: 5, index: 2, last: true });
});
