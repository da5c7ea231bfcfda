import { sendSecondsBuckets, type DeliveryStats } from '../types/stats.js';
import type { Clock } from '../types/clock.js';
import type { ErrorCode } from '../types/errors.js';
import type { Log } from '../types/log.js';
import { longestWishMs } from './backoff.js';

/** A server's text is kept no longer than this, in UTF-16 units. */
const longestMessage = 1_000;

export interface Problem {
  readonly code: ErrorCode;
  readonly message: string;
  /** What was thrown, where that is a bug of ours: its stack goes to the log. */
  readonly cause?: unknown;
}

/**
 * Keeps the counters of one output and says in the log when its state turns, not each time: an outage of a day is two lines.
 * Whoever is in trouble (a shipment, a write of dead letters) is named by an object of its own, so that one's success does not hide another's trouble.
 */
export class Tally {
  readonly #stats: DeliveryStats;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #output: string;
  readonly #troubled = new Set<object>();
  readonly #blocked = new Set<object>();
  /** Problems since the last success, by code. */
  readonly #counts = new Map<ErrorCode, number>();
  #loggedCode: ErrorCode | undefined;
  #taken = 0;
  #wishSaid = false;

  constructor({
    stats,
    clock,
    log,
    output,
  }: {
    readonly stats: DeliveryStats;
    readonly clock: Clock;
    readonly log: Log;
    readonly output: string;
  }) {
    this.#stats = stats;
    this.#clock = clock;
    this.#log = log;
    this.#output = output;
    // Who was in trouble before a reload was given up: he would never be said to have recovered.
    this.#turn();
  }

  batchTaken(): void {
    this.#taken++;
    this.#turn();
  }

  batchLeft(): void {
    this.#taken--;
    this.#turn();
  }

  attemptBegan(bytes: number, again: boolean): void {
    this.#stats.requestsInFlight++;
    this.#stats.bytesInFlight += bytes;
    if (again) this.#stats.retries++;
  }

  attemptEnded(bytes: number): void {
    this.#stats.requestsInFlight--;
    this.#stats.bytesInFlight -= bytes;
  }

  concurrencyChanged(limit: number): void {
    this.#stats.concurrencyLimit = limit;
  }

  /** Counts an attempt that came to an end of its own. `result`: `ok`, `partial` or a code. */
  attempted(result: string, seconds: number): void {
    const { sends, sendSeconds } = this.#stats;
    sends.set(result, (sends.get(result) ?? 0) + 1);
    sendSeconds.count++;
    sendSeconds.sum += seconds;
    const bucket = sendSecondsBuckets.findIndex((most) => seconds <= most);
    if (bucket >= 0) sendSeconds.buckets[bucket]! += 1;
  }

  /** A request waits so long for the bytes before it. */
  rateLimited(ms: number): void {
    this.#stats.rateLimitedSeconds += ms / 1000;
  }

  /** The destination asks for a wait of so many ms. One that is not kept to is said once, until the output works again. */
  wished(ms: number): void {
    if (ms <= longestWishMs || this.#wishSaid) return;
    this.#wishSaid = true;
    this.#log.warn(
      { output: this.#output, code: 'OUTPUT_BUSY', retryAfterSeconds: ms / 1000, waitSeconds: longestWishMs / 1000 },
      'the destination asks for a longer wait (Retry-After) than is kept to',
    );
  }

  /** Something was accepted. */
  succeeded(): void {
    this.#stats.lastSuccessMs = this.#clock.now();
    this.#counts.clear();
    this.#wishSaid = false;
  }

  delivered(records: number): void {
    this.#stats.recordsDelivered += records;
  }

  /** Of the delivered records the destination had so many already. */
  repeated(records: number): void {
    this.#stats.recordsRepeated += records;
  }

  deadLettered(code: ErrorCode): void {
    const { recordsDeadLettered } = this.#stats;
    recordsDeadLettered.set(code, (recordsDeadLettered.get(code) ?? 0) + 1);
  }

  /** Shows a problem as the output's last error. */
  noticed({ code, message }: Problem): void {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    const short = message.length > longestMessage ? `${message.slice(0, longestMessage)}…` : message;
    this.#stats.lastError = { code, message: short, atMs: this.#clock.now(), count };
  }

  /** `who` failed and will try again: the output is failing until `recovered(who)`. */
  failed(who: object, problem: Problem): void {
    this.noticed(problem);
    this.#troubled.add(who);
    this.#turn();
    this.#say(problem);
  }

  /** `who` can't write its dead letters and waits. */
  blocked(who: object, problem: Problem): void {
    this.#blocked.add(who);
    this.failed(who, problem);
  }

  recovered(who: object): void {
    this.#blocked.delete(who);
    this.#troubled.delete(who);
    this.#turn();
    if (this.#troubled.size > 0 || this.#loggedCode === undefined) return;
    this.#log.info({ output: this.#output, code: this.#loggedCode }, 'the output works again');
    this.#loggedCode = undefined;
  }

  #say({ code, message, cause }: Problem): void {
    if (code === this.#loggedCode) return;
    this.#loggedCode = code;
    const fields = { output: this.#output, code };
    if (code === 'INTERNAL')
      this.#log.error({ ...fields, err: cause }, `a bug in the output, retrying for ever: ${message}`);
    else this.#log.warn(fields, `the output fails, retrying for ever: ${message}`);
  }

  #turn(): void {
    this.#stats.failing = this.#troubled.size > 0;
    this.#stats.state =
      this.#blocked.size > 0 ? 'blocked' : this.#troubled.size > 0 ? 'retrying' : this.#taken > 0 ? 'sending' : 'idle';
  }
}
