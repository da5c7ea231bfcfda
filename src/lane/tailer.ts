import { anchorAt, anchorBytes, noAnchor, type Anchor } from '../files/identity.js';
import type { SourceFile } from '../files/source-file.js';
import { detectEncoding, encodingNamed, type Encoding } from '../lines/encoding.js';
import { toUtf8 } from '../lines/transcode.js';
import type { LineParser } from '../types/parser.js';
import type { LogRecord } from '../types/record.js';
import type { StoredCursor, StoredRange } from '../types/stored.js';
import type { BytePath } from './byte-path.js';
import type { Filler } from './filler.js';
import { FramingTurn } from './framing-turn.js';
import type { LaneBatch } from './lane-batch.js';
import { findJoint } from './joint.js';
import { Readings } from './marks.js';
import { LinePosition } from './position.js';
import { ReadArea } from './read-area.js';
import { Watermark, type Joint } from './watermark.js';

export interface TailerOptions {
  readonly maxLineBytes: number;
  /** Bytes read in one turn, but to finish one open line. */
  readonly turnBytes: number;
  /** A turn may take more, as much as the read area holds, while the byte path takes nearly all lines: they are a tenth of the work. */
  readonly longTurns: boolean;
  /** The parser of a file whose detected format was remembered ('' when not). */
  readonly makeParser: (remembered: string) => LineParser;
  /** Wall clock, ms since the epoch. */
  readonly now: () => number;
  /** Encoding or format of the file became known. */
  readonly learned: (file: SourceFile) => void;
  /** The cursor moved. */
  readonly moved: (tailer: Tailer) => void;
  readonly leftOut: (reason: string, count: number) => void;
  /** The file that had its name before is read to its end, as far as is known; left out: it always is. */
  readonly predecessorDone?: (file: SourceFile) => boolean;
  readonly bytePath: BytePath | undefined;
  /** The counts by level (`markedLevels`) that a file at this path adds to; left out: nobody asks. */
  readonly levelsOf?: ((path: string) => Float64Array) | undefined;
}

/** How a turn ended: `more` may be read at once, the batch is `full`, it has `no-room` even for the first of it, no complete line is left now (`end`), or the file is `unreadable` now. */
export type Turn = 'more' | 'full' | 'no-room' | 'end' | 'unreadable';

/** What came of a look at both ends: their record is in the batch, which may be `full`; or it waits for more; or the files have no record in common. */
export type Join = 'joined' | 'full' | 'waits' | 'apart' | 'unreadable';

/**
 * Reads one file on from its cursor, for one lane, a bounded turn at a time. Between turns it keeps offsets, never bytes: an open line or group
 * is read again from its start when there is more of it.
 */
export class Tailer {
  readonly watermark: Watermark;
  /** How its records were read. */
  readonly readings: Readings;
  /** The end was reached once: the file's successor may start. */
  reachedEnd = false;
  /** Monotonic ms since which another file has its name; Infinity: none has. */
  succeededAt = Infinity;
  /** Monotonic ms until which the lane leaves it alone. */
  pausedUntil = -Infinity;
  /** Where the next turn begins. */
  private read: Anchor;
  private readonly position: LinePosition;
  private parser: LineParser | undefined;
  private hasReleased = false;
  /** ms since the epoch of the file's last record that had a time; NaN before. */
  lastTimeMs = Number.NaN;
  /** Size of the file at which only an open line or group was left. */
  private stalledSize = -1;
  /** End of the last line of the oldest group that was open at the end of the file; -1: none was. */
  openEnd = -1;
  /** The file ended with an open line. */
  hasOpenLine = false;
  /** The group at the end goes on in the successor: end of its last line there; -1: not that is known. And the size of that when it was looked at; Infinity: it does not go on. */
  jointEnd = -1;
  jointSize = -1;
  /** Size of the file up to which what is left is not even an open line: half a UTF-16 character. */
  private unfinishedSize = -1;
  private rawUntil = 0;
  /** The byte path took nearly all lines of the last turn. */
  private mostlyBytes = false;
  /** Nothing more is read: the rest is lost to this lane, or given up. */
  private ended = false;
  /** Where the tailer that jumped ahead of this one began; Infinity: none did. */
  private limit = Infinity;

  /** @param gap the tailer that reads what is before `cursor`, see `jump` */
  constructor(
    readonly file: SourceFile,
    cursor: StoredCursor | StoredRange | undefined,
    private readonly options: TailerOptions,
    public gap?: Tailer,
  ) {
    this.watermark = new Watermark(cursor, gap?.watermark);
    this.readings = gap?.readings ?? new Readings(options.levelsOf?.(file.path));
    this.read = this.watermark.top;
    this.position = new LinePosition(cursor?.lineStart ?? -1, cursor?.part ?? 0);
  }

  get format(): string {
    return this.parser?.format ?? this.file.format;
  }

  /** Lets go of what can be made again from what is known of the file: an open line or group is read again anyway. Between two turns. */
  releaseParser(): void {
    this.parser = undefined;
    this.hasReleased = true;
  }

  /**
   * The tailer that reads on from `range`, with this one as its gap: it reads what is before that, and ends there, as if the file did. From now on the other
   * one is the file's, and its watermark.
   */
  jump(range: StoredRange): Tailer {
    const ahead = new Tailer(this.file, range, this.options, this);
    ahead.succeededAt = this.succeededAt;
    ahead.reachedEnd = this.reachedEnd;
    this.limit = range.start;
    this.stalledSize = -1;
    this.openEnd = -1;
    this.hasOpenLine = false;
    return ahead;
  }

  /** Takes in a gap that was read to its end, and has its outcome. */
  closeGap(): void {
    if (this.watermark.merge()) this.gap = undefined;
  }

  /** It reads what is below the place to which another one of the file jumped. */
  get isGap(): boolean {
    return this.limit < Infinity;
  }

  /** First byte that is not read. */
  get readOffset(): number {
    return this.read.offset;
  }

  /** Where the file ends for it. */
  private get size(): number {
    return Math.min(this.file.size, this.limit);
  }

  /** Bytes that were not read yet, as far as they can be had. */
  get unread(): number {
    return this.ended || !this.file.readable ? 0 : Math.max(0, this.size - this.read.offset);
  }

  /** Every byte has its final outcome. */
  get isDone(): boolean {
    return !this.watermark.busy && this.watermark.cursor.offset >= this.file.size;
  }

  /** Something may be read: there is more than an open line, the file can be read, and its predecessor's end was reached. */
  get ready(): boolean {
    return this.unread > 0 && this.size > this.stalledSize && this.mayRead;
  }

  /** Only an open line or group is left to read. */
  get stalled(): boolean {
    return this.unread > 0 && this.size <= this.stalledSize && this.mayRead;
  }

  /** Whole lines that wait for more are all that is left: they may go on in the file's successor. */
  get endsOpen(): boolean {
    return this.openEnd >= 0 && !this.hasOpenLine && this.stalled;
  }

  private get isEnded(): boolean {
    return this.ended;
  }

  /** Nothing of it was read yet, and something may be. */
  get isFresh(): boolean {
    return this.read.offset === 0 && this.unread > 0 && this.file.problem === '';
  }

  /** What is left to read can't be shipped, not even as an open line. */
  get unfinished(): boolean {
    return this.gap === undefined && this.unread > 0 && this.file.size <= this.unfinishedSize;
  }

  /** A file took this one's name, at `now` (monotonic ms): it waits until what is there now was read, and until no group is open at its end. */
  succeeded(now: number): void {
    this.succeededAt = now;
    this.reachedEnd = this.unread === 0 || (this.stalled && this.openEnd < 0);
  }

  private get mayRead(): boolean {
    const { predecessorDone } = this.options;
    return this.file.problem === '' && (this.read.offset > 0 || (predecessorDone?.(this.file) ?? true));
  }

  /** Starts at `size`, the end at the first scan (START_AT=end): what was there counts as left out. */
  async skipTo(size: number): Promise<void> {
    await this.knowEncoding();
    const offset = this.file.encoding.startsWith('utf-16') ? size - (size % 2) : size;
    const bytes = Buffer.alloc(anchorBytes);
    const length = Math.min(anchorBytes, offset);
    const count = await this.file.read(bytes, 0, length, { offset: offset - length, hash: '', length: 0 });
    this.advance(count === length ? anchorAt(bytes, length, offset, length) : { offset, hash: '', length: 0 }, 0);
  }

  /** What was not read is lost to this lane and counts as dropped. Returns its bytes. */
  drop(): number {
    const ofGap = this.gap?.drop() ?? 0;
    const bytes = Math.max(0, this.size - this.read.offset);
    this.ended = true;
    this.reachedEnd = true;
    if (bytes > 0) this.advance({ offset: this.size, hash: '', length: 0 }, bytes);
    return ofGap + bytes;
  }

  /** Nothing of it is read, and nothing under way answered, any more. Returns the bytes that are lost by that. */
  giveUp(): number {
    const bytes = this.watermark.giveUp();
    this.gap?.resolved();
    this.resolved();
    return bytes;
  }

  /** All records of a stretch have their fate. */
  resolved(): void {
    if (this.watermark.advance()) this.options.moved(this);
  }

  /** The line of a record, mostly without its line end, as UTF-8 where its file is UTF-16; undefined when the file does not have them any more. */
  async reread(start: number, end: number, withLineEnd = false): Promise<Buffer | undefined> {
    const bytes = Buffer.alloc(end - start);
    const count = await this.file.read(bytes, 0, bytes.length, { offset: start, hash: '', length: 0 });
    if (count !== bytes.length) return undefined;
    const encoding = encodingNamed(this.file.encoding);
    const text = encoding === 'utf-8' ? bytes : Buffer.from(toUtf8(bytes, 0, bytes.length, encoding));
    if (withLineEnd) return text;
    let to = text.length;
    if (text[to - 1] === 0x0a) to -= 1;
    if (text[to - 1] === 0x0d) to -= 1;
    return text.subarray(0, to);
  }

  /** A record without a time of its own takes the file's last one, else the file's modification time, else now. */
  setTime(record: LogRecord): void {
    if (Number.isNaN(record.timeMs)) record.timeMs = this.recordTime;
    else this.lastTimeMs = record.timeMs;
  }

  /** The time of a record without one, ms since the epoch. */
  get recordTime(): number {
    return Number.isNaN(this.lastTimeMs) ? this.fallbackTime : this.lastTimeMs;
  }

  /** The same as long as no record had a time. */
  get fallbackTime(): number {
    const { mtimeMs } = this.file;
    return mtimeMs > 0 ? Math.floor(mtimeMs) : this.options.now();
  }

  /** Puts the summaries that are due at `now`, monotonic ms, into the batch; no byte of the file belongs to them. */
  summarize(batch: LaneBatch, filler: Filler, now: number): void {
    const { processing } = filler;
    if (processing === undefined || processing.summaryDueAt(this.file.fileId) > now) return;
    const before = batch.count;
    processing.offerSummaries(batch, this, now);
    if (batch.count > before) this.closeSummaries(batch);
  }

  private closeSummaries(batch: LaneBatch): void {
    const stretch = this.stretchTo(this.read, 0);
    batch.close(stretch);
    this.watermark.add(stretch);
  }

  /** Reads one turn into the batch. `flush`: what has waited long enough at the file's end is shipped as it is, see `FramingTurn.run`. */
  async turn(area: ReadArea, batch: LaneBatch, filler: Filler, record: LogRecord, flush: number): Promise<Turn> {
    let length = this.turnLength(area, batch, filler);
    if (this.read.offset > 0 && !(await this.knowEncoding())) return 'unreadable';
    for (;;) {
      const count = await this.file.read(area.bytes, ReadArea.start, this.within(length), this.read);
      if (count === undefined || this.ended) return 'unreadable';
      const size = Math.max(this.size, this.read.offset + count);
      const atEnd = this.read.offset + count >= size;
      const cornered = count >= area.capacity;
      const before = batch.count;
      const { rawUntil } = this;
      const turn = this.frame(
        area,
        count,
        atEnd ? (this.isGap ? Infinity : flush) : -1,
        cornered,
        batch,
        filler,
        record,
      );
      const consumed = turn === undefined ? 0 : turn.at - ReadArea.start;
      if (consumed === 0 && batch.count === before && turn?.full !== true && !atEnd && !cornered) {
        length = area.capacity; // one open line or group fills the turn: it is read whole, up to the line limit
        continue;
      }
      // A summary may be all that found room.
      if (turn !== undefined && (consumed > 0 || batch.count > before))
        this.close(batch, area.bytes, turn.at, this.read.offset + consumed);
      if (turn?.full === true) return consumed > 0 ? 'full' : 'no-room';
      // Lines that are now to be shipped as they are; but an open one among them waits for its end, as any does.
      const goesRaw = this.rawUntil > this.read.offset && (consumed > 0 || this.rawUntil > rawUntil);
      if (!atEnd || goesRaw) return 'more';
      this.stalledSize = size > this.read.offset ? size : -1;
      this.openEnd = turn?.openEnd ?? -1;
      this.jointSize = -1;
      this.jointEnd = -1;
      this.hasOpenLine = turn?.hasOpenLine ?? true;
      this.reachedEnd = this.openEnd < 0 || this.succeededAt === Infinity;
      if (flush === Infinity && consumed === 0) this.unfinishedSize = this.stalledSize;
      return 'end';
    }
  }

  /**
   * Puts the record that begins at this file's end and goes on in `next` into the batch, if there is one. Both cursors pass it together: that of `next`
   * when this one's does. `closes`: no more of it is waited for.
   */
  async join(
    next: Tailer,
    area: ReadArea,
    batch: LaneBatch,
    filler: Filler,
    record: LogRecord,
    closes: boolean,
  ): Promise<Join> {
    if (this.hasReleased) this.parser ??= this.options.makeParser(this.file.format);
    const { parser, read } = this;
    if (parser === undefined || this.position.inside || this.rawUntil > read.offset) return this.apart();
    if (encodingNamed(this.file.encoding) !== 'utf-8') return this.apart();
    const count = await this.file.read(area.bytes, ReadArea.start, area.capacity, read);
    if (count === undefined || this.ended) return 'unreadable';
    const middle = ReadArea.start + count;
    const room = next.within(area.capacity - count);
    if (count === 0 || room === 0) return this.apart();
    const nextCount = await next.file.read(area.bytes, middle, room, noAnchor);
    if (nextCount === undefined || next.ended || this.isEnded) return 'unreadable';
    const to = middle + nextCount;
    const encoding = next.encodingOf(area.bytes.subarray(middle, to), closes);
    if (encoding !== undefined && encoding.encoding !== 'utf-8') return this.apart();
    const bomBytes = encoding?.bomBytes ?? 0;
    const base = read.offset - ReadArea.start;
    const ends = {
      bytes: area.bytes.subarray(0, to),
      from: ReadArea.start,
      middle,
      second: middle + bomBytes,
      to,
      base,
      maxLineBytes: this.options.maxLineBytes,
      closes: closes || nextCount === room,
    };
    record.file = this.file;
    const found = findJoint(ends, parser, record);
    if (found === 'open') {
      this.jointEnd = parser.openEnd > base + middle ? parser.openEnd - base - middle : -1;
      this.jointSize = Math.max(next.file.size, nextCount);
    }
    if (found !== 'record') {
      parser.reset();
      return found === 'open' ? 'waits' : this.apart();
    }
    const nextEnd = record.end - base - middle;
    record.end = base + middle;
    record.continued = { fileId: next.file.fileId, start: bomBytes, end: nextEnd };
    this.setTime(record);
    const before = batch.count;
    filler.processing?.beginTurn();
    const offer = filler.offer(batch, this, record);
    filler.processing?.endTurn(this.options.leftOut);
    record.continued = undefined;
    parser.reset();
    if (offer === 'taken' || offer === 'left-out') {
      const joint = next.continued(bomBytes, anchorAt(area.bytes, middle + nextEnd, nextEnd, nextEnd));
      const stretch = { ...this.stretchTo(anchorAt(area.bytes, middle, record.end, count + read.length), 0), joint };
      batch.close(stretch);
      this.openEnd = -1;
      this.reachedEnd = true;
      this.finish(stretch);
      return 'joined';
    }
    if (batch.count > before) this.closeSummaries(batch);
    return offer === 'full' ? 'full' : this.apart();
  }

  /** The open group ends with the file, and has nothing to wait for. */
  private apart(): Join {
    this.jointEnd = -1;
    this.jointSize = Infinity;
    this.succeededAt = -Infinity;
    return 'apart';
  }

  /** The first bytes, up to `to`, belong to a record of the file before this one, from `start` on. */
  private continued(start: number, to: Anchor): Joint {
    const stretch = { ...this.stretchTo(to, 0), pending: 1 };
    const end = to.offset;
    this.finish(stretch);
    return {
      file: this.file,
      start,
      end,
      reread: () => this.reread(start, end),
      passed: ({ deliveredBytes, deadBytes }) => {
        stretch.pending = 0;
        if (deliveredBytes > 0) stretch.deliveredBytes = end - start;
        else if (deadBytes > 0) stretch.deadBytes = end - start;
        this.resolved();
      },
    };
  }

  /** So many bytes, or fewer where it ends before. */
  private within(length: number): number {
    return Math.min(length, this.limit - this.read.offset);
  }

  /** No more than the batch has room for, since what it does not take is read again: an item is hardly ever smaller than its line. */
  private turnLength(area: ReadArea, batch: LaneBatch, filler: Filler): number {
    const { turnBytes } = this.options;
    if (!this.mostlyBytes) return turnBytes;
    return Math.max(turnBytes, Math.min(area.capacity, filler.largestSum - batch.slot.weightSum));
  }

  private frame(
    area: ReadArea,
    count: number,
    flush: number,
    cornered: boolean,
    batch: LaneBatch,
    filler: Filler,
    record: LogRecord,
  ): FramingTurn | undefined {
    const from = ReadArea.start;
    const encoding = this.encodingOf(area.bytes.subarray(from, from + count), flush === Infinity);
    if (encoding === undefined) return undefined;
    this.parser ??= this.options.makeParser(this.file.format);
    const { parser, position, rawUntil } = this;
    const { maxLineBytes, bytePath } = this.options;
    const turn = new FramingTurn(
      {
        tailer: this,
        parser,
        encoding: encoding.encoding,
        batch,
        filler,
        record,
        position,
        maxLineBytes,
        rawUntil,
        bytePath,
      },
      area.bytes.subarray(0, from + count),
      from + encoding.bomBytes,
      from + count,
      this.read.offset - from,
    );
    filler.processing?.beginTurn();
    turn.run(flush, cornered);
    filler.processing?.endTurn(this.options.leftOut);
    this.rawUntil = turn.rawUntil;
    this.mostlyBytes = this.options.longTurns && bytePath !== undefined && turn.objects <= mostObjects;
    if (turn.blanks > 0) this.options.leftOut('blank', turn.blanks);
    if (turn.nuls > 0) this.options.leftOut('nul', turn.nuls);
    if (parser.format !== this.file.format && count > 0) {
      this.file.format = parser.format;
      this.options.learned(this.file);
    }
    return turn;
  }

  /** A lane that begins in the middle of a file may be the first to ask for its encoding. False: the file can't be read now. */
  private async knowEncoding(): Promise<boolean> {
    if (this.file.encoding !== '') return true;
    const first = Buffer.alloc(longestMark);
    const count = await this.file.read(first, 0, longestMark, noAnchor);
    if (count === undefined) return false;
    const detected = detectEncoding(first.subarray(0, count), this.read.offset > 0);
    if (detected === undefined) return true;
    this.file.encoding = detected.encoding;
    this.options.learned(this.file);
    return true;
  }

  /** Encoding of the file and, at its beginning, the length of its byte-order mark; undefined: too little of it is there to tell. */
  private encodingOf(first: Buffer, whole: boolean): { encoding: Encoding; bomBytes: number } | undefined {
    if (this.read.offset > 0) return { encoding: encodingNamed(this.file.encoding), bomBytes: 0 };
    const detected = detectEncoding(first, whole);
    if (detected !== undefined && detected.encoding !== this.file.encoding) {
      this.file.encoding = detected.encoding;
      this.options.learned(this.file);
    }
    return detected;
  }

  /** The turn's records belong to the stretch up to `offset`, whose byte is at `at` in `bytes`. */
  private close(batch: LaneBatch, bytes: Buffer, at: number, offset: number): void {
    const available = at - ReadArea.start + this.read.length;
    const stretch = this.stretchTo(anchorAt(bytes, at, offset, available), 0);
    batch.close(stretch);
    this.finish(stretch);
  }

  private advance(to: Anchor, droppedBytes: number): void {
    this.position.end();
    this.finish(this.stretchTo(to, droppedBytes));
  }

  private stretchTo(to: Anchor, droppedBytes: number) {
    const { lineStart, part } = this.position;
    return { from: this.read.offset, to, lineStart, part, pending: 0, deliveredBytes: 0, deadBytes: 0, droppedBytes };
  }

  private finish(stretch: ReturnType<Tailer['stretchTo']>): void {
    this.read = stretch.to;
    this.stalledSize = -1;
    this.jointSize = -1;
    this.jointEnd = -1;
    if (this.watermark.add(stretch)) this.options.moved(this);
  }
}

/** With more objects in a turn the next one is a short one again: each costs some 10 µs, and nothing else runs meanwhile. */
const mostObjects = 64;

/** Bytes of the longest byte-order mark. */
const longestMark = 3;
