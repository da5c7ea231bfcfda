import type { Slot } from '../kernel/slot.js';
import { writeItem } from '../kernel/item.js';
import type { LetterLine } from '../delivery/letter-lines.js';
import type { StoredLetter } from '../delivery/stored-letter.js';
import { Fate, type DeliveryBatch, type ItemLayout, type Limits, type SendItems } from '../types/batch.js';
import type { LogRecord } from '../types/record.js';

/** A letter on its way, and where it stands in its file. */
export interface Sent {
  readonly line: Pick<LetterLine, 'start' | 'end'>;
  readonly letter: Pick<StoredLetter, 'id' | 'path' | 'offset'>;
  fate: Fate;
}

/** A batch of letters that are sent again. Unlike a lane's it remembers all of them, also those that are settled and that it has moved out of the way. */
export class ReplayBatch implements DeliveryBatch {
  /** By position in the slot. */
  #there: Sent[] = [];
  /** In the file's order. */
  readonly all: Sent[] = [];
  #oldest = Infinity;
  #newest = -Infinity;

  constructor(
    readonly slot: Slot,
    private readonly item: ItemLayout,
    private readonly limits: Limits,
    private readonly onSettled: () => void,
  ) {}

  /** Adds a letter, made a record of. 'full': it needs another batch; 'too-large': none could take it. */
  offer(line: Sent['line'], letter: Sent['letter'], record: LogRecord): 'taken' | 'full' | 'too-large' {
    const { slot, limits } = this;
    const { count } = slot;
    const { timeMs, file } = record;
    const oldest = Math.min(this.#oldest, timeMs);
    const newest = Math.max(this.#newest, timeMs);
    const fits =
      count === 0 ||
      (newest - oldest <= limits.spanMs &&
        (!limits.singleFile || slot.items(0, 1).file.fileId === file.fileId) &&
        count < limits.batchRecords);
    if (!fits) return 'full';
    writeItem(this.item, record, slot.writer);
    if (!slot.endItem(file, timeMs)) return count === 0 ? 'too-large' : 'full';
    if (count > 0 && slot.weightSum > limits.batchBytes) {
      slot.truncate(count);
      return 'full';
    }
    this.#oldest = oldest;
    this.#newest = newest;
    const { id, path, offset } = letter;
    const sent = { line: { start: line.start, end: line.end }, letter: { id, path, offset }, fate: Fate.pending };
    this.#there.push(sent);
    this.all.push(sent);
    return 'taken';
  }

  get count(): number {
    return this.#there.length;
  }

  isPending(position: number): boolean {
    return this.#at(position).fate === Fate.pending;
  }

  settle(position: number, fate: typeof Fate.delivered | typeof Fate.deadLettered): void {
    if (!this.isPending(position)) return;
    this.#at(position).fate = fate;
    this.onSettled();
  }

  deliver(from: number, to: number): void {
    for (let position = from; position < to; position++) this.settle(position, Fate.delivered);
  }

  items(from: number, to: number): SendItems {
    return this.slot.items(from, to);
  }

  compact(): void {
    this.slot.retain((item) => this.isPending(item));
    this.#there = this.#there.filter(({ fate }) => fate === Fate.pending);
  }

  describe(position: number): Sent['letter'] {
    return this.#at(position).letter;
  }

  /** The letter keeps its text, so nobody needs it here. */
  originalText(): Promise<Buffer> {
    return Promise.resolve(Buffer.alloc(0));
  }

  /** The identities of the files were written before these records were sent for the first time. */
  recorded(): Promise<void> {
    return Promise.resolve();
  }

  #at(position: number): Sent {
    const sent = this.#there[position];
    if (sent === undefined) throw new RangeError(`no letter has position ${position}`);
    return sent;
  }
}
