import { setTimeout as wait } from 'node:timers/promises';

export interface Deadline {
  /** What is waited for, for the failure's text. */
  readonly what: string;
  readonly deadlineMs?: number;
  /** Between two looks. */
  readonly everyMs?: number;
  /** Shown when the deadline passes: what is there instead. */
  readonly instead?: () => string;
}

/** Generous, because several test files share two cores: a fact that comes costs nothing of it. */
const defaultDeadlineMs = 20_000;
const betweenLooksMs = 15;

/**
 * Looks again and again until `fact` gives something that is neither `undefined` nor `false`, and returns that. A look may throw: it counts as "not yet".
 * @throws Error naming what did not happen, with the last look's own error as its cause.
 */
export async function until<T>(
  fact: () => T | Promise<T>,
  { what, deadlineMs = defaultDeadlineMs, everyMs = betweenLooksMs, instead }: Deadline,
): Promise<Exclude<T, undefined | false>> {
  const end = performance.now() + deadlineMs;
  let cause: unknown;
  for (;;) {
    try {
      const found = await fact();
      if (isFact(found)) return found;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > end) {
      const seen = instead === undefined ? '' : `\n${instead()}`;
      throw new Error(`waited ${deadlineMs} ms in vain: ${what}${seen}`, { cause });
    }
    await wait(everyMs);
  }
}

/** Holds when a fact stays as it is for `ms`: the only way to show that something does *not* happen. */
export async function staysTrue(fact: () => boolean, ms: number, what: string): Promise<void> {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    if (!fact()) throw new Error(`did not stay true: ${what}`);
    await wait(betweenLooksMs);
  }
}

function isFact<T>(found: T): found is Exclude<T, undefined | false> {
  return found !== undefined && found !== false;
}
