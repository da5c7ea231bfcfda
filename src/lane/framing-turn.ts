import assert from 'node:assert/strict';
import type { Encoding } from '../lines/encoding.js';
import { cutPoint, isBlank, nextLine, nulRun, type LineSpan } from '../lines/framing.js';
import { toUtf8 } from '../lines/transcode.js';
import type { LineParser } from '../types/parser.js';
import { clearParsed, type LogRecord } from '../types/record.js';
import type { BytePath } from './byte-path.js';
import type { Filler } from './filler.js';
import type { LaneBatch } from './lane-batch.js';
import type { LinePosition } from './position.js';
import type { Tailer } from './tailer.js';

export interface FramingOptions {
  readonly tailer: Tailer;
  readonly parser: LineParser;
  readonly encoding: Encoding;
  readonly batch: LaneBatch;
  readonly filler: Filler;
  /** The lane's one record, filled anew for each. */
  readonly record: LogRecord;
  readonly position: LinePosition;
  readonly maxLineBytes: number;
  /** Lines that start before this offset are shipped as they are, see `FramingTurn.rawUntil`. */
  readonly rawUntil: number;
  /** Undefined: all lines become objects. */
  readonly bytePath: BytePath | undefined;
}

/** After so many tries that took nothing the byte path is asked again only each so many lines, times two for each further try. */
const mostSkipped = 64;

/** `\r\n` in UTF-16. */
const lineEndBytes = 4;

/**
 * A piece of so few bytes is not split any more: what makes it too large is not its text. It goes alone, and a destination that refuses even that
 * makes it a dead letter.
 */
const smallestSplit = 256;

type Piece = 'whole' | 'cut' | 'open';

/**
 * One turn: the lines of one read go into the batch. `at` is where the next one begins, always a place to which the cursor may move.
 *
 * While a group (CRI parts) is open, its lines and all that follow are provisional: when the turn ends before the group does, they are taken
 * back and `at` returns to where it opened, so that the next turn reads it again from its start.
 */
export class FramingTurn {
  /** True when the batch can't take the record at `at`. */
  full = false;
  /** Set when a group fits in no batch: lines before this offset of the file are to be shipped one by one, unparsed. */
  rawUntil: number;
  /** Lines and pieces that became objects. */
  objects = 0;
  /** Lines that made no record, and holes. */
  blanks = 0;
  nuls = 0;
  private blanksMark = 0;
  private nulsMark = 0;
  /** Lines that the byte path is not asked for, and as many again after the next try that takes nothing. */
  private skip = 0;
  private skipNext = 1;
  private readonly span: LineSpan = { textStart: 0, textEnd: 0, rawEnd: 0 };
  /** Where the oldest group that is open was opened: place in the buffer, and records in the batch before it. -1: none is open. */
  private openAt = -1;
  private openMark = 0;

  constructor(
    private readonly options: FramingOptions,
    private readonly bytes: Buffer,
    public at: number,
    private readonly to: number,
    /** Offset in the file of `bytes[0]`. */
    private readonly base: number,
  ) {
    this.rawUntil = options.rawUntil;
  }

  /**
   * @param flush the open line and group at the end have waited long enough: they are shipped as they are
   * @param cornered no more can be read at once: an open group that began with this read is closed as it is
   */
  run(flush: boolean, cornered: boolean): void {
    const begin = this.at;
    while (this.at < this.to && !this.full) {
      this.takeBytes();
      if (this.at >= this.to) break;
      if (this.skipNuls()) continue;
      const piece = this.nextPiece(flush);
      if (piece === undefined) break;
      this.take(piece);
    }
    if (this.openAt < 0) return;
    if (!this.full && (flush || (cornered && this.openAt === begin))) this.flushGroups();
    if (this.openAt < 0) return;
    if (this.openAt === begin && this.openMark === 0 && this.full) this.rawUntil = this.base + this.at;
    this.takeBack();
  }

  /** Lets the byte path take what it can of the lines that come next. */
  private takeBytes(): void {
    const { bytePath, position, encoding, parser, batch, filler, tailer } = this.options;
    if (bytePath === undefined || this.openAt >= 0 || position.inside || encoding !== 'utf-8') return;
    if (this.base + this.at < this.rawUntil) return;
    if (this.skip > 0) {
      this.skip -= 1;
      return;
    }
    const { bytes, at, to, base } = this;
    const progress = bytePath.take({ bytes, at, to, base }, parser, batch, filler, tailer);
    if (progress === undefined || progress.at === at) {
      this.skip = this.skipNext;
      this.skipNext = Math.min(mostSkipped, this.skipNext * 2);
      return;
    }
    this.skipNext = 1;
    this.at = progress.at;
    this.blanks += progress.blanks;
  }

  private skipNuls(): boolean {
    if (this.options.position.inside || this.options.encoding !== 'utf-8') return false;
    const length = nulRun(this.bytes, this.at, this.to);
    if (length === 0) return false;
    this.at += length;
    this.nuls += 1;
    return true;
  }

  /** Sets `span` to the next line or piece of one; undefined when there is none yet. */
  private nextPiece(flush: boolean): Piece | undefined {
    const { span } = this;
    const { encoding, maxLineBytes } = this.options;
    const complete = nextLine(this.bytes, this.at, this.to, encoding, span);
    // An open line is too long only when its end, `\r\n` in two units each at most, could not lie within what is there: so that where it is cut
    // does not depend on how reads fall.
    if (complete ? span.textEnd - this.at > maxLineBytes : this.to - this.at > maxLineBytes + lineEndBytes) {
      this.cut(maxLineBytes);
      return 'cut';
    }
    if (complete) return 'whole';
    // Half a UTF-16 unit waits for its other half.
    const to = encoding === 'utf-8' ? this.to : this.to - ((this.to - this.at) % 2);
    if (!flush || to === this.at) return undefined;
    span.textStart = this.at;
    span.textEnd = to;
    span.rawEnd = to;
    return 'open';
  }

  private cut(bytes: number): void {
    this.span.textStart = this.at;
    this.span.textEnd = cutPoint(this.bytes, this.at, bytes, this.to, this.options.encoding);
    this.span.rawEnd = this.span.textEnd;
  }

  private take(piece: Piece): void {
    this.objects += 1;
    const { span, bytes } = this;
    const { parser, position, encoding, record } = this.options;
    const offset = this.base + this.at;
    const plain = piece !== 'cut' && !position.inside;
    if (span.textEnd === span.textStart || (plain && isBlank(bytes, span.textStart, span.textEnd, encoding))) {
      // A bare line end after the shipped beginning of a line is swallowed.
      if (plain) this.blanks += 1;
      if (piece === 'whole') position.end();
      this.at = span.rawEnd;
      return;
    }
    this.describe(offset, piece);
    if (plain && offset >= this.rawUntil) {
      const wasOpen = this.openAt >= 0;
      const parsed = parser.parse(record);
      if (parsed !== 'record') {
        if (parsed === 'left-out') this.blanks += 1;
        if (parser.openStart === Infinity) this.openAt = -1;
        else if (!wasOpen) this.openGroup(this.at);
        this.at = span.rawEnd;
        return;
      }
    }
    this.offer(offset, piece);
  }

  /** Fills `record` with the piece as plain text. */
  private describe(offset: number, piece: Piece): void {
    const { span } = this;
    const { record, position, encoding, tailer } = this.options;
    record.file = tailer.file;
    record.start = offset;
    record.end = this.base + span.rawEnd;
    record.part = position.partOf(offset, piece);
    if (encoding === 'utf-8') {
      record.text = this.bytes;
      record.from = span.textStart;
      record.to = span.textEnd;
    } else {
      record.text = toUtf8(this.bytes, span.textStart, span.textEnd, encoding);
      record.from = 0;
      record.to = record.text.length;
    }
    clearParsed(record);
  }

  private offer(offset: number, piece: Piece): void {
    const { record, position, batch, filler, tailer, parser } = this.options;
    tailer.setTime(record);
    const isGroup = record.start !== offset || record.end !== this.base + this.span.rawEnd;
    switch (filler.offer(batch, tailer, record)) {
      case 'taken':
      case 'left-out':
        if (parser.openStart === Infinity) this.openAt = -1;
        else if (parser.openStart >= offset) this.openGroup(this.at); // a group was closed by its limit, the line begins the next
        this.at = this.span.rawEnd;
        if (piece === 'whole') position.end();
        else position.goOn(offset);
        break;
      case 'full':
        this.full = true;
        break;
      case 'too-large':
        if (isGroup) this.rawUntil = Math.max(this.rawUntil, record.end);
        if (isGroup) this.takeBack();
        else this.halve(offset, piece);
    }
  }

  /** No batch takes the piece: half of it may fit, as a numbered part. */
  private halve(offset: number, piece: Piece): void {
    const { parser } = this.options;
    const bytes = this.span.textEnd - this.span.textStart;
    if (this.openAt >= 0) {
      this.takeBack();
      this.rawUntil = Math.max(this.rawUntil, offset);
      return;
    }
    if (bytes <= smallestSplit) {
      const { filler, batch, tailer, record, position } = this.options;
      const offer = filler.offer(batch, tailer, record, true);
      assert(offer !== 'too-large', 'what is added to each record leaves room for its text');
      if (offer === 'full') {
        this.full = true;
        return;
      }
      this.at = this.span.rawEnd;
      if (piece === 'whole') position.end();
      else position.goOn(offset);
      return;
    }
    parser.reset();
    this.cut(Math.max(1, Math.floor(bytes / 2)));
    this.describe(offset, 'cut');
    this.offer(offset, 'cut');
  }

  private openGroup(at: number): void {
    this.openAt = at;
    this.openMark = this.options.batch.count;
    this.options.filler.processing?.openGroup();
    this.blanksMark = this.blanks;
    this.nulsMark = this.nuls;
  }

  /** Closes the open groups as they are. */
  private flushGroups(): void {
    const { parser, record, filler, batch, tailer } = this.options;
    while (parser.flush(record)) {
      tailer.setTime(record);
      const offer = filler.offer(batch, tailer, record);
      if (offer === 'taken' || offer === 'left-out') continue;
      if (offer === 'too-large') this.rawUntil = Math.max(this.rawUntil, this.base + this.at);
      else this.full = true;
      return;
    }
    this.openAt = -1;
  }

  /** Returns to where the oldest open group was opened, as if nothing had been read since. */
  private takeBack(): void {
    const { batch, filler, parser, position } = this.options;
    if (this.openAt >= 0) {
      batch.truncate(this.openMark);
      filler.processing?.takeBackGroup();
      this.blanks = this.blanksMark;
      this.nuls = this.nulsMark;
      this.at = this.openAt;
      position.end();
    }
    this.openAt = -1;
    parser.reset();
  }
}
