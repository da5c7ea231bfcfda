import type { DeadLetter, DeadLetterSink } from '../../src/delivery/dead-letter.js';
import { Delivery } from '../../src/delivery/delivery.js';
import type { Destination } from '../../src/delivery/destination.js';
import type { Outcomes } from '../../src/types/batch.js';
import type { OutputClosedError } from '../../src/types/errors.js';
import type { Log } from '../../src/types/log.js';
import { ManualClock } from './manual-clock.js';
import { itemsOf, MemoryBatch, MemoryItems } from './memory-batch.js';

export interface LabOptions {
  /** One attempt: the items as strings. */
  readonly send: (items: string[], signal: AbortSignal) => Outcomes | Promise<Outcomes>;
  readonly check?: (signal: AbortSignal) => Promise<void>;
  /** The plain form of an item; without it the destination has none. */
  readonly plain?: (item: string, reason: string) => string;
  readonly ordered?: boolean;
  readonly concurrency?: number;
  readonly fallbackBytes?: number;
  readonly limits?: { readonly batchBytes?: number; readonly batchRecords?: number };
  readonly random?: () => number;
  readonly rateLimit?: number;
  readonly deadLetters?: DeadLetterSink;
}

/** A delivery on a manual clock, with everything it reports. */
export class DeliveryLab {
  readonly clock = new ManualClock();
  readonly stop = new AbortController();
  /** Items of each attempt, in order. */
  readonly sent: string[][] = [];
  readonly letters: DeadLetter[] = [];
  readonly settled: MemoryBatch[] = [];
  readonly abandoned: MemoryBatch[] = [];
  readonly limits: number[] = [];
  readonly closed: OutputClosedError[] = [];
  readonly logged: { level: keyof Log; fields: object; message: string }[] = [];
  /** Most requests under way at once so far. */
  mostRequests = 0;
  #requests = 0;
  readonly delivery: Delivery<MemoryBatch>;

  constructor({
    send,
    check,
    plain,
    ordered = false,
    concurrency = 1,
    fallbackBytes,
    limits,
    random,
    rateLimit,
    deadLetters,
  }: LabOptions) {
    const destination: Destination = {
      ordered,
      concurrency,
      limits: { batchBytes: 1e9, batchRecords: 1e9, recordBytes: 1e9, spanMs: Infinity, singleFile: false, ...limits },
      send: async (items, signal) => {
        this.mostRequests = Math.max(this.mostRequests, ++this.#requests);
        const texts = itemsOf(items);
        this.sent.push(texts);
        try {
          return await send(texts, signal);
        } finally {
          this.#requests--;
        }
      },
      check: check ?? (() => Promise.resolve()),
      ...(plain === undefined
        ? {}
        : {
            encodePlain: (item, reason, body) => {
              // In two steps, so that one that throws leaves half an item behind.
              body.text('P');
              body.text(plain(item.toString('utf8'), reason));
            },
          }),
    };
    const say = (level: keyof Log) => (fields: object, message: string) =>
      void this.logged.push({ level, fields, message });
    this.delivery = new Delivery({
      name: 'es',
      destination,
      deadLetters: deadLetters ?? {
        append: (letters) => {
          this.letters.push(...letters);
          return Promise.resolve(letters.length);
        },
      },
      fallback: new MemoryItems(fallbackBytes),
      clock: this.clock,
      rateLimit,
      random: random ?? (() => 1),
      log: { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') },
      onSettled: (batch) => void this.settled.push(batch),
      onAbandoned: (batch) => void this.abandoned.push(batch),
      onBatchLimit: (bytes) => void this.limits.push(bytes),
      onClosed: (error) => void this.closed.push(error),
    });
  }

  /** Hands over a batch of these records; use `clock` to let it go on. */
  submit(...records: string[]): MemoryBatch {
    const batch = new MemoryBatch(records);
    void this.delivery.submit(batch, this.stop.signal);
    return batch;
  }

  /** The same, and lets pass whatever time it takes until the batch has come back. */
  async deliver(...records: string[]): Promise<MemoryBatch> {
    const batch = this.submit(...records);
    await this.clock.until(() => this.settled.includes(batch) || this.abandoned.includes(batch));
    return batch;
  }
}
