import type { Slot } from '../kernel/slot.js';
import { Fate, type DeliveryBatch, type SendItems } from '../types/batch.js';
import { recordId, type Part } from '../types/record.js';
import type { Stretch } from './watermark.js';
import type { Tailer } from './tailer.js';

/** One record of a batch: where it comes from and what counts for it. */
interface Entry {
  readonly tailer: Tailer;
  stretch: Stretch | undefined;
  readonly start: number;
  readonly end: number;
  /** Raw bytes that are attributed to it in the ledger: of a record in several parts, the last part has them. */
  readonly bytes: number;
  readonly part: Part | undefined;
  fate: Fate;
}

/** A slot with the table of its records. The lane fills it, `delivery` settles it; it is reused when every record has its fate. */
export class LaneBatch implements DeliveryBatch {
  private entries: Entry[] = [];
  /** Records without a stretch yet: those of the turn under way. */
  private open = 0;

  constructor(readonly slot: Slot) {}

  get count(): number {
    return this.entries.length;
  }

  /** Adds the record whose item was just ended in the slot. */
  add(tailer: Tailer, start: number, end: number, part: Part | undefined, bytes: number): void {
    this.entries.push({ tailer, stretch: undefined, start, end, bytes, part, fate: Fate.pending });
    this.open += 1;
  }

  /** Takes back the records from number `count` on; all of them belong to the turn under way. */
  truncate(count: number): void {
    this.open -= this.entries.length - count;
    this.entries.length = count;
    this.slot.truncate(count);
  }

  /** Ends a turn: its records belong to `stretch`. */
  close(stretch: Stretch): void {
    for (let index = this.entries.length - this.open; index < this.entries.length; index += 1) {
      this.entries[index]!.stretch = stretch;
    }
    stretch.pending += this.open;
    this.open = 0;
  }

  clear(): void {
    this.entries = [];
    this.open = 0;
    this.slot.truncate(0);
  }

  isPending(position: number): boolean {
    return this.entries[position]!.fate === Fate.pending;
  }

  settle(position: number, fate: typeof Fate.delivered | typeof Fate.deadLettered): void {
    const entry = this.entries[position]!;
    if (entry.fate !== Fate.pending || entry.stretch === undefined) return;
    entry.fate = fate;
    entry.stretch.pending -= 1;
    if (fate === Fate.delivered) entry.stretch.deliveredBytes += entry.bytes;
    else entry.stretch.deadBytes += entry.bytes;
    if (entry.stretch.pending === 0) entry.tailer.resolved();
  }

  items(from: number, to: number): SendItems {
    return this.slot.items(from, to);
  }

  compact(): void {
    this.slot.retain((item) => this.entries[item]!.fate === Fate.pending);
    this.entries = this.entries.filter(({ fate }) => fate === Fate.pending);
  }

  describe(position: number): { id: string; path: string; offset: number } {
    const { tailer, start, end, part } = this.entries[position]!;
    return { id: recordId(tailer.file.fileId, start, end, part), path: tailer.file.path, offset: start };
  }

  async originalText(position: number): Promise<Buffer> {
    const { tailer, start, end } = this.entries[position]!;
    const raw = await tailer.reread(start, end);
    if (raw !== undefined) return raw;
    const items = this.slot.items(position, position + 1);
    return Buffer.from(items.body.subarray(items.itemStart(0), items.itemEnd(0)));
  }

  async recorded(): Promise<void> {
    await Promise.all([...new Set(this.entries.map(({ tailer }) => tailer.file.recorded))]);
  }
}
