import { assembleProcessing } from '../../assemble-processing.js';
import { DocumentWriter } from '../../kernel/document.js';
import { writeItem } from '../../kernel/item.js';
import { Slot } from '../../kernel/slot.js';
import { Filler } from '../../lane/filler.js';
import { LaneBatch } from '../../lane/lane-batch.js';
import { ProcessingFiller } from '../../lane/processing-filler.js';
import { ReadArea } from '../../lane/read-area.js';
import { Tailer } from '../../lane/tailer.js';
import { configuredFormat } from '../../configured-format.js';
import { joiningOf } from '../../joining.js';
import { parsersOf } from '../../parsers-of.js';
import type { BatchWriter, ItemLayout, Limits } from '../../types/batch.js';
import { systemClock as clock } from '../../types/clock.js';
import type { Configuration } from '../../types/configuration.js';
import { slotSize, turnBytes } from '../../types/lane-size.js';
import { newRecord, type LogRecord } from '../../types/record.js';
import { MemoryFile } from './memory-file.js';
import type { Shown } from './shown.js';
import { ShowingFiller, type Offered } from './showing-filler.js';
import { summaryOf } from './summary.js';
import { TimedParser } from './timed-parser.js';

/** Only the document is looked at. */
const item: ItemLayout = { parts: ['document'], weight: 'encoded' };
const batchBytes = 1024 * 1024;
const batchRecords = 4096;

/**
 * The first output's lane without its destination: what is appended is read, framed, parsed, processed and written by the very code that ships it, and
 * each record is given to `show`. Lines that may go on wait for more, until `flush`.
 */
export class DryLane {
  private constructor(
    private readonly file: MemoryFile,
    private readonly tailer: Tailer,
    private readonly filler: ShowingFiller,
    private readonly area: ReadArea,
    private readonly batch: LaneBatch,
    private readonly show: (shown: Shown) => void,
  ) {}

  /** `name`: what the file is called in the records. `statics`: the agent's members. */
  static async open(
    configuration: Configuration,
    statics: Readonly<Record<string, unknown>>,
    name: string,
    show: (shown: Shown) => void,
  ): Promise<DryLane> {
    const { maxLineBytes } = configuration;
    const settings = configuration.outputs[0]!.processing;
    const processing = await assembleProcessing(settings, statics, false);
    const document = new DocumentWriter(processing.statics);
    const bytes = slotSize(batchBytes, 2 * maxLineBytes, maxLineBytes);
    const limits: Limits = { batchBytes: bytes, batchRecords, recordBytes: bytes, spanMs: Infinity, singleFile: true };
    const encode = (record: LogRecord, body: BatchWriter): void => writeItem(item, record, body);
    const size = (): number => bytes;
    const inner =
      processing.pipeline === undefined
        ? new Filler(encode, limits, size, size)
        : new ProcessingFiller({
            encode,
            limits,
            batchBytes: size,
            bodyBytes: size,
            pipeline: processing.pipeline,
            clock,
          });
    let parser: TimedParser | undefined;
    const own = await configuredFormat(configuration.format);
    const makeParser = parsersOf(configuration, bytes, await joiningOf(configuration), own);
    const file = new MemoryFile(name, clock.now());
    const tailer = new Tailer(file.source, undefined, {
      maxLineBytes,
      turnBytes,
      longTurns: false,
      makeParser: (remembered) => (parser = new TimedParser(makeParser(remembered))),
      now: () => clock.now(),
      learned: () => {},
      moved: () => {},
      leftOut: () => {},
      bytePath: undefined,
    });
    return new DryLane(
      file,
      tailer,
      new ShowingFiller(inner, () => parser?.parsed, limits),
      new ReadArea(turnBytes, maxLineBytes),
      new LaneBatch(new Slot({ bytes, records: batchRecords, document }), batchRecords),
      show,
    );
  }

  /** Reads on: all lines that are complete with this. */
  async append(bytes: Buffer): Promise<void> {
    this.file.append(bytes);
    await this.read(-1);
  }

  /** Nothing came for some time: groups of lines are complete. */
  async flushGroups(): Promise<void> {
    if (this.tailer.openEnd >= 0) await this.read(this.tailer.openEnd);
  }

  /** Nothing more comes: what is open is shown as it is. */
  async flush(): Promise<void> {
    await this.read(Infinity);
    this.tailer.summarize(this.batch, this.filler, Infinity);
    this.take();
  }

  private async read(flush: number): Promise<void> {
    if (this.tailer.unread === 0) return;
    const record = newRecord();
    for (;;) {
      const turn = await this.tailer.turn(this.area, this.batch, this.filler, record, flush);
      this.take();
      this.file.forget(this.next);
      if (turn === 'unreadable') throw new Error('bytes in memory can be read');
      if (turn === 'end') return;
    }
  }

  /** Offset of what the next turn reads. */
  private get next(): number {
    return this.file.source.size - this.tailer.unread;
  }

  /** Shows what the turn made, but not what it took back: that comes again. */
  private take(): void {
    const { batch, filler } = this;
    const items = batch.count === 0 ? undefined : batch.items(0, batch.count);
    const textOf = (i: number): string => items!.body.toString('utf8', items!.itemStart(i), items!.itemEnd(i));
    let shown = 0;
    for (const offered of filler.offered) {
      if (offered.end > this.next || offered.item >= batch.count) continue;
      for (; shown < offered.item; shown++) this.show(summaryOf(textOf(shown)));
      if (offered.item >= 0) shown = offered.item + 1;
      this.show(this.shownOf(offered, offered.item < 0 ? '' : textOf(offered.item)));
    }
    for (; shown < batch.count; shown++) this.show(summaryOf(textOf(shown)));
    filler.offered = [];
    batch.deliver(0, batch.count);
    batch.clear();
  }

  private shownOf(offered: Offered, document: string): Shown {
    const { start, end, format, fileFormat, known, hasTime, parsed, sent, heldBack, ms } = offered;
    let raw = this.file.bytes(start, end);
    const last = raw.at(-1) === 0x0a ? raw.length - 1 : raw.length;
    raw = raw.subarray(0, raw[last - 1] === 0x0d ? last - 1 : last);
    const line = this.file.lineAt(start);
    const lines = this.file.lineAt(Math.max(start, end - 1)) - line + 1;
    return {
      line,
      lines,
      raw,
      format,
      fileFormat,
      known,
      hasTime,
      parsed,
      sent,
      heldBack,
      document,
      micros: ms * 1000,
    };
  }
}
