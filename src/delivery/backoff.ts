import assert from 'node:assert/strict';

/** No two attempts of an output are further apart than this, but for what the server asks for (contract, "What an answer means"). */
export const longestWaitMs = 60_000;
/** While draining the process has seconds left: attempts are at most this far apart, but for a server's Retry-After. */
export const longestDrainWaitMs = 1_000;
/**
 * A server's wish is honoured up to this. Whoever asks for more is most likely mistaken (a date in a wrong zone, a proxy's page), and meanwhile the
 * volume fills: the log file is the buffer, so an hour's silence may cost lines.
 */
export const longestWishMs = 600_000;
const firstWaitMs = 250;
/** Share of a wish by which it is exceeded at most: all whom a server has told the same time would come back in the same moment. */
const wishJitter = 0.2;

export interface Backoff {
  /** Upper end of the window of the first wait, in ms; it doubles with each attempt. */
  readonly baseMs: number;
  /** Upper end of the last window, in ms. */
  readonly capMs: number;
}

export const runningBackoff: Backoff = { baseMs: firstWaitMs, capMs: longestWaitMs };
export const drainBackoff: Backoff = { baseMs: firstWaitMs, capMs: longestDrainWaitMs };

/**
 * Wait before retry `attempt` (1 is the first), in ms: uniform over [0, min(capMs, baseMs * 2^(attempt - 1))). With a server's wish (`retryAfterMs`, up to
 * `longestWishMs`) never less than that, and uniform over the window, or a fifth of the wish where that is more, on top of it. Altogether at most
 * `longestWaitMs`, or the wish and its fifth. A wish that is no positive number is no wish.
 * Pure given `random`. Source: AWS Architecture Blog, "Exponential Backoff And Jitter".
 */
export function backoffMs(
  attempt: number,
  { baseMs, capMs }: Backoff,
  retryAfterMs: number | undefined,
  random: () => number,
): number {
  assert(attempt >= 1, 'attempts count from 1');
  // Full, not equal, jitter: when a node returns, every sidecar on it has failed in the same second.
  const windowMs = Math.min(capMs, baseMs * 2 ** (attempt - 1));
  const wishMs = retryAfterMs !== undefined && retryAfterMs > 0 ? Math.min(retryAfterMs, longestWishMs) : 0;
  const jitterMs = random() * Math.max(windowMs, wishMs * wishJitter);
  return Math.min(Math.max(longestWaitMs, wishMs * (1 + wishJitter)), wishMs + jitterMs);
}
