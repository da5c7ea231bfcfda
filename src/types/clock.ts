/**
 * Time as the program sees it: the one port behind every wait, so that tests turn the hands themselves (`test/support/manual-clock.ts`).
 * All times are ms.
 */
export interface Clock {
  /** Wall clock, since the epoch; may jump either way. For what people read, never for a distance. */
  now(): number;
  /** Never goes back; its zero means nothing. For distances. */
  monotonic(): number;
  /**
   * Resolves after `ms` (at once for 0 or less), or as soon as `signal` is aborted: whoever waits looks at the signal afterwards. Never rejects.
   * Waits of more than 24 days end after 24 days. A pending wait keeps the process alive.
   */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}

/** setTimeout counts in a signed 32-bit number and fires at once above it. */
const longestTimeoutMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  wait: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const end = () => {
        clearTimeout(timer);
        // Taken off by hand: a signal that lives as long as the process would collect a listener per wait.
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, Math.min(Math.max(0, ms), longestTimeoutMs));
      signal?.addEventListener('abort', end, { once: true });
    }),
};
