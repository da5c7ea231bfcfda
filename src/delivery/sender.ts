import type { SendItems } from '../types/batch.js';
import type { Clock } from '../types/clock.js';
import type { Concurrency, Permit } from './concurrency.js';
import type { Destination } from './destination.js';
import type { Gate } from './gate.js';
import type { RateLimit } from './rate-limit.js';
import type { RetryBudget } from './retry-budget.js';
import type { Tally } from './tally.js';
import { readError, readReply, resultOf, type Verdict } from './verdict.js';

export interface SenderOptions {
  readonly destination: Destination;
  readonly gate: Gate;
  readonly concurrency: Concurrency;
  readonly budget: RetryBudget;
  readonly rateLimit: RateLimit;
  readonly clock: Clock;
  readonly tally: Tally;
}

/** One attempt after another, whoever's: waits for its bytes, its turn and at the gate, sends, reads the answer, tells gate and concurrency, times and counts. */
export class Sender {
  readonly #options: SenderOptions;
  /** Size of the largest body of which records were accepted, in bytes before compression: nothing up to it is too large. */
  #largestAccepted = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
    options.tally.concurrencyChanged(options.concurrency.limit);
  }

  /**
   * Sends once. `choose` says what, when its turn has come: `probing` while the destination fails, and this request is the one that tries whether it works again.
   * `again`: some of these items failed before. Never rejects; `aborted` when `signal` was, whatever the destination did.
   */
  async attempt(choose: (probing: boolean) => SendItems, again: boolean, signal: AbortSignal): Promise<Verdict> {
    const { concurrency, rateLimit, gate, tally } = this.#options;
    const reserved = bodyBytes(choose(false));
    const waitMs = rateLimit.reserve(reserved);
    if (waitMs > 0) {
      tally.rateLimited(waitMs);
      await gate.pause(waitMs, signal);
    }
    const permit = await concurrency.take(signal);
    if (permit === undefined) return { kind: 'aborted' };
    try {
      return await this.#permitted(choose, reserved, again, permit, signal);
    } finally {
      concurrency.free();
    }
  }

  async #permitted(
    choose: (probing: boolean) => SendItems,
    reserved: number,
    again: boolean,
    permit: Permit,
    signal: AbortSignal,
  ): Promise<Verdict> {
    const { gate, clock, tally, budget, rateLimit } = this.#options;
    const pass = await gate.enter(signal);
    if (pass === undefined) return { kind: 'aborted' };
    const items = choose(gate.failing);
    const bytes = bodyBytes(items);
    rateLimit.giveBack(reserved - bytes);
    if (!again) budget.earn(bytes);
    tally.attemptBegan(bytes, again);
    const began = clock.monotonic();
    const verdict = await this.#send(items, signal);
    const ms = clock.monotonic() - began;
    tally.attemptEnded(bytes);
    // An answer that comes after the end counts for nothing, not even a good one: what is aborted has been given up by everybody else.
    if (signal.aborted || verdict.kind === 'aborted') {
      gate.left(pass);
      return { kind: 'aborted' };
    }
    const result = resultOf(verdict);
    tally.attempted(result, ms / 1000);
    if (result === 'ok' || result === 'partial') {
      this.#largestAccepted = Math.max(this.#largestAccepted, bytes);
      tally.succeeded();
    }
    this.#weigh(verdict, permit, bytes, ms);
    if (verdict.kind === 'failed') {
      const { retryAfterMs } = verdict.error;
      if (retryAfterMs !== undefined) tally.wished(retryAfterMs);
      gate.failed(pass, retryAfterMs);
    } else if (verdict.kind === 'closed') gate.left(pass);
    else gate.succeeded(pass);
    return verdict;
  }

  /**
   * Whether a body that broke its connection time and again is to blame for it, rather than the destination: it is larger than all that were
   * accepted so far, and the destination works otherwise. Without the second half an outage behind a proxy would cut batches down to
   * single records, and those into the dead letters.
   */
  async breaksByItsSize(items: SendItems, signal: AbortSignal): Promise<boolean> {
    if (bodyBytes(items) <= this.#largestAccepted) return false;
    try {
      await this.#options.destination.check(signal);
      return true;
    } catch {
      return false;
    }
  }

  /** What the answer says of how much the destination can take. A body that was judged and refused says nothing. */
  #weigh(verdict: Verdict, permit: Permit, bytes: number, ms: number): void {
    const { concurrency, tally } = this.#options;
    const isBusy =
      verdict.kind === 'failed' || (verdict.kind === 'judged' && verdict.outcomes.some(({ kind }) => kind === 'retry'));
    if (isBusy) concurrency.rejected(permit);
    else if (verdict.kind === 'accepted' || verdict.kind === 'judged') concurrency.answered(permit, bytes, ms);
    tally.concurrencyChanged(concurrency.limit);
  }

  async #send(items: SendItems, signal: AbortSignal): Promise<Verdict> {
    try {
      return readReply(await this.#options.destination.send(items, signal), items.count);
    } catch (error) {
      return readError(error);
    }
  }
}

/** Bytes before compression. */
export function bodyBytes(items: SendItems): number {
  return items.count === 0 ? 0 : items.itemEnd(items.count - 1) - items.itemStart(0);
}
