import { Filler, type Offer } from '../../lane/filler.js';
import type { LaneBatch } from '../../lane/lane-batch.js';
import { ProcessingFiller } from '../../lane/processing-filler.js';
import type { Tailer } from '../../lane/tailer.js';
import type { Limits } from '../../types/batch.js';
import type { LogRecord } from '../../types/record.js';
import { fieldsOf, type Fields } from './shown.js';
import type { Parse } from './timed-parser.js';

/** A record that was offered, as it went through the lane. */
export interface Offered extends Parse {
  /** Offsets in the file. */
  readonly start: number;
  readonly end: number;
  readonly format: string;
  readonly parsed: Fields;
  readonly sent: Fields;
  /** Why it is held back; '' when it is not. */
  readonly heldBack: string;
  /** Its item in the batch; a summary may stand before it. -1: it has none. */
  readonly item: number;
}

/** Puts records into a batch by another filler, and keeps what it sees of them. */
export class ShowingFiller extends Filler {
  override readonly processing;
  offered: Offered[] = [];

  constructor(
    private readonly inner: Filler,
    private readonly parsedLast: () => Parse | undefined,
    limits: Limits,
  ) {
    super(
      () => {},
      limits,
      () => limits.batchBytes,
      () => Infinity,
    );
    this.processing = inner.processing;
  }

  override offer(batch: LaneBatch, tailer: Tailer, record: LogRecord, asItIs = false): Offer {
    const parse = this.parsedLast();
    const parsed = fieldsOf(record);
    const begun = performance.now();
    const offer = this.inner.offer(batch, tailer, record, asItIs);
    const ms = (parse?.ms ?? 0) + performance.now() - begun;
    if (offer !== 'taken' && offer !== 'left-out') return offer;
    const { start, end, format } = record;
    const isLeftOut = offer === 'left-out';
    const heldBack = isLeftOut && this.inner instanceof ProcessingFiller ? this.inner.leftOutBy : '';
    this.offered.push({
      start,
      end,
      format,
      parsed,
      sent: fieldsOf(record),
      heldBack,
      item: isLeftOut ? -1 : batch.count - 1,
      ms,
      hasTime: parse?.hasTime === true && record.part === undefined,
      known: parse?.known ?? '',
      fileFormat: parse?.fileFormat ?? '',
    });
    if (parse !== undefined) {
      parse.ms = 0;
      parse.hasTime = false;
    }
    return offer;
  }
}
