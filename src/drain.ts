import type { Agent } from './agent.js';
import type { Clock } from './types/clock.js';
import type { Configuration } from './types/configuration.js';

/** What an output still lacks, in bytes, after a drain or a run to the end. */
export interface Shortfall {
  readonly output: string;
  readonly bytes: number;
}

/** How often positions and sizes are looked at while draining, ms. */
const lookMs = 100;
/** Kept of the drain's time for acknowledgements and the commit, ms. */
const reserveMs = 2000;

type Limits = Pick<Configuration, 'drainTimeoutMs' | 'drainQuietMs' | 'drainMinMs'>;

/**
 * The application may still be writing its last lines: goes on tailing until the files have been quiet, delivers, commits. Ends by the
 * drain's deadline or, with `cut`, at once. Returns what is left.
 */
export async function drain(
  agent: Agent,
  limits: Limits,
  clock: Clock,
  cut: AbortSignal,
): Promise<readonly Shortfall[]> {
  const begun = clock.monotonic();
  const deadline = begun + limits.drainTimeoutMs;
  const lastLook = deadline - Math.min(reserveMs, limits.drainTimeoutMs / 2);
  // A lane that is being replaced would not know of the drain.
  await Promise.race([agent.settle(), clock.wait(limits.drainTimeoutMs / 2, cut)]);
  agent.table.beginDrain();
  await Promise.race([agent.table.scan(), clock.wait(limits.drainTimeoutMs / 2, cut)]);
  for (const lane of agent.lanes) lane.beginDrain(limits.drainQuietMs);
  const isOver = (): boolean =>
    agent.table.quietMs() >= limits.drainQuietMs &&
    clock.monotonic() - begun >= limits.drainMinMs &&
    agent.lanes.every((lane) => lane.isDrained);
  while (!cut.aborted && clock.monotonic() < lastLook) {
    agent.table.lookAtAll();
    if (isOver()) {
      // A file of the last moment may not be known yet.
      await agent.table.scan();
      if (isOver()) break;
    }
    await clock.wait(lookMs, cut);
  }
  if (cut.aborted) agent.abandon();
  await agent.stop(Math.max(0, deadline - clock.monotonic() - lookMs));
  return shortfalls(agent);
}

/**
 * `run --once`: ships what the first scan saw, and an open last line after the quiet time. Gives up after the drain's time-out without progress. True
 * when nothing complete is left.
 */
export async function shipOnce(agent: Agent, limits: Limits, clock: Clock, stop: AbortSignal): Promise<boolean> {
  await agent.settle();
  // A new file that may be copytruncate's copy waits a few seconds for that to show.
  while (agent.table.isUndecided && !stop.aborted) await clock.wait(lookMs, stop);
  const goals = [...agent.table.files].filter((file) => file.readable).map((file) => ({ file, size: file.size }));
  for (const lane of agent.lanes) lane.hurry(limits.drainQuietMs);
  let progress = -1;
  let progressAt = clock.monotonic();
  while (!stop.aborted) {
    const now = clock.monotonic();
    const reached = agent.lanes.every((lane) =>
      goals.every(({ file, size }) => !file.readable || lane.isShipped(file, size)),
    );
    if (reached) return true;
    const sum = agent.lanes.reduce(
      (all, lane) => all + goals.reduce((part, { file }) => part + lane.offsetOf(file), 0),
      0,
    );
    if (sum !== progress) {
      progress = sum;
      progressAt = now;
    } else if (now - progressAt >= limits.drainTimeoutMs) return false;
    await clock.wait(lookMs / 2, stop);
  }
  return false;
}

/** What each output lacks now; those that lack nothing are not in it. */
export const shortfalls = (agent: Agent): readonly Shortfall[] =>
  agent.lanes.map((lane) => ({ output: lane.name, bytes: lane.shortfallBytes })).filter(({ bytes }) => bytes > 0);
