import type { DeliveryBatch, ItemBuffer } from '../types/batch.js';
import type { Clock } from '../types/clock.js';
import type { OutputClosedError } from '../types/errors.js';
import type { Log } from '../types/log.js';
import { newDeliveryStats, type DeliveryStats } from '../types/stats.js';
import { Concurrency } from './concurrency.js';
import type { DeadLetterSink } from './dead-letter.js';
import type { Destination } from './destination.js';
import { Gate } from './gate.js';
import { Places } from './places.js';
import { RateLimit } from './rate-limit.js';
import { RetryBudget } from './retry-budget.js';
import { RefusedRecords } from './refused-records.js';
import { Sender } from './sender.js';
import { Shipment, type End, type Refusal, type Road } from './shipment.js';
import { Tally } from './tally.js';

export interface DeliveryOptions<Batch extends DeliveryBatch> {
  /** The output's name. */
  readonly name: string;
  readonly destination: Destination;
  readonly deadLetters: DeadLetterSink;
  /** Room for the plain forms of refused records; only `delivery` uses it. */
  readonly fallback: ItemBuffer;
  readonly clock: Clock;
  /** Uniform over [0, 1), for jitter. */
  readonly random: () => number;
  readonly log: Log;
  /** Counters that outlive this object, when they should. */
  readonly stats?: DeliveryStats;
  /** Bytes per second, before compression; left out: no limit. */
  readonly rateLimit?: number | undefined;
  /** Takes secrets out of the line that a dead letter holds; left out: it is kept as it is. */
  readonly redactLine?: ((line: Buffer) => Buffer) | undefined;
  /** Every record of the batch has its fate: its slot is free. */
  readonly onSettled: (batch: Batch) => void;
  /** The batch was given up because of an abort or the output's end; some of its records are pending. */
  readonly onAbandoned: (batch: Batch) => void;
  /** The destination takes no bodies of twice this weight: no batch should be heavier than `bytes` from now on. May come several times, in any order. */
  readonly onBatchLimit: (bytes: number) => void;
  /** The output is over (the reader of stdout went away). Called once; later batches are abandoned at once. */
  readonly onClosed: (error: OutputClosedError) => void;
}

/**
 * Brings batches to one destination: as many at once as it allows, each until all its records have their fate (how many of them have a request under
 * way is up to `Concurrency`). A fault of the output is retried for ever; a fault of a record ends in the dead letters. Each submitted batch comes back once, by `onSettled` or `onAbandoned`.
 */
export class Delivery<Batch extends DeliveryBatch> {
  readonly stats: DeliveryStats;
  readonly #options: DeliveryOptions<Batch>;
  readonly #gate: Gate;
  readonly #road: Road;
  readonly #refused: RefusedRecords;
  readonly #places: Places;
  readonly #rateLimit: RateLimit;
  readonly #tally: Tally;
  /** Batches submitted that have not come back. */
  #open = 0;
  #whenIdle: (() => void)[] = [];
  #over = false;

  constructor(options: DeliveryOptions<Batch>) {
    const { name, destination, clock, log } = options;
    this.#options = options;
    this.stats = options.stats ?? newDeliveryStats();
    this.#tally = new Tally({ stats: this.stats, clock, log, output: name });
    this.#gate = new Gate(clock, options.random);
    const most = destination.ordered ? 1 : Math.max(1, destination.concurrency);
    const concurrency = new Concurrency(most);
    const budget = new RetryBudget(destination.limits.batchBytes, clock);
    const rateLimit = (this.#rateLimit = new RateLimit(options.rateLimit, clock));
    const [gate, tally] = [this.#gate, this.#tally];
    const sender = new Sender({ destination, gate, concurrency, budget, rateLimit, clock, tally });
    this.#road = { sender, gate, budget, tally, onBatchLimit: options.onBatchLimit };
    this.#refused = new RefusedRecords({ ...options, output: name, road: this.#road });
    this.#places = new Places(most);
  }

  /**
   * Takes a batch: resolves when it is under way, which is when a place is free; that wait is the backpressure. Never rejects.
   * Aborting `signal` stops everything about this batch at once: nothing is settled any more.
   */
  async submit(batch: Batch, signal: AbortSignal): Promise<void> {
    this.#open++;
    if (!(await this.#places.take(signal))) return this.#back(batch, { kind: 'aborted' });
    this.#tally.batchTaken();
    // It does not reject but for a broken invariant; then the process ends, and the next start goes on from the cursors.
    void this.#deliver(batch, signal);
  }

  /** While the output fails: ms until one request tries whether it works again, 0 while that is under way. Else undefined. */
  get nextProbeMs(): number | undefined {
    return this.#gate.nextProbeMs;
  }

  /** Resolves when every submitted batch has come back. */
  idle(): Promise<void> {
    if (this.#open === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  /** The process is about to end: whoever waits gets one attempt at once, then backoffs are short, and no rate is limited. */
  beginDrain(): void {
    this.#rateLimit.lift();
    this.#gate.drain();
  }

  async #deliver(batch: Batch, signal: AbortSignal): Promise<void> {
    await batch.recorded();
    const refuse = (refusals: readonly Refusal[]) => this.#refused.settle(batch, refusals, signal);
    const end: End = this.#over ? { kind: 'aborted' } : await new Shipment(batch, this.#road, refuse, signal).run();
    if (end.kind === 'closed' && !this.#over) {
      this.#over = true;
      this.#options.onClosed(end.error);
    }
    this.#places.free();
    this.#tally.batchLeft();
    this.#back(batch, end);
  }

  #back(batch: Batch, { kind }: End): void {
    if (kind === 'settled') this.#options.onSettled(batch);
    else this.#options.onAbandoned(batch);
    if (--this.#open > 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}
