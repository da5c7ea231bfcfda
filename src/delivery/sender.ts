import type { SendItems } from '../types/batch.js';
import type { Clock } from '../types/clock.js';
import type { Destination } from './destination.js';
import type { Gate } from './gate.js';
import type { Tally } from './tally.js';
import { readError, readReply, resultOf, type Verdict } from './verdict.js';

/** One attempt after another, whoever's: waits at the gate, sends, reads the answer, tells the gate, times and counts. */
export class Sender {
  readonly #destination: Destination;
  readonly #gate: Gate;
  readonly #clock: Clock;
  readonly #tally: Tally;
  /** Size of the largest body of which records were accepted, in bytes before compression: nothing up to it is too large. */
  #largestAccepted = 0;

  constructor(destination: Destination, gate: Gate, clock: Clock, tally: Tally) {
    this.#destination = destination;
    this.#gate = gate;
    this.#clock = clock;
    this.#tally = tally;
  }

  /** Sends once. `again`: some of these items failed before. Never rejects; `aborted` when `signal` was, whatever the destination did. */
  async attempt(items: SendItems, again: boolean, signal: AbortSignal): Promise<Verdict> {
    const pass = await this.#gate.enter(signal);
    if (pass === undefined) return { kind: 'aborted' };
    const bytes = bodyBytes(items);
    this.#tally.attemptBegan(bytes, again);
    const began = this.#clock.monotonic();
    const verdict = await this.#send(items, signal);
    const seconds = (this.#clock.monotonic() - began) / 1000;
    this.#tally.attemptEnded(bytes);
    // An answer that comes after the end counts for nothing, not even a good one: what is aborted has been given up by everybody else.
    if (signal.aborted || verdict.kind === 'aborted') {
      this.#gate.left(pass);
      return { kind: 'aborted' };
    }
    const result = resultOf(verdict);
    this.#tally.attempted(result, seconds);
    if (result === 'ok' || result === 'partial') {
      this.#largestAccepted = Math.max(this.#largestAccepted, bytes);
      this.#tally.succeeded();
    }
    if (verdict.kind === 'failed') this.#gate.failed(pass, verdict.error.retryAfterMs);
    else if (verdict.kind === 'closed') this.#gate.left(pass);
    else this.#gate.succeeded(pass);
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
      await this.#destination.check(signal);
      return true;
    } catch {
      return false;
    }
  }

  async #send(items: SendItems, signal: AbortSignal): Promise<Verdict> {
    try {
      return readReply(await this.#destination.send(items, signal), items.count);
    } catch (error) {
      return readError(error);
    }
  }
}

function bodyBytes(items: SendItems): number {
  return items.count === 0 ? 0 : items.itemEnd(items.count - 1) - items.itemStart(0);
}
