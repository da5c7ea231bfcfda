import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ManualClock } from '../../test/support/manual-clock.js';
import { budgetBytesPerSecond, RetryBudget } from './retry-budget.js';

const batch = 2 * 1024 ** 2;

test('a short hiccup waits for nothing: one batch is saved up', () => {
  const budget = new RetryBudget(batch, new ManualClock());
  assert.equal(budget.spend(batch), 0);
  assert.equal(budget.spend(budgetBytesPerSecond), 1_000);
});

test('a fifth of what is sent for the first time may be sent again', () => {
  const budget = new RetryBudget(batch, new ManualClock());
  budget.spend(batch);
  budget.earn(5 * 1024 ** 2);
  assert.equal(budget.spend(1024 ** 2), 0);
  assert(budget.spend(1) > 0);
});

test('what is saved up is never more than a batch, and no debt makes a wait of more than a minute', async () => {
  const clock = new ManualClock();
  const budget = new RetryBudget(batch, clock);
  budget.earn(1e12);
  await clock.advance(3_600_000);
  assert.equal(budget.spend(batch), 0);
  assert(budget.spend(1_000) > 0);
  assert.equal(budget.spend(1e12), 60_000);
});

test('over any time, what is sent again stays within the batch saved up, a fifth of what is new, and what time pays', async () => {
  const act = fc.oneof(
    fc.record({ kind: fc.constant('fresh' as const), bytes: fc.integer({ min: 0, max: batch }) }),
    fc.record({ kind: fc.constant('again' as const), bytes: fc.integer({ min: 0, max: batch }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 200 }), async (acts) => {
      const clock = new ManualClock();
      const budget = new RetryBudget(batch, clock);
      let fresh = 0;
      let again = 0;
      for (const { kind, bytes } of acts) {
        if (kind === 'fresh') {
          fresh += bytes;
          budget.earn(bytes);
          continue;
        }
        await clock.advance(budget.spend(bytes));
        again += bytes;
        const allowed = batch + 0.2 * fresh + (clock.monotonic() / 1000) * budgetBytesPerSecond;
        assert(again <= allowed + 1, `${again} of ${allowed}`);
      }
    }),
  );
});
