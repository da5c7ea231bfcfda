import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ManualClock } from '../../test/support/manual-clock.js';
import { pacedBatchBytes, RateLimit } from './rate-limit.js';

const mega = 1_000_000;

test('the first request goes at once, the next when the bytes before it are paid, and idle time is not saved up', async () => {
  const clock = new ManualClock();
  const limit = new RateLimit(mega, clock);
  assert.equal(limit.reserve(2 * mega), 0);
  assert.equal(limit.reserve(mega), 2_000);
  assert.equal(limit.reserve(mega), 3_000);
  await clock.advance(60_000);
  assert.equal(limit.reserve(mega), 0);
  assert.equal(limit.reserve(mega), 1_000);
});

test('what was not sent costs nothing', () => {
  const limit = new RateLimit(mega, new ManualClock());
  limit.reserve(3 * mega);
  limit.giveBack(2 * mega);
  assert.equal(limit.reserve(mega), 1_000);
});

test('without a limit, or once it is lifted, nobody waits', () => {
  const none = new RateLimit(undefined, new ManualClock());
  none.reserve(1e12);
  assert.equal(none.reserve(1e12), 0);
  const lifted = new RateLimit(1, new ManualClock());
  lifted.reserve(1e12);
  lifted.lift();
  assert.equal(lifted.reserve(1e12), 0);
  lifted.giveBack(1e12);
  assert.equal(lifted.reserve(1), 0);
});

test('over any stretch of time no more bytes go than the limit allows, and one request', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: mega }), { minLength: 1, maxLength: 50 }), async (bodies) => {
      const clock = new ManualClock();
      const limit = new RateLimit(mega, clock);
      const sent: { atMs: number; bytes: number }[] = [];
      for (const bytes of bodies) {
        await clock.advance(limit.reserve(bytes));
        sent.push({ atMs: clock.monotonic(), bytes });
      }
      for (const [first, { atMs: from }] of sent.entries())
        for (let last = first, sum = 0; last < sent.length; last++) {
          const before = sum;
          sum += sent[last]!.bytes;
          assert(before <= ((sent[last]!.atMs - from) / 1000) * mega + 1, `${before} bytes before the one at ${last}`);
        }
    }),
    { numRuns: 50 },
  );
});

test('batches are a second’s worth, neither tiny nor larger than they were', () => {
  assert.equal(pacedBatchBytes(2 * mega, undefined), 2 * mega);
  assert.equal(pacedBatchBytes(2 * mega, 500_000), 500_000);
  assert.equal(pacedBatchBytes(2 * mega, 16_384), 65_536);
  assert.equal(pacedBatchBytes(2 * mega, 100 * mega), 2 * mega);
  assert.equal(pacedBatchBytes(1_024, 500_000), 1_024);
});
