import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { RunningOutput } from './assemble-lane.js';
import { endJourneys, type Journey } from './journey.js';

/** A promise that is settled from outside. */
function later(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}

test('a lane has ended when the batch is answered that it was filling when it was stopped', async () => {
  const filled = later();
  const answered = later();
  let open = 0;
  const delivery = { idle: () => (open === 0 ? Promise.resolve() : answered.promise) };
  const journey: Journey = {
    running: { lane: { delivery } } as unknown as RunningOutput,
    stop: new AbortController(),
    abandon: new AbortController(),
    done: filled.promise,
  };
  let ended = false;
  const end = endJourneys([journey], 60_000).then(() => (ended = true));
  assert.equal(journey.stop.signal.aborted, true);

  open = 1;
  filled.resolve();
  await turn();
  assert.equal(ended, false, 'a batch is under way: its answer would move cursors that another lane has by then');

  answered.resolve();
  await end;
  assert.equal(journey.abandon.signal.aborted, false);
});
