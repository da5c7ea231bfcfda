import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { backoffMs, drainBackoff, longestWaitMs, longestWishMs, runningBackoff } from './backoff.js';

const most = () => 1;

test('the window of the wait starts at a quarter of a second, doubles, and ends at a minute', () => {
  const windows = [1, 2, 3, 8, 9, 10, 5000].map((attempt) => backoffMs(attempt, runningBackoff, undefined, most));
  assert.deepEqual(windows, [250, 500, 1000, 32_000, 60_000, 60_000, 60_000]);
});

test('the wait is spread over the whole window, from 0 on', () => {
  assert.equal(
    backoffMs(4, runningBackoff, undefined, () => 0),
    0,
  );
  assert.equal(
    backoffMs(4, runningBackoff, undefined, () => 0.5),
    1000,
  );
});

test('a server that asks for time gets it, and not all come back in the moment that it named', () => {
  const waits = (wish: number, random: () => number) => backoffMs(1, runningBackoff, wish, random);
  assert.equal(
    waits(5_000, () => 0),
    5_000,
  );
  assert.equal(waits(1_000, most), 1_250);
  assert.equal(waits(5_000, most), 6_000);
  assert.equal(waits(300_000, most), 360_000, 'also more than the longest wait of our own');
});

test('a wish of a day is no wish that a full volume could wait for', () => {
  assert.equal(
    backoffMs(1, runningBackoff, 86_400_000, () => 0),
    longestWishMs,
  );
});

test('while draining waits are short, but for what the server asks', () => {
  assert.equal(backoffMs(9, drainBackoff, undefined, most), 1000);
  assert.equal(
    backoffMs(9, drainBackoff, 5000, () => 0),
    5000,
  );
});

test('no wish of a server, however odd, gives a wait that is negative, endless or no number', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e9 }),
      fc.double(),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (attempt, wish, chance) => {
        const wait = backoffMs(attempt, runningBackoff, wish, () => chance);
        assert(wait >= 0 && wait <= 1.2 * longestWishMs, `${wait}`);
        if (wish > 0) assert(wait >= Math.min(wish, longestWishMs));
        else assert(wait <= longestWaitMs);
      },
    ),
  );
});
