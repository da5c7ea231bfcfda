import { Places } from './places.js';
import { UsualTime } from './usual-time.js';

/** Leave for one request; given back by `free`. It knows when it was given: what happened before is old news. */
export type Permit = number;

/** What is left of the limit when the destination refused or failed, and when it became slow. */
const afterRejection = 0.5;
const afterSlowness = 0.75;

/**
 * How many requests of one output may be under way at once, found by trying (additive increase, multiplicative decrease, as TCP does it):
 *
 *   begins at 1 · an answer while all permits are in use: + 1/limit, so one more for each round of answers
 *   · refused as too busy, or failed: half · slow by what is usual for its size (`UsualTime`): three quarters · always 1 to `most`
 *
 * Requests that were under way together tell of one and the same overload, so only the first of them lowers the limit. Beginning at 1 is also the manners
 * of a fleet that restarts together. It counts requests, not batches: one that waits for its retry takes nobody's permit.
 * Source: Jacobson and Karels, "Congestion Avoidance and Control"; Vector's adaptive request concurrency and Netflix's concurrency-limits weigh latency alike.
 */
export class Concurrency {
  readonly #most: number;
  readonly #permits = new Places(1);
  readonly #usual = new UsualTime();
  #limit = 1;
  #inUse = 0;
  #epoch: Permit = 0;

  constructor(most: number) {
    this.#most = Math.max(1, most);
  }

  /** Requests that may be under way at once now: a whole number. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** Waits for a permit, in the order of asking; undefined when `signal` was aborted. */
  async take(signal: AbortSignal): Promise<Permit | undefined> {
    if (!(await this.#permits.take(signal))) return undefined;
    this.#inUse++;
    return this.#epoch;
  }

  /** The destination took `bytes`, or some records of them, within `ms`. */
  answered(permit: Permit, bytes: number, ms: number): void {
    if (this.#usual.isSlow(bytes, ms)) return this.#lower(permit, afterSlowness);
    // A limit that is not reached says nothing of what the destination can take.
    if (this.#inUse >= this.limit) this.#set(this.#limit + 1 / this.#limit);
  }

  /** The destination was too busy for all or some of it, or gave no answer. */
  rejected(permit: Permit): void {
    this.#lower(permit, afterRejection);
  }

  free(): void {
    this.#inUse--;
    this.#permits.free();
  }

  #lower(permit: Permit, factor: number): void {
    if (permit !== this.#epoch) return;
    this.#epoch++;
    this.#set(this.#limit * factor);
  }

  #set(limit: number): void {
    this.#limit = Math.min(this.#most, Math.max(1, limit));
    this.#permits.resize(this.limit);
  }
}
