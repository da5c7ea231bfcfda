import type { BatchWriter, Limits } from '../types/batch.js';
import type { LogRecord } from '../types/record.js';
import type { LaneBatch } from './lane-batch.js';
import { markOf } from './marks.js';
import type { Tailer } from './tailer.js';

/** What became of a record that was offered to a batch. 'left-out': it is held back by choice, and is done with as if it were taken. */
export type Offer = 'taken' | 'left-out' | 'full' | 'too-large';

/** What a lane's processing has to know of turns, and what it has to say beside the records. */
export interface Processing {
  /** A turn begins; what the last one remembered is final. */
  beginTurn(): void;
  /** A group opens: from here on records are provisional. */
  openGroup(): void;
  /** The records since the group opened are taken back and will come again. */
  takeBackGroup(): void;
  /** A turn ends: says how many records were left out in it, by reason. */
  endTurn(leftOut: (reason: string, count: number) => void): void;
  /** When a summary of what was held back of a file is due, monotonic ms; Infinity: none is. */
  summaryDueAt(fileId: string): number;
  /** Puts the summaries of a file that are due at `now` into the batch, as far as they fit. */
  offerSummaries(batch: LaneBatch, tailer: Tailer, now: number): void;
  /** The file is gone. */
  forget(fileId: string): void;
}

/** Puts records into a batch as long as the destination's limits and the slot allow. */
export class Filler {
  /** Undefined: records are written as they were parsed. */
  readonly processing: Processing | undefined = undefined;
  /** Times of the batch under way, ms; one batch is filled at a time. */
  oldest = 0;
  newest = 0;

  constructor(
    private readonly encode: (record: LogRecord, body: BatchWriter) => void,
    private readonly limits: Limits,
    /** Largest sum of weights of a batch now: the setting, the limit, or less since the destination refused one as too large. */
    private readonly batchBytes: () => number,
    /** Largest body the destination is known to take, by what it refused so far. A record alone may pass `batchBytes`, not this. */
    private readonly bodyBytes: () => number,
  ) {}

  /**
   * Encodes a record as the batch's next item. 'full': it needs another batch. 'too-large': no batch could take it, it has to be split.
   * `asItIs`: splitting would not help, so the destination is to judge it, however large.
   */
  offer(batch: LaneBatch, tailer: Tailer, record: LogRecord, asItIs = false): Offer {
    const { slot } = batch;
    const { count, weightSum } = slot;
    if (count >= this.limits.batchRecords || !this.spans(batch, record.timeMs)) return 'full';
    this.encode(record, slot.writer);
    if (!slot.endItem(record.file, record.timeMs)) return count === 0 ? 'too-large' : 'full';
    const weight = slot.weightSum - weightSum;
    const tooLarge = !asItIs && weight > this.largestWeight;
    if (tooLarge || (count > 0 && slot.weightSum > this.largestSum)) {
      slot.truncate(count);
      return tooLarge ? 'too-large' : 'full';
    }
    batch.add(tailer, record.start, record.end, record.part, markOf(record));
    return 'taken';
  }

  /** What one record may weigh. */
  get largestWeight(): number {
    return Math.min(this.limits.recordBytes, this.limits.batchBytes, this.bodyBytes());
  }

  /** What all records of a batch may weigh, if there are more than one. */
  get largestSum(): number {
    return this.batchBytes();
  }

  /** True when a record of this time keeps the batch within the destination's span. */
  private spans(batch: LaneBatch, timeMs: number): boolean {
    if (this.limits.spanMs === Infinity) return true;
    const oldest = Math.min(timeMs, batch.count === 0 ? timeMs : this.oldest);
    const newest = Math.max(timeMs, batch.count === 0 ? timeMs : this.newest);
    if (newest - oldest > this.limits.spanMs) return false;
    this.oldest = oldest;
    this.newest = newest;
    return true;
  }
}
