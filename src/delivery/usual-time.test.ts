import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsualTime } from './usual-time.js';

const times = (count: number, act: () => boolean): boolean[] => Array.from({ length: count }, act);

test('an answer is slow when it took far longer than others of its size', () => {
  const usual = new UsualTime();
  times(10, () => usual.isSlow(1_000_000, 100));
  assert.equal(usual.isSlow(1_000_000, 240), false);
  assert.equal(usual.isSlow(1_000_000, 300), true);
});

test('a large body after many small ones is not slow', () => {
  const usual = new UsualTime();
  times(50, () => usual.isSlow(500, 3));
  assert.equal(usual.isSlow(2_000_000, 900), false);
});

test('a few ms are noise, and the first answers say nothing', () => {
  const usual = new UsualTime();
  assert.deepEqual(
    [1, 900, 1].map((ms) => usual.isSlow(500, ms)),
    [false, false, false],
  );
  const steady = new UsualTime();
  times(20, () => steady.isSlow(500, 1));
  assert.equal(steady.isSlow(500, 45), false);
});

test('what stays slow becomes the usual', () => {
  const usual = new UsualTime();
  times(20, () => usual.isSlow(1_000, 20));
  const after = times(30, () => usual.isSlow(1_000, 400));
  assert.equal(after[0], true);
  assert.equal(after.at(-1), false);
});
