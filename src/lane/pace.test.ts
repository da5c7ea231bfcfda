import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../test/support/manual-clock.js';
import { Pace } from './pace.js';

test('the first record after a pause goes at once', async () => {
  const clock = new ManualClock();
  const pace = new Pace(1000, clock);
  assert.ok(pace.remainingMs <= 0);
  pace.started();
  assert.ok(pace.remainingMs > 0);
  await clock.advance(1200);
  assert.ok(pace.remainingMs <= 0);
});

test('the wait is jittered by 20 % either way and counts from the last start', async () => {
  for (const [random, wait] of [
    [0, 800],
    [0.5, 1000],
    [1, 1200],
  ] as const) {
    const clock = new ManualClock();
    const pace = new Pace(1000, clock, () => random);
    pace.started();
    assert.equal(Math.round(pace.remainingMs), wait);
    await clock.advance(300);
    assert.equal(Math.round(pace.remainingMs), wait - 300);
    pace.started();
    assert.equal(Math.round(pace.remainingMs), wait);
  }
});

test('the wait counts from where the batch began, not from where it was full', async () => {
  const clock = new ManualClock();
  const pace = new Pace(1000, clock, () => 0.5);
  const begun = clock.monotonic();
  await clock.advance(250);
  pace.started(begun);
  assert.equal(Math.round(pace.remainingMs), 750);
});

test('the wall clock is not looked at', () => {
  const clock = new ManualClock();
  const pace = new Pace(1000, clock, () => 0.5);
  pace.started();
  clock.jump(86_400_000);
  assert.equal(Math.round(pace.remainingMs), 1000);
});

test('in a hurry nothing waits', () => {
  const pace = new Pace(1000, new ManualClock());
  pace.started();
  pace.hurry();
  assert.equal(pace.remainingMs, 0);
});
