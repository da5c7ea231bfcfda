import type { RunningOutput } from './assemble-lane.js';

/** A lane at work: what stops its filling, what gives up its batches, and its end. */
export interface Journey {
  readonly running: RunningOutput;
  readonly stop: AbortController;
  readonly abandon: AbortController;
  done: Promise<void>;
}

/** Batches under way get this long to be answered when their lane is replaced, ms. */
export const replacedGraceMs = 5000;

/** Stops filling batches and resolves when those under way have their outcome, or were given up after `graceMs`. */
export async function endJourneys(journeys: readonly Journey[], graceMs: number): Promise<void> {
  for (const { stop } of journeys) stop.abort();
  const timer = setTimeout(() => {
    for (const { abandon } of journeys) abandon.abort();
  }, graceMs);
  try {
    await Promise.all(
      journeys.map(async ({ running, done }) => {
        // A lane that was filling a batch submits it before it ends: only then is what is under way all that will be.
        await done;
        await running.lane.delivery.idle();
      }),
    );
  } finally {
    clearTimeout(timer);
  }
}
