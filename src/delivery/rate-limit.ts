import type { Clock } from '../types/clock.js';

/**
 * Holds an output to so many bytes per second, before compression, retries included: each request pays for its bytes by time, and the next one waits
 * until they are paid. So the burst is one request, and lanes with a limit make their batches small (`pacedBatchBytes`). It delays, and drops nothing.
 */
export class RateLimit {
  readonly #clock: Clock;
  #bytesPerSecond: number;
  /** When all bytes that were reserved are paid: monotonic ms. */
  #paidAtMs = 0;

  /** `bytesPerSecond` undefined: no limit. */
  constructor(bytesPerSecond: number | undefined, clock: Clock) {
    this.#bytesPerSecond = bytesPerSecond ?? Infinity;
    this.#clock = clock;
  }

  /** Takes the next turn for so many bytes: it comes after the returned ms. */
  reserve(bytes: number): number {
    const now = this.#clock.monotonic();
    const atMs = Math.max(now, this.#paidAtMs);
    this.#paidAtMs = atMs + this.#costMs(bytes);
    return atMs - now;
  }

  /** Of what was reserved, so many bytes were not sent. */
  giveBack(bytes: number): void {
    this.#paidAtMs -= this.#costMs(bytes);
  }

  /** No limit from now on: the process is about to end. Whoever waits has to be woken. */
  lift(): void {
    this.#bytesPerSecond = Infinity;
    this.#paidAtMs = 0;
  }

  #costMs(bytes: number): number {
    return (bytes / this.#bytesPerSecond) * 1000;
  }
}

/** A batch below this is not worth its request. */
const leastBatchBytes = 64 * 1024;

/** How large a lane's batches are under a limit: a second's worth, so that bytes flow evenly. */
export function pacedBatchBytes(batchMaxBytes: number, bytesPerSecond: number | undefined): number {
  return bytesPerSecond === undefined
    ? batchMaxBytes
    : Math.min(batchMaxBytes, Math.max(bytesPerSecond, leastBatchBytes));
}
