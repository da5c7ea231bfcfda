import assert from 'node:assert/strict';
import { Fate, type BatchWriter, type DeliveryBatch, type ItemBuffer, type SendItems } from '../../src/types/batch.js';
import type { FileFacts } from '../../src/types/record.js';

const file: FileFacts = { fileId: '0123456789abcdef01234567', path: '/var/log/app/a.log', birthMs: 0 };

/** A slot without a table or a fixed buffer: items as strings. Heavier than `maxBytes` together is an overflow. */
export class MemoryItems implements ItemBuffer {
  #items: string[] = [];
  #open = '';
  readonly #maxBytes: number;

  constructor(maxBytes = Number.POSITIVE_INFINITY) {
    this.#maxBytes = maxBytes;
  }

  readonly writer: BatchWriter = {
    overflow: false,
    text: (text) => void (this.#open += text),
    digits: (value) => void (this.#open += String(value)),
    bytes: (source, from, to) => void (this.#open += source.toString('utf8', from, to)),
    jsonString: (text) => void (this.#open += JSON.stringify(text)),
    jsonBytes: () => assert.fail('not written in these tests'),
    repaired: () => assert.fail('not written in these tests'),
    document: () => assert.fail('not written in these tests'),
    weigh: () => assert.fail('not written in these tests'),
  };

  get count(): number {
    return this.#items.length;
  }

  get weightSum(): number {
    return this.#items.reduce((sum, item) => sum + item.length, 0);
  }

  endItem(): boolean {
    const item = this.#open;
    this.#open = '';
    if (this.weightSum + item.length > this.#maxBytes) return false;
    this.#items.push(item);
    return true;
  }

  add(item: string): void {
    this.writer.text(item);
    assert(this.endItem());
  }

  truncate(count: number): void {
    assert.equal(this.#open, '', 'an item is ended before it is taken back');
    this.#items.length = count;
  }

  retain(keep: (item: number) => boolean): void {
    this.#items = this.#items.filter((_, position) => keep(position));
  }

  items(from: number, to: number): SendItems {
    assert(from >= 0 && from < to && to <= this.#items.length, `there are no items [${from}, ${to})`);
    const items = this.#items.slice(from, to);
    const ends = items.reduce<number[]>((all, item) => [...all, (all.at(-1) ?? 0) + Buffer.byteLength(item)], []);
    return {
      count: items.length,
      body: Buffer.from(items.join('')),
      itemStart: (i) => (i === 0 ? 0 : ends[i - 1]!),
      itemEnd: (i) => ends[i]!,
      weight: (i) => items[i]!.length,
      timeMs: () => 0,
      file,
    };
  }
}

/** The items of an attempt as strings. */
export function itemsOf(items: SendItems): string[] {
  return Array.from({ length: items.count }, (_, i) =>
    items.body.toString('utf8', items.itemStart(i), items.itemEnd(i)),
  );
}

/** A batch of records, each an item of its own name, that keeps a ledger of fates and refuses a second fate for a record. */
export class MemoryBatch implements DeliveryBatch {
  /** Fates by record. */
  readonly fates = new Map<string, 'delivered' | 'dead-lettered'>();
  readonly all: readonly string[];
  /** Set it to fail when anything is settled from now on. */
  frozen = false;
  recordedWhen: Promise<void> = Promise.resolve();
  #records: string[];
  #settled: boolean[];
  readonly #items = new MemoryItems();

  constructor(records: readonly string[]) {
    this.all = records;
    this.#records = [...records];
    this.#settled = records.map(() => false);
    for (const record of records) this.#items.add(record);
  }

  get count(): number {
    return this.#records.length;
  }

  isPending(position: number): boolean {
    return this.#settled[position] === false;
  }

  settle(position: number, fate: typeof Fate.delivered | typeof Fate.deadLettered): void {
    const record = this.#record(position);
    assert(!this.frozen, `${record} was settled after the end`);
    assert(!this.fates.has(record), `${record} got a second fate`);
    this.fates.set(record, fate === Fate.delivered ? 'delivered' : 'dead-lettered');
    this.#settled[position] = true;
  }

  deliver(from: number, to: number): void {
    for (let position = from; position < to; position++) this.settle(position, Fate.delivered);
  }

  items(from: number, to: number): SendItems {
    return this.#items.items(from, to);
  }

  compact(): void {
    const pending = (position: number) => this.isPending(position);
    this.#items.retain(pending);
    this.#records = this.#records.filter((_, position) => pending(position));
    this.#settled = this.#records.map(() => false);
  }

  describe(position: number) {
    const record = this.#record(position);
    return { id: `id-${record}`, path: file.path, offset: this.all.indexOf(record) };
  }

  originalText(position: number): Promise<Buffer> {
    return Promise.resolve(Buffer.from(`line ${this.#record(position)}`));
  }

  recorded(): Promise<void> {
    return this.recordedWhen;
  }

  /** Records of a fate, in batch order. */
  with(fate: 'delivered' | 'dead-lettered'): string[] {
    return this.all.filter((record) => this.fates.get(record) === fate);
  }

  #record(position: number): string {
    const record = this.#records[position];
    assert(record !== undefined, `there is no position ${position}`);
    return record;
  }
}
