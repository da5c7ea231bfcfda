import type { Clock } from '../types/clock.js';
import { backoffMs, drainBackoff, runningBackoff, type Backoff } from './backoff.js';

/** Leave to send once; given back by exactly one of `succeeded`, `failed` and `left`. */
export type Pass = number;

/**
 * What all requests of one output know together about its health: a circuit breaker whose backoff is the retry's backoff.
 *
 *   open ── failed ──▶ waiting ── backoff over, one enters ──▶ probing ── succeeded ──▶ open
 *                         ▲                                       │
 *                         └──────────────── failed, left ─────────┘
 *
 * Open: everybody enters. Waiting: nobody does. Probing: one request is under way and the others wait for what becomes of it.
 * A pass carries the number of the state it was given in: when several requests fail in the same outage, the first one closes the gate and the
 * others, being old news, neither lengthen the backoff nor open the gate.
 */
export class Gate {
  readonly #clock: Clock;
  readonly #random: () => number;
  #backoff: Backoff = runningBackoff;
  #open = true;
  /** Failures in a row. */
  #failures = 0;
  #untilMs = 0;
  #probing = false;
  #generation: Pass = 0;
  /** Those who wait to enter; woken by every change. */
  readonly #entering = new Set<() => void>();
  /** Those who pause for a reason of their own; woken by `kick` only. */
  readonly #pausing = new Set<() => void>();

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  get failing(): boolean {
    return !this.#open;
  }

  /** ms until one request tries whether the destination works again, 0 while it is under way; undefined when it works. */
  get nextProbeMs(): number | undefined {
    if (this.#open) return undefined;
    return this.#probing ? 0 : Math.max(0, this.#untilMs - this.#clock.monotonic());
  }

  /** Longest time between two attempts at present, in ms; a server's wish may be longer. */
  get capMs(): number {
    return this.#backoff.capMs;
  }

  /** Waits for leave to send; undefined when `signal` was aborted. */
  async enter(signal: AbortSignal): Promise<Pass | undefined> {
    while (!signal.aborted) {
      if (this.#open) return this.#generation;
      const waitMs = this.#untilMs - this.#clock.monotonic();
      if (!this.#probing && waitMs <= 0) {
        this.#probing = true;
        return this.#generation;
      }
      await this.#sleep(this.#probing ? Number.POSITIVE_INFINITY : waitMs, this.#entering, signal);
    }
    return undefined;
  }

  /** The destination answered. What it thought of the records is another matter. */
  succeeded(pass: Pass): void {
    if (pass !== this.#generation || this.#open) return;
    this.#failures = 0;
    this.#change(true);
  }

  /** The destination as a whole failed; `retryAfterMs` is its wish. */
  failed(pass: Pass, retryAfterMs: number | undefined): void {
    if (pass === this.#generation) {
      this.#failures++;
      this.#change(false);
      this.#untilMs = this.#clock.monotonic() + this.backoffMs(this.#failures, retryAfterMs);
    } else if (!this.#open && retryAfterMs !== undefined) {
      this.#untilMs = Math.max(this.#untilMs, this.#clock.monotonic() + this.backoffMs(1, retryAfterMs));
    }
  }

  /** The request ended without an answer because it was aborted. */
  left(pass: Pass): void {
    if (pass !== this.#generation || this.#open) return;
    this.#probing = false;
    wakeAll(this.#entering);
  }

  /** The wait before retry `attempt`, in ms, as things are. */
  backoffMs(attempt: number, retryAfterMs: number | undefined): number {
    return backoffMs(attempt, this.#backoff, retryAfterMs, this.#random);
  }

  /** A wait that concerns one batch and not the output: ends after `ms`, on a kick, or when `signal` is aborted. */
  pause(ms: number, signal: AbortSignal): Promise<void> {
    return this.#sleep(ms, this.#pausing, signal);
  }

  /** Ends every wait now, Retry-After or not, for one attempt; whoever fails again waits again. */
  kick(): void {
    this.#untilMs = this.#clock.monotonic();
    wakeAll(this.#entering);
    wakeAll(this.#pausing);
  }

  /** The process is about to end: one attempt at once, then short backoffs (design, section 3, signals). */
  drain(): void {
    this.#backoff = drainBackoff;
    this.kick();
  }

  #change(open: boolean): void {
    this.#open = open;
    this.#probing = false;
    this.#generation++;
    wakeAll(this.#entering);
  }

  async #sleep(ms: number, room: Set<() => void>, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    const wake = () => woken.abort();
    room.add(wake);
    signal.addEventListener('abort', wake, { once: true });
    try {
      if (!signal.aborted) await this.#clock.wait(ms, woken.signal);
    } finally {
      room.delete(wake);
      signal.removeEventListener('abort', wake);
    }
  }
}

function wakeAll(room: ReadonlySet<() => void>): void {
  for (const wake of room) wake();
}
