import { emptyLedger, type Ledger } from '../types/stored.js';
import type { Tailer } from './tailer.js';

/** Bytes without a final outcome. Of a file that was given up, what is under way may still be delivered. */
export function lagBytes(tailers: Iterable<Tailer>): number {
  let sum = 0;
  for (const tailer of tailers) sum += lagOf(tailer);
  return sum;
}

const lagOf = (tailer: Tailer): number => Math.max(0, pendingOf(tailer) - tailer.watermark.bytesAhead);

/** size − offset: what a range above the cursor holds has its outcome, and is counted as such when the cursor gets there. */
export function pendingBytes(tailers: Iterable<Tailer>): number {
  let sum = 0;
  for (const tailer of tailers) sum += pendingOf(tailer);
  return sum;
}

const pendingOf = ({ file, watermark }: Tailer): number =>
  file.readable || watermark.busy ? Math.max(0, file.size - watermark.cursor.offset) : 0;

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
