import { existsSync, writeFileSync } from 'node:fs';
import type { Agent } from '../agent.js';
import type { Shortfall } from '../drain.js';
import type { Configuration } from '../types/configuration.js';
import type { Log } from '../types/log.js';

/** Exit codes (design, section 3). */
export const exit = { ok: 0, fault: 1, undelivered: 65, deadline: 75, configuration: 78 } as const;
const terminationLog = '/dev/termination-log';

/** Says how it ended, in the log and in the pod's termination message. `lost`: records were dead-lettered or bytes dropped in this run. */
export function report(left: readonly Shortfall[], lost: boolean, { exitZero }: Configuration, log: Log): number {
  const text =
    left.length === 0
      ? lost
        ? 'nothing is left to deliver, but records went to the dead letters or bytes were dropped: see the warnings above'
        : 'drained: everything was delivered'
      : `stopped with bytes not delivered: ${left.map(({ output, bytes }) => `${output} ${bytes} B`).join(', ')}; the next start goes on from there`;
  if (left.length === 0 && !lost) log.info({}, text);
  else log.warn({ left }, text);
  try {
    if (existsSync(terminationLog)) writeFileSync(terminationLog, text);
  } catch {
    // not ours to write: the log says the same
  }
  return left.length === 0 || exitZero ? exit.ok : exit.deadline;
}

/** Records were dead-lettered or bytes dropped since the start. */
export const hasLost = (agent: Agent): boolean =>
  agent.lanes.some((lane) => lane.dropped.size > 0 || lane.delivery.stats.recordsDeadLettered.size > 0);
