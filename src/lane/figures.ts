import { emptyLedger, type Ledger } from '../types/stored.js';
import type { Tailer } from './tailer.js';

/** Bytes without a final outcome. Of a file that was given up, what is under way may still be delivered. */
export function lagBytes(tailers: Iterable<Tailer>): number {
  let sum = 0;
  for (const { file, watermark } of tailers) {
    if (file.readable || watermark.busy) sum += Math.max(0, file.size - watermark.cursor.offset);
  }
  return sum;
}

/** Age in seconds of the oldest byte without an outcome; 0 when there is none. `now` is monotonic ms. */
export function lagSeconds(tailers: Iterable<Tailer>, now: number): number {
  let oldest = now;
  for (const { file, watermark } of tailers) {
    if (file.readable || watermark.busy) oldest = Math.min(oldest, file.seenAt(watermark.cursor.offset) ?? now);
  }
  return (now - oldest) / 1000;
}

export function sumOf(ledgers: Iterable<Readonly<Ledger>>): Ledger {
  const sum = emptyLedger();
  for (const { delivered, deadLettered, leftOut, dropped } of ledgers) {
    sum.delivered += delivered;
    sum.deadLettered += deadLettered;
    sum.leftOut += leftOut;
    sum.dropped += dropped;
  }
  return sum;
}
