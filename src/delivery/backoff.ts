import assert from 'node:assert/strict';

/** No two attempts of an output are further apart than this, whatever the server asks for (contract, "What an answer means"). */
export const longestWaitMs = 60_000;
/** While draining the process has seconds left: attempts are at most this far apart, but for a server's Retry-After. */
export const longestDrainWaitMs = 1_000;
const firstWaitMs = 250;

export interface Backoff {
  /** Upper end of the window of the first wait, in ms; it doubles with each attempt. */
  readonly baseMs: number;
  /** Upper end of the last window, in ms. */
  readonly capMs: number;
}

export const runningBackoff: Backoff = { baseMs: firstWaitMs, capMs: longestWaitMs };
export const drainBackoff: Backoff = { baseMs: firstWaitMs, capMs: longestDrainWaitMs };

/**
 * Wait before retry `attempt` (1 is the first), in ms: uniform over [0, min(capMs, baseMs * 2^(attempt - 1))), on top of what the server asked for
 * (`retryAfterMs`), and never above `longestWaitMs`. A wish that is no positive number is no wish.
 * Pure given `random`. Source: AWS Architecture Blog, "Exponential Backoff And Jitter".
 */
export function backoffMs(
  attempt: number,
  { baseMs, capMs }: Backoff,
  retryAfterMs: number | undefined,
  random: () => number,
): number {
  assert(attempt >= 1, 'attempts count from 1');
  // Full, not equal, jitter: when a node returns, every sidecar on it has failed in the same second. A wish gets it too, for the same reason.
  const jitterMs = random() * Math.min(capMs, baseMs * 2 ** (attempt - 1));
  const wishMs = retryAfterMs !== undefined && retryAfterMs > 0 ? retryAfterMs : 0;
  return Math.min(longestWaitMs, wishMs + jitterMs);
}
