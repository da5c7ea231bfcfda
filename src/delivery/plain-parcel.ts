import { Fate, type DeliveryBatch, type ItemBuffer, type SendItems } from '../types/batch.js';
import type { Destination } from './destination.js';
import type { Parcel, Refusal } from './shipment.js';

/** Codes that no other form of the record can mend: its size or its time is at fault. */
const beyondForm: ReadonlySet<string> = new Set([
  'RECORD_TOO_LARGE',
  'RECORD_EXPIRED',
  'RECORD_TOO_NEW',
  'RECORD_TOO_OLD',
]);

export const mendable = ({ code }: Refusal): boolean => !beyondForm.has(code);

/** The plain forms of some refused records of a batch, in the fallback buffer: position i of it stands for `refusals[i]`. */
export class PlainParcel implements Parcel {
  readonly #batch: DeliveryBatch;
  readonly #buffer: ItemBuffer;
  #refusals: Refusal[];
  #settled: boolean[];

  constructor(batch: DeliveryBatch, buffer: ItemBuffer, refusals: readonly Refusal[]) {
    this.#batch = batch;
    this.#buffer = buffer;
    this.#refusals = [...refusals];
    this.#settled = refusals.map(() => false);
  }

  get count(): number {
    return this.#refusals.length;
  }

  settle(position: number, fate: typeof Fate.delivered | typeof Fate.deadLettered): void {
    this.#batch.settle(this.refusal(position).position, fate);
    this.markSettled(position);
  }

  deliver(from: number, to: number): void {
    for (let position = from; position < to; position++) this.settle(position, Fate.delivered);
  }

  /** For a record whose fate was given to the batch itself. */
  markSettled(position: number): void {
    this.#settled[position] = true;
  }

  items(from: number, to: number): SendItems {
    return this.#buffer.items(from, to);
  }

  compact(): void {
    const pending = (position: number) => this.#settled[position] !== true;
    this.#buffer.retain(pending);
    this.#refusals = this.#refusals.filter((_, position) => pending(position));
    this.#settled = this.#refusals.map(() => false);
  }

  /** Why the record was refused in its first form. */
  refusal(position: number): Refusal {
    const refusal = this.#refusals[position];
    if (refusal === undefined) throw new RangeError(`no plain form has position ${position}`);
    return refusal;
  }
}

/**
 * Fills the fallback buffer, which it empties first, with the plain forms of `refusals` from number `from` on. Returns how many of them it holds: as
 * many as fit, 0 when the first one has no plain form that fits the buffer and the limits.
 */
export function fillWithPlainForms(
  destination: Destination,
  batch: DeliveryBatch,
  buffer: ItemBuffer,
  refusals: readonly Refusal[],
  from: number,
): number {
  const { limits } = destination;
  buffer.truncate(0);
  const most = Math.min(refusals.length - from, limits.batchRecords);
  for (let count = 0; count < most; count++) {
    const { position, reason } = refusals[from + count]!;
    const item = batch.items(position, position + 1);
    try {
      destination.encodePlain?.(item.body.subarray(item.itemStart(0), item.itemEnd(0)), reason, buffer.writer);
    } catch (error) {
      // Half an item may be written: it is ended and taken back.
      buffer.endItem(item.file, item.timeMs(0));
      buffer.truncate(count);
      if (count === 0) throw error;
      return count;
    }
    const fits = buffer.endItem(item.file, item.timeMs(0));
    if (fits && buffer.weightSum <= limits.batchBytes) continue;
    buffer.truncate(count);
    return count;
  }
  return most;
}
