import assert from 'node:assert';
import type { BatchWriter, ItemBuffer, SendItems } from '../types/batch.js';
import type { FileFacts } from '../types/record.js';
import type { DocumentWriter } from './document.js';
import { heapArena, piece, type Arena } from './arena.js';
import type { SlotTable } from './kernel.js';
import { SlotWriter } from './writer.js';

export interface SlotOptions {
  /** Size of the buffer: an item that is larger never fits. */
  readonly bytes: number;
  /** Largest number of items. */
  readonly records: number;
  readonly document: DocumentWriter;
  /** Where its memory comes from; each piece for itself when it is left out. */
  readonly arena?: Arena;
}

/** What a slot takes of a `MemoryArena`, in bytes. */
export const slotBytes = ({ bytes, records }: Pick<SlotOptions, 'bytes' | 'records'>): number =>
  piece(bytes) + piece(4 * (records + 1)) + 2 * piece(8 * records);

/**
 * Items back to back in one buffer of fixed size, with a table of where each one ends, its weight, time and file.
 *
 *     buffer   | item 0 | item 1 |   item 2   | being written …        |
 *     offsets  0        1        2            3 = count
 *
 * The item being written lies after the last one; `endItem` adds it to the table, whatever else changes the table forgets it.
 */
export class Slot implements ItemBuffer {
  readonly #buffer: Buffer;
  readonly #records: number;
  readonly #writer: SlotWriter;
  /** Item `i` is [offsets[i], offsets[i + 1]). */
  readonly #offsets: Uint32Array;
  readonly #weights: Float64Array;
  readonly #times: Float64Array;
  /** Allocated whole: an array that grows anew with each batch is what a collector sees most of. */
  readonly #files: (FileFacts | undefined)[];
  #count = 0;
  #weightSum = 0;

  constructor({ bytes, records, document, arena = heapArena }: SlotOptions) {
    this.#buffer = arena.bytes(bytes);
    this.#records = records;
    this.#writer = new SlotWriter(this.#buffer, document);
    this.#offsets = arena.uint32(records + 1);
    this.#weights = arena.float64(records);
    this.#times = arena.float64(records);
    this.#files = new Array<undefined>(records).fill(undefined);
  }

  get writer(): BatchWriter {
    return this.#writer;
  }

  get count(): number {
    return this.#count;
  }

  /** For the kernel, which writes items into the buffer and the table itself; `adopt` says how many there are then. */
  get table(): SlotTable {
    const { count, weightSum } = this;
    return {
      buffer: this.#buffer,
      offsets: this.#offsets,
      weights: this.#weights,
      times: this.#times,
      count,
      weightSum,
    };
  }

  /** Takes over the items up to number `count`, of one file, that were written into buffer and table. */
  adopt(count: number, weightSum: number, file: FileFacts): void {
    assert(count >= this.#count && count <= this.#records);
    this.#files.fill(file, this.#count, count);
    this.#count = count;
    this.#weightSum = weightSum;
    this.#beginItem();
  }

  get weightSum(): number {
    return this.#weightSum;
  }

  endItem(file: FileFacts, timeMs: number): boolean {
    const { count } = this;
    const fits = !this.#writer.overflow && count < this.#records;
    if (fits) {
      this.#offsets[count + 1] = this.#writer.position;
      this.#weights[count] = this.#writer.weight;
      this.#times[count] = timeMs;
      this.#files[count] = file;
      this.#count += 1;
      this.#weightSum += this.#writer.weight;
    }
    this.#beginItem();
    return fits;
  }

  truncate(count: number): void {
    assert(count >= 0 && count <= this.count);
    this.#count = count;
    this.#settle();
  }

  retain(keep: (item: number) => boolean): void {
    let kept = 0;
    let position = 0;
    for (let item = 0; item < this.count; item++) {
      if (!keep(item)) continue;
      const start = this.#offsets[item]!;
      const end = this.#offsets[item + 1]!;
      // Items only ever move to the front, so no table entry is overwritten before it was read.
      if (start !== position) this.#buffer.copyWithin(position, start, end);
      position += end - start;
      this.#weights[kept] = this.#weights[item]!;
      this.#times[kept] = this.#times[item]!;
      this.#files[kept] = this.#files[item]!;
      this.#offsets[++kept] = position;
    }
    this.#count = kept;
    this.#settle();
  }

  items(from: number, to: number): SendItems {
    assert(from >= 0 && from < to && to <= this.count);
    const base = this.#offsets[from]!;
    const at = (i: number): number => {
      assert(i >= 0 && i < to - from);
      return from + i;
    };
    return {
      count: to - from,
      body: this.#buffer.subarray(base, this.#offsets[to]),
      itemStart: (i) => this.#offsets[at(i)]! - base,
      itemEnd: (i) => this.#offsets[at(i) + 1]! - base,
      weight: (i) => this.#weights[at(i)]!,
      timeMs: (i) => this.#times[at(i)]!,
      file: this.#files[from]!,
    };
  }

  /** Sums anew rather than subtracting, so that no error can build up. */
  #settle(): void {
    this.#weightSum = 0;
    for (let item = 0; item < this.count; item++) this.#weightSum += this.#weights[item]!;
    this.#beginItem();
  }

  #beginItem(): void {
    this.#writer.begin(this.#offsets[this.count]!);
  }
}
