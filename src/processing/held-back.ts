import type { FileFacts } from '../types/record.js';
import type { Journal } from './journal.js';

/** A summary comes no later than this after the first record that it counts was held back, ms. */
export const summaryAfterMs = 10_000;

/** Records that were held back and that a summary is to tell of. */
export interface HeldBack {
  readonly reason: 'throttle' | 'duplicate';
  readonly file: FileFacts;
  /** Offset of the first of them: the summary's own place, which no other record has with a length of none. */
  readonly start: number;
  /** What was too much, or what was repeated. */
  readonly about: string;
  /** Monotonic ms at which the summary is due. */
  readonly dueAt: number;
  /** Times of the first and the last of them, ms since the epoch. */
  readonly firstMs: number;
  lastMs: number;
  count: number;
}

/** What is held back and not told of yet, by file. In memory only: a crash loses the summary, never the count of the metric. */
export class HeldBackList {
  readonly #byFile = new Map<string, Set<HeldBack>>();

  constructor(private readonly journal: Journal) {}

  add(held: HeldBack): void {
    this.#put(held);
    this.journal.add(() => this.#take(held));
  }

  /** One more record like those. */
  count(held: HeldBack, timeMs: number): void {
    const { lastMs } = held;
    held.count += 1;
    held.lastMs = timeMs;
    this.journal.add(() => {
      held.count -= 1;
      held.lastMs = lastMs;
    });
  }

  /** The summary was written. */
  told(held: HeldBack): void {
    this.#take(held);
    this.journal.add(() => this.#put(held));
  }

  isOpen(held: HeldBack): boolean {
    return this.#byFile.get(held.file.fileId)?.has(held) === true;
  }

  /** When the first summary of a file is due, monotonic ms; Infinity when there is none. */
  dueAt(fileId: string): number {
    let dueAt = Infinity;
    for (const held of this.#byFile.get(fileId) ?? []) dueAt = Math.min(dueAt, held.dueAt);
    return dueAt;
  }

  /** Those of a file that are due at `now`. */
  due(fileId: string, now: number): readonly HeldBack[] {
    return [...(this.#byFile.get(fileId) ?? [])].filter(({ dueAt }) => dueAt <= now);
  }

  forget(fileId: string): void {
    this.#byFile.delete(fileId);
  }

  #put(held: HeldBack): void {
    const { fileId } = held.file;
    const known = this.#byFile.get(fileId) ?? new Set();
    this.#byFile.set(fileId, known.add(held));
  }

  #take(held: HeldBack): void {
    const { fileId } = held.file;
    const known = this.#byFile.get(fileId);
    known?.delete(held);
    if (known?.size === 0) this.#byFile.delete(fileId);
  }
}
