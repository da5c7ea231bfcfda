import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Wakeup } from './wakeup.js';

const never = new AbortController().signal;

test('a wake-up while nobody waits is kept for the next who does, once', async () => {
  const wakeup = new Wakeup();
  wakeup.wake();
  wakeup.wake();
  await wakeup.wait(Infinity, never);
  let woken = false;
  const second = wakeup.wait(Infinity, never).then(() => (woken = true));
  await new Promise(setImmediate);
  assert.equal(woken, false);
  wakeup.wake();
  await second;
});

test('a wake-up whose cause was seen to wakes nobody', async () => {
  const wakeup = new Wakeup();
  wakeup.wake();
  wakeup.forget();
  let woken = false;
  const waiting = wakeup.wait(Infinity, never).then(() => (woken = true));
  await new Promise(setImmediate);
  assert.equal(woken, false);
  wakeup.wake();
  await waiting;
});

// A timer drops parts of a millisecond, and may come one early by the loop's own clock: what is asked of it counts.
test('a wait asks for no less than its time, parts of a millisecond included', async (t) => {
  const timers = t.mock.method(globalThis, 'setTimeout');
  const wakeup = new Wakeup();
  for (const ms of [0.4, 1.7, 2.9]) await wakeup.wait(ms, never);
  assert.deepEqual(
    timers.mock.calls.map((call) => call.arguments[1]),
    [1, 2, 3],
  );
});

test('an aborted signal ends the wait', async () => {
  const stop = new AbortController();
  const waiting = new Wakeup().wait(Infinity, stop.signal);
  stop.abort();
  await waiting;
});
