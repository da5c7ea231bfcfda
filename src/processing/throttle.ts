import type { ThrottleRate } from '../types/rates.js';
import type { LogRecord } from '../types/record.js';
import { summaryAfterMs, type HeldBack, type HeldBackList } from './held-back.js';
import type { Journal } from './journal.js';
import type { FieldValue, ReadField } from './record-fields.js';

/** Values of the key that are counted each for itself; further ones share one count. */
export const mostKeys = 4096;
/** A key is shown up to this length. */
const longestKey = 128;
const others = '(others)';

interface Count {
  readonly key: string;
  /** Number of the period that is counted. */
  period: number;
  passed: number;
  held: HeldBack | undefined;
}

/**
 * So many records per key and period pass. Periods are those of the records' own times, so that a backlog that is read in a moment is throttled as it
 * would have been when it was written. Another period, later or earlier, begins a new count.
 */
export class Throttle {
  /** The one used longest ago comes first. */
  readonly #counts = new Map<string, Count>();
  readonly #others: Count = { key: others, period: Number.NaN, passed: 0, held: undefined };

  constructor(
    private readonly rate: ThrottleRate,
    private readonly readKey: ReadField,
    private readonly held: HeldBackList,
    private readonly journal: Journal,
  ) {}

  /** `timeMs`: the record's time for the count; `now`: monotonic ms. */
  passes(record: LogRecord, timeMs: number, now: number): boolean {
    const count = this.#countOf(record);
    const { period, passed } = count;
    this.journal.add(() => {
      count.period = period;
      count.passed = passed;
    });
    const current = Math.floor(timeMs / this.rate.perMs);
    if (current !== period) {
      count.period = current;
      count.passed = 0;
    }
    if (count.passed < this.rate.records) {
      count.passed += 1;
      return true;
    }
    this.#hold(count, record, now);
    return false;
  }

  #hold(count: Count, record: LogRecord, now: number): void {
    if (count.held !== undefined && this.held.isOpen(count.held)) {
      this.held.count(count.held, record.timeMs);
      return;
    }
    const { file, start, timeMs } = record;
    count.held = {
      reason: 'throttle',
      file,
      start,
      about: count.key,
      dueAt: now + summaryAfterMs,
      firstMs: timeMs,
      lastMs: timeMs,
      count: 1,
    };
    this.held.add(count.held);
  }

  #countOf(record: LogRecord): Count {
    const key = keyOf(this.rate.key === undefined ? record.file.path : this.readKey(record));
    const id = this.rate.key === undefined ? record.file.fileId : key;
    const known = this.#counts.get(id);
    if (known !== undefined) {
      this.#counts.delete(id);
      this.#counts.set(id, known);
      return known;
    }
    if (this.#counts.size >= mostKeys && !this.#makeRoom()) return this.#others;
    const count: Count = { key, period: Number.NaN, passed: 0, held: undefined };
    this.#counts.set(id, count);
    return count;
  }

  /** Forgets the key used longest ago, unless something of it is still to be told. */
  #makeRoom(): boolean {
    const oldest = this.#counts.entries().next().value;
    if (oldest === undefined) return false;
    const [id, { held, passed }] = oldest;
    if ((held !== undefined && this.held.isOpen(held)) || passed >= this.rate.records) {
      // It goes to the end, so that the next one is looked at then.
      this.#counts.delete(id);
      this.#counts.set(id, oldest[1]);
      return false;
    }
    return this.#counts.delete(id);
  }
}

function keyOf(value: FieldValue): string {
  if (value === undefined || value === null) return '(none)';
  const text = typeof value === 'object' ? value[0] : String(value);
  return text.length > longestKey ? `${text.slice(0, longestKey)}…` : text;
}
