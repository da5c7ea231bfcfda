import { heapArena, piece, type Arena } from '../kernel/arena.js';
import { slotBytes, type Slot } from '../kernel/slot.js';
import { Fate, type DeliveryBatch, type SendItems } from '../types/batch.js';
import { recordId, type Part } from '../types/record.js';
import type { Joint, Stretch } from './watermark.js';
import type { Tailer } from './tailer.js';

/** A part number that says: no part. */
const noPart = -1;

/** What a batch takes of a `MemoryArena`, its slot included, in bytes. */
export const batchBytes = (slot: { readonly bytes: number; readonly records: number }): number =>
  slotBytes(slot) + 2 * piece(8 * slot.records);

/**
 * A slot with the table of its records. The lane fills it, `delivery` settles it; it is reused when every record has its fate.
 *
 * The table is columns of numbers, not an object per record: thousands of objects that live as long as a request does make the collector
 * keep twice the memory.
 */
export class LaneBatch implements DeliveryBatch {
  private size = 0;
  /** Offsets in the file. What lies between is what the ledger attributes to the record. */
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  private readonly parts: Int32Array;
  private readonly fates: Uint8Array;
  /** See `markOf`. */
  private readonly marks: Uint8Array;
  /** Number of the record's turn. */
  private readonly turns: Uint16Array;
  /** The turns that filled the batch: whose file, and the stretch once the turn has ended. */
  private readonly tailers: Tailer[] = [];
  private readonly stretches: Stretch[] = [];

  constructor(
    readonly slot: Slot,
    records: number,
    arena: Arena = heapArena,
  ) {
    this.starts = arena.float64(records);
    this.ends = arena.float64(records);
    this.parts = new Int32Array(records);
    this.fates = new Uint8Array(records);
    this.marks = new Uint8Array(records);
    this.turns = new Uint16Array(records);
  }

  get count(): number {
    return this.size;
  }

  /** Adds the record whose item was just ended in the slot. */
  add(tailer: Tailer, start: number, end: number, part: Part | undefined, mark: number): void {
    const record = this.size;
    this.tailers[this.stretches.length] = tailer;
    this.starts[record] = start;
    this.ends[record] = end;
    this.parts[record] = part?.index ?? noPart;
    this.fates[record] = Fate.pending;
    this.turns[record] = this.stretches.length;
    this.marks[record] = mark;
    this.size += 1;
  }

  /** Takes over the records up to number `count`, which the kernel has written into the slot, `starts` and `ends`. */
  adopt(tailer: Tailer, count: number, weightSum: number, mark: number): void {
    this.slot.adopt(count, weightSum, tailer.file);
    if (count > this.size) this.tailers[this.stretches.length] = tailer;
    this.parts.fill(noPart, this.size, count);
    this.fates.fill(Fate.pending, this.size, count);
    this.turns.fill(this.stretches.length, this.size, count);
    this.marks.fill(mark, this.size, count);
    this.size = count;
  }

  /** Takes back the records from number `count` on; all of them belong to the turn under way. */
  truncate(count: number): void {
    this.size = count;
    this.slot.truncate(count);
  }

  /** Ends a turn: its records belong to `stretch`. */
  close(stretch: Stretch): void {
    const turn = this.stretches.length;
    let first = this.size;
    while (first > 0 && this.turns[first - 1] === turn) first -= 1;
    stretch.pending += this.size - first;
    if (first < this.size) {
      this.tailers[turn]!.readings.add(this.marks, first, this.size);
      this.stretches.push(stretch);
    } else this.tailers.length = turn;
  }

  /** Turns are numbered in 16 bits. */
  get hasRoomForTurn(): boolean {
    return this.stretches.length < 0xffff;
  }

  clear(): void {
    this.size = 0;
    this.tailers.length = 0;
    this.stretches.length = 0;
    this.slot.truncate(0);
  }

  isPending(position: number): boolean {
    return this.fates[position] === Fate.pending;
  }

  settle(position: number, fate: typeof Fate.delivered | typeof Fate.deadLettered): void {
    if (!this.isPending(position)) return;
    const turn = this.turns[position]!;
    const stretch = this.stretches[turn]!;
    this.fates[position] = fate;
    stretch.pending -= 1;
    const bytes = this.ends[position]! - this.starts[position]!;
    if (fate === Fate.delivered) stretch.deliveredBytes += bytes;
    else stretch.deadBytes += bytes;
    if (stretch.pending === 0) this.tailers[turn]!.resolved();
  }

  deliver(from: number, to: number): void {
    const { starts, ends, fates, turns } = this;
    for (let position = from; position < to;) {
      const turn = turns[position]!;
      let count = 0;
      let bytes = 0;
      for (; position < to && turns[position] === turn; position += 1) {
        if (fates[position] !== Fate.pending) continue;
        fates[position] = Fate.delivered;
        bytes += ends[position]! - starts[position]!;
        count += 1;
      }
      if (count === 0) continue;
      const stretch = this.stretches[turn]!;
      stretch.pending -= count;
      stretch.deliveredBytes += bytes;
      if (stretch.pending === 0) this.tailers[turn]!.resolved();
    }
  }

  items(from: number, to: number): SendItems {
    return this.slot.items(from, to);
  }

  compact(): void {
    this.slot.retain((item) => this.isPending(item));
    let kept = 0;
    for (let record = 0; record < this.size; record += 1) {
      if (!this.isPending(record)) continue;
      for (const column of [this.starts, this.ends, this.parts, this.fates, this.turns]) {
        column[kept] = column[record]!;
      }
      kept += 1;
    }
    this.size = kept;
  }

  describe(position: number): { id: string; path: string; offset: number } {
    const { file } = this.tailers[this.turns[position]!]!;
    const joint = this.jointOf(position);
    const continued = joint && { fileId: joint.file.fileId, start: joint.start, end: joint.end };
    const [start, end, index] = [this.starts[position]!, this.ends[position]!, this.parts[position]!];
    const part = index === noPart ? undefined : { offset: start, index, last: false };
    return { id: recordId({ file, start, end, part, continued }), path: file.path, offset: start };
  }

  async originalText(position: number): Promise<Buffer> {
    const tailer = this.tailers[this.turns[position]!]!;
    // A summary has no bytes of the file.
    const [start, end] = [this.starts[position]!, this.ends[position]!];
    const joint = this.jointOf(position);
    const raw = start === end ? undefined : await tailer.reread(start, end, joint !== undefined);
    const rest = await joint?.reread();
    if (raw !== undefined && joint === undefined) return raw;
    if (raw !== undefined && rest !== undefined) return Buffer.concat([raw, rest]);
    const items = this.slot.items(position, position + 1);
    return Buffer.from(items.body.subarray(items.itemStart(0), items.itemEnd(0)));
  }

  /** A summary in the same turn is of neither file. */
  private jointOf(position: number): Joint | undefined {
    return this.starts[position] === this.ends[position] ? undefined : this.stretches[this.turns[position]!]!.joint;
  }

  async recorded(): Promise<void> {
    const files = new Set(this.tailers.map(({ file }) => file));
    for (const { joint } of this.stretches) if (joint !== undefined) files.add(joint.file);
    await Promise.all([...files].map(({ recorded }) => recorded));
  }
}
