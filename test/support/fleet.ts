import { Delivery } from '../../src/delivery/delivery.js';
import type { Outcomes } from '../../src/types/batch.js';
import { RetryableError } from '../../src/types/errors.js';
import type { ManualClock } from './manual-clock.js';
import { MemoryBatch, MemoryItems } from './memory-batch.js';

/** A destination of a certain capacity, whose outage ends at a certain time: requests are answered one after the other, and refused (429) when too many wait. */
export class LimitedServer {
  readonly accepted: string[] = [];
  /** With holes where none came. */
  readonly #arrivals: (number | undefined)[] = [];
  #waiting = 0;
  #freeAtMs = 0;

  constructor(
    private readonly clock: ManualClock,
    private readonly perSecond: number,
    private readonly queue: number,
    private readonly outageMs: number,
  ) {}

  async answer(records: string[]): Promise<Outcomes> {
    const now = this.clock.monotonic();
    if (now < this.outageMs) throw new RetryableError('OUTPUT_UNREACHABLE', 'connection refused');
    const second = Math.floor((now - this.outageMs) / 1000);
    this.#arrivals[second] = (this.#arrivals[second] ?? 0) + 1;
    if (this.#waiting >= this.queue) throw new RetryableError('OUTPUT_BUSY', '429');
    this.#waiting++;
    this.#freeAtMs = Math.max(this.#freeAtMs, now) + 1000 / this.perSecond;
    await this.clock.wait(this.#freeAtMs - now);
    this.#waiting--;
    this.accepted.push(...records);
    return 'accepted';
  }

  /** Requests that came in each second of the clock since the end of the outage. */
  get bySecond(): number[] {
    return Array.from(this.#arrivals, (count) => count ?? 0);
  }

  get peak(): number {
    return Math.max(0, ...this.bySecond);
  }

  get requests(): number {
    return this.bySecond.reduce((sum, count) => sum + count, 0);
  }
}

export interface FleetOptions {
  readonly clock: ManualClock;
  readonly agents: number;
  /** Batches that each agent has. */
  readonly batches: number;
  readonly random: () => number;
  readonly send: (records: string[]) => Promise<Outcomes>;
}

const name = (agent: number, batch: number): string => `${agent}-${batch}`;

/** Agents as they are: each hands its batches to its own Delivery, as fast as that takes them. Gives the number of batches that came back. */
export function startFleet({ clock, agents, batches, random, send }: FleetOptions): () => number {
  const never = new AbortController().signal;
  let settled = 0;
  for (let agent = 0; agent < agents; agent++) {
    const delivery = new Delivery<MemoryBatch>({
      name: 'es',
      destination: {
        ordered: false,
        concurrency: 2,
        limits: { batchBytes: 2 ** 21, batchRecords: 1e9, recordBytes: 2 ** 21, spanMs: Infinity, singleFile: false },
        send: (items) => send([items.body.toString('utf8')]),
        check: () => Promise.resolve(),
      },
      deadLetters: { append: () => Promise.reject(new Error('there are no dead letters')) },
      fallback: new MemoryItems(),
      clock,
      random,
      log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
      onSettled: () => {
        settled++;
      },
      onAbandoned: () => {},
      onBatchLimit: () => {},
      onClosed: () => {},
    });
    const ship = async (): Promise<void> => {
      for (let batch = 0; batch < batches; batch++) await delivery.submit(new MemoryBatch([name(agent, batch)]), never);
    };
    void ship();
  }
  return () => settled;
}

/** Agents without manners, to compare: two requests at once, and whatever failed is sent again a second later. */
export function startNaiveFleet({ clock, agents, batches, send }: FleetOptions): () => number {
  let settled = 0;
  for (let agent = 0; agent < agents; agent++) {
    let next = 0;
    const ship = async (): Promise<void> => {
      while (next < batches) {
        const records = [name(agent, next++)];
        while (
          !(await send(records).then(
            () => true,
            () => false,
          ))
        )
          await clock.wait(1_000);
        settled++;
      }
    };
    void ship();
    void ship();
  }
  return () => settled;
}
