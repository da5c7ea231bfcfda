import type { HeldBack } from '../processing/held-back.js';
import type { Pipeline } from '../processing/pipeline.js';
import type { BatchWriter, Limits } from '../types/batch.js';
import type { Clock } from '../types/clock.js';
import { newRecord, type LogRecord } from '../types/record.js';
import { Filler, type Offer, type Processing } from './filler.js';
import type { LaneBatch } from './lane-batch.js';
import { markOf, type Readings } from './marks.js';
import type { Tailer } from './tailer.js';

export interface ProcessingFillerOptions {
  readonly encode: (record: LogRecord, body: BatchWriter) => void;
  readonly limits: Limits;
  readonly batchBytes: () => number;
  readonly bodyBytes: () => number;
  readonly pipeline: Pipeline;
  readonly clock: Clock;
}

/**
 * A filler whose records go through the lane's processing first: some are left out, and summaries of those are put between the others. What the
 * processing remembers follows what the batch took: a record that finds no room, or is taken back with its group, has not been seen.
 */
export class ProcessingFiller extends Filler implements Processing {
  override readonly processing = this;
  readonly #summary = newRecord();
  #leftOut = new Map<string, number>();
  /** What is left out was read all the same, and counts as that: marks of the turn's records, and where they are counted. */
  readonly #marks: number[] = [];
  #readings: Readings | undefined;
  /** Why the record that was left out last was. */
  leftOutBy = '';

  constructor(private readonly options: ProcessingFillerOptions) {
    super(options.encode, options.limits, options.batchBytes, options.bodyBytes);
  }

  override offer(batch: LaneBatch, tailer: Tailer, record: LogRecord, asItIs = false): Offer {
    const { pipeline, clock } = this.options;
    const { journal } = pipeline;
    const begun = journal.length;
    const now = clock.monotonic();
    // A file without any times is counted by the clock.
    const timeMs = Number.isNaN(tailer.lastTimeMs) ? clock.now() : tailer.lastTimeMs;
    const reason = pipeline.heldBackBy(record, timeMs, now);
    if (reason !== undefined) return this.#leaveOut(reason, tailer, record);
    const gated = journal.length;
    const ended = pipeline.endedBy(record);
    if (ended !== undefined && !this.#tell(batch, tailer, ended)) {
      journal.undo(begun);
      return 'full';
    }
    // A summary that the batch took stays there, whatever becomes of the record.
    const told = journal.length;
    if (pipeline.isRepeat(record, now)) return this.#leaveOut('duplicate', tailer, record);
    pipeline.shape(record);
    const offer = super.offer(batch, tailer, record, asItIs);
    if (offer !== 'taken') {
      journal.undo(told);
      journal.undo(begun, gated);
    }
    return offer;
  }

  beginTurn(): void {
    this.options.pipeline.journal.clear();
  }

  openGroup(): void {
    this.options.pipeline.journal.mark();
  }

  takeBackGroup(): void {
    this.options.pipeline.journal.backToMark();
  }

  endTurn(leftOut: (reason: string, count: number) => void): void {
    for (const [reason, count] of this.#leftOut) if (count > 0) leftOut(reason, count);
    this.#leftOut = new Map();
    this.#readings?.add(Uint8Array.from(this.#marks), 0, this.#marks.length);
    this.#marks.length = 0;
    this.options.pipeline.journal.clear();
  }

  summaryDueAt(fileId: string): number {
    return this.options.pipeline.held.dueAt(fileId);
  }

  offerSummaries(batch: LaneBatch, tailer: Tailer, now: number): void {
    const { pipeline } = this.options;
    for (const held of pipeline.held.due(tailer.file.fileId, now)) if (!this.#tell(batch, tailer, held)) break;
    pipeline.journal.clear();
  }

  forget(fileId: string): void {
    this.options.pipeline.forget(fileId);
  }

  /** False: the batch has no room for it. One that fits into none is given up. */
  #tell(batch: LaneBatch, tailer: Tailer, held: HeldBack): boolean {
    const { pipeline } = this.options;
    pipeline.summarize(held, this.#summary);
    if (super.offer(batch, tailer, this.#summary) === 'full') return false;
    pipeline.held.told(held);
    return true;
  }

  #leaveOut(reason: string, { readings }: Tailer, record: LogRecord): Offer {
    this.leftOutBy = reason;
    this.#readings = readings;
    this.#marks.push(markOf(record));
    const count = this.#leftOut.get(reason) ?? 0;
    this.#leftOut.set(reason, count + 1);
    this.options.pipeline.journal.add(() => {
      this.#leftOut.set(reason, (this.#leftOut.get(reason) ?? 0) - 1);
      this.#marks.pop();
    });
    return 'left-out';
  }
}
