import type { Clock } from '../types/clock.js';

/** What a byte sent for the first time pays towards retries. */
const share = 0.2;
/** What time pays besides, bytes per second: with nothing new under way, retries still go on. */
export const budgetBytesPerSecond = 128 * 1024;
/** Debts beyond this many seconds of time's share are forgiven: no wait is longer than that anyway. */
const longestDebtSeconds = 60;

/**
 * What may be sent again of records that a destination put off one by one while it took others (item 429s of a bulk): a fifth of what is sent for the first time,
 * and a little besides. Without it an output that loses half of each bulk to a full queue would send each record twice, just when the destination can't
 * take it. Up to `most` bytes can be saved up, so a short hiccup waits for nothing. It slows down and never drops; a destination that fails as a
 * whole is the gate's business.
 *
 *   balance = min(most, balance + 0.2 × fresh bytes + 128 KiB × seconds) − retried bytes;   a retry waits until the balance is not negative
 */
export class RetryBudget {
  readonly #most: number;
  readonly #clock: Clock;
  #balance: number;
  #atMs: number;

  /** `most`: bytes of the largest batch. */
  constructor(most: number, clock: Clock) {
    this.#most = most;
    this.#clock = clock;
    this.#balance = most;
    this.#atMs = clock.monotonic();
  }

  /** Bytes went out for the first time. */
  earn(bytes: number): void {
    this.#add(bytes * share);
  }

  /** These bytes are to be sent again: they are paid now, and the retry has to wait so many ms. */
  spend(bytes: number): number {
    this.#add(0);
    this.#balance = Math.max(this.#balance - bytes, -budgetBytesPerSecond * longestDebtSeconds);
    return Math.max(0, (-this.#balance / budgetBytesPerSecond) * 1000);
  }

  #add(bytes: number): void {
    const now = this.#clock.monotonic();
    const ofTime = ((now - this.#atMs) / 1000) * budgetBytesPerSecond;
    this.#atMs = now;
    this.#balance = Math.min(this.#most, this.#balance + bytes + ofTime);
  }
}
