import { readdirSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** What `beNice` needs of the system. */
export interface Priorities {
  /** Ids of the process's threads. On Linux each has a niceness of its own, and a new one inherits that of the thread that makes it. */
  threads(): readonly number[];
  get(thread: number): number;
  /** @throws where the system refuses it */
  set(thread: number, niceness: number): void;
}

/**
 * Gives every thread of the process the niceness (0 to 19), V8's and libuv's included: setting the process's own reaches its main thread only. 0 leaves a
 * process as it was started, which may be nicer already. Returns what is to be told to a person, undefined when there is nothing.
 */
export function beNice(niceness: number, former: number, priorities: Priorities = system): string | undefined {
  if (niceness === former) return undefined;
  const refused: string[] = [];
  for (const thread of priorities.threads()) {
    try {
      if (priorities.get(thread) !== niceness) priorities.set(thread, niceness);
    } catch (error) {
      // A thread that ended meanwhile needs none.
      if (codeOf(error) !== 'ESRCH') refused.push(error instanceof Error ? error.message : String(error));
    }
  }
  if (refused.length === 0) return undefined;
  return `PANNIER_NICE=${niceness} is without effect on ${refused.length} threads: the system refuses it (${refused[0]}); a lower niceness than before needs a restart`;
}

const system: Priorities = {
  threads: () => {
    try {
      return readdirSync('/proc/self/task').map(Number);
    } catch {
      // No Linux: one niceness for all.
      return [process.pid];
    }
  },
  get: getPriority,
  set: setPriority,
};

/** Node puts the system's code into `info`. */
function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const info: unknown = Reflect.get(error, 'info') ?? error;
  const code: unknown = typeof info === 'object' && info !== null ? Reflect.get(info, 'code') : undefined;
  return typeof code === 'string' ? code : undefined;
}
