import assert from 'node:assert/strict';
import type { Clock } from '../../src/types/clock.js';

interface Waiter {
  readonly at: number;
  readonly order: number;
  readonly end: () => void;
}

/** A clock that stands still until a test moves it. Waits end in the order of their times, each with time for what follows from it. */
export class ManualClock implements Clock {
  #now: number;
  #elapsed = 0;
  #order = 0;
  readonly #waiters = new Set<Waiter>();

  constructor(startMs = Date.UTC(2026, 10, 20, 9, 15, 2)) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  /** Moves the wall clock alone, as a time server does. */
  jump(ms: number): void {
    this.#now += ms;
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const end = () => {
        this.#waiters.delete(waiter);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const waiter: Waiter = { at: this.#elapsed + Math.max(0, ms), order: this.#order++, end };
      this.#waiters.add(waiter);
      signal?.addEventListener('abort', end, { once: true });
    });
  }

  /** Number of waits that have not ended. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /** ms until the next wait ends; Infinity when nobody waits. */
  get nextMs(): number {
    return Math.min(Infinity, ...[...this.#waiters].map(({ at }) => at - this.#elapsed));
  }

  /** Lets everything that can go on without time go on: promises, and callbacks of the event loop such as file operations of the next turns. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Moves on by `ms`, ending the waits that fall due on the way one by one. */
  async advance(ms: number): Promise<void> {
    const goal = this.#elapsed + ms;
    await this.settle();
    for (let next = this.#next(goal); next !== undefined; next = this.#next(goal)) {
      this.#elapsed = Math.max(this.#elapsed, next.at);
      next.end();
      await this.settle();
    }
    this.#elapsed = goal;
  }

  /** Moves on, wait by wait, until `fact` holds; fails after `limitMs` of its own time, or when nobody waits for time any more. */
  async until(fact: () => boolean, limitMs = 3_600_000): Promise<void> {
    const limit = this.#elapsed + limitMs;
    await this.settle();
    while (!fact()) {
      const next = this.#next(limit);
      assert(next !== undefined, `the fact did not come true within ${limitMs} ms of the manual clock`);
      await this.advance(next.at - this.#elapsed);
    }
  }

  #next(limit: number): Waiter | undefined {
    let first: Waiter | undefined;
    for (const waiter of this.#waiters) {
      if (waiter.at > limit) continue;
      if (first === undefined || waiter.at < first.at || (waiter.at === first.at && waiter.order < first.order))
        first = waiter;
    }
    return first;
  }
}
