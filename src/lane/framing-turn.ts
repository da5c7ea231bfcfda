import assert from 'node:assert/strict';
import type { Encoding } from '../lines/encoding.js';
import { cutPoint, isBlank, nextLine, nulRun, type LineSpan } from '../lines/framing.js';
import { toUtf8 } from '../lines/transcode.js';
import type { LineParser } from '../types/parser.js';
import { clearParsed, type LogRecord } from '../types/record.js';
import type { BytePath } from './byte-path.js';
import type { Filler, Offer } from './filler.js';
import type { LaneBatch } from './lane-batch.js';
import type { LinePosition } from './position.js';
import { Provisional } from './provisional.js';
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
 * While a group (CRI parts, lines that belong together) is open, its lines and all that follow are provisional: when the turn ends before the group does,
 * they are taken back and `at` returns to where it opened, so that the next turn reads it again from its start.
 */
export class FramingTurn {
  /** True when the batch can't take the record at `at`. */
  full = false;
  /** Set when a group fits in no batch: lines before this offset of the file are to be shipped one by one, unparsed. */
  rawUntil: number;
  /** Lines and pieces that became objects. */
  objects = 0;
  /** A group was open at the end of the turn: where its last line ended, as offset in the file; -1: none was. */
  openEnd = -1;
  /** Lines that made no record, and holes. */
  blanks = 0;
  nuls = 0;
  /** Only an open line was left at the end, or an open line behind a group. */
  hasOpenLine = false;
  private readonly provisional = new Provisional();
  /** A group is open, so what is made is provisional. */
  private isOpen = false;
  /** Start of a record that the batch did not take; Infinity: there is none. */
  private refused = Infinity;
  /** Lines that the byte path is not asked for, and as many again after the next try that takes nothing. */
  private skip = 0;
  private skipNext = 1;
  private readonly span: LineSpan = { textStart: 0, textEnd: 0, rawEnd: 0 };
  /** Records that were in the batch before. */
  private readonly before: number;
  /** Offset of an unterminated line that a group has taken in; -1: none. */
  private heldPiece = -1;

  constructor(
    private readonly options: FramingOptions,
    private readonly bytes: Buffer,
    public at: number,
    private readonly to: number,
    /** Offset in the file of `bytes[0]`. */
    private readonly base: number,
  ) {
    this.rawUntil = options.rawUntil;
    this.before = options.batch.count;
  }

  /**
   * @param flush what has waited long enough is shipped as it is: groups whose last line ends at this offset of the file or before; Infinity: the open
   *   line at the end, too; -1: nothing
   * @param cornered no more can be read at once: open groups that began with this read are closed as they are
   */
  run(flush: number, cornered: boolean): void {
    const begin = this.at;
    this.pass(this.to, flush === Infinity);
    if (flush >= 0 && !this.full) this.flushGroups(flush);
    if (cornered && !this.full && this.returnsTo(begin)) this.flushGroups(Infinity);
    for (let to = this.at; this.full && this.before === 0 && this.returnsTo(begin);) {
      to = begin + Math.floor((to - begin) / 2);
      this.shorten(begin, to);
    }
    this.hasOpenLine = this.at < this.to && !this.full;
    if (this.returnPlace === Infinity) return;
    this.openEnd = this.options.parser.openEnd;
    this.takeBack();
  }

  /** Groups were open all along while other lines filled a whole batch: with fewer lines behind them they are closed earlier. */
  private shorten(begin: number, to: number): void {
    this.restart();
    this.pass(to, false);
    if (this.at === begin) this.rawUntil = this.base + this.to;
    else if (!this.full) this.flushGroups(Infinity);
    // There is more at once.
    if (this.at > begin && this.returnPlace === Infinity) this.full = true;
  }

  /** Offset to which the turn has to return; Infinity: nothing is open. */
  private get returnPlace(): number {
    return Math.min(this.options.parser.openStart, this.refused);
  }

  private returnsTo(at: number): boolean {
    const { returnPlace } = this;
    return returnPlace < Infinity && this.provisional.safe(returnPlace, 0).offset <= this.base + at;
  }

  private restart(): void {
    this.takeBack();
    this.full = false;
  }

  private pass(to: number, flushesLine: boolean): void {
    while (this.at < to && !this.full) {
      this.takeBytes(to);
      if (this.at >= to) break;
      if (this.skipNuls()) continue;
      const piece = this.nextPiece(flushesLine);
      if (piece === undefined) break;
      this.take(piece);
    }
  }

  /** Lets the byte path take what it can of the lines that come next. */
  private takeBytes(to: number): void {
    const { bytePath, position, encoding, parser, batch, filler, tailer } = this.options;
    if (bytePath === undefined || parser.openStart !== Infinity || position.inside || encoding !== 'utf-8') return;
    if (this.base + this.at < this.rawUntil) return;
    if (this.skip > 0) {
      this.skip -= 1;
      return;
    }
    const { bytes, at, base } = this;
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
    this.leave(this.at, -1);
    this.at += length;
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
    const { parser, position, encoding } = this.options;
    const offset = this.base + this.at;
    const plain = piece !== 'cut' && !position.inside;
    const isOpen = parser.openStart !== Infinity;
    const blank = plain && isBlank(bytes, span.textStart, span.textEnd, encoding);
    if (span.textEnd === span.textStart || blank) {
      // Within a group of lines it belongs to that.
      if (plain && isOpen && parser.joins && offset >= this.rawUntil) return this.parse(offset, piece);
      // A bare line end after the shipped beginning of a line is swallowed.
      if (plain) this.leave(this.at, 1);
      if (piece === 'whole') position.end();
      this.at = span.rawEnd;
      return;
    }
    if (plain && offset >= this.rawUntil) return this.parse(offset, piece);
    // A part is a record by itself.
    if (isOpen && parser.joins) return this.flushGroups(Infinity);
    this.describe(offset, piece);
    this.offer(offset, piece);
  }

  private parse(offset: number, piece: Piece): void {
    const { parser, record } = this.options;
    this.describe(offset, piece);
    const parsed = parser.parse(record);
    this.leave(this.at, parser.takeBlanks());
    if (parsed === 'before') return this.offerBefore();
    if (parsed === 'record') return this.offer(offset, piece);
    if (parsed === 'left-out') this.leave(this.at, 1);
    else if (piece === 'open') this.heldPiece = offset;
    this.opened();
    this.at = this.span.rawEnd;
  }

  /** What is made from here on is provisional, or is not. */
  private opened(): void {
    const isOpen = this.options.parser.openStart !== Infinity;
    if (isOpen && !this.isOpen) this.options.filler.processing?.openGroup();
    if (!isOpen) this.provisional.clear();
    this.isOpen = isOpen;
  }

  /** Counts lines that made no record, or (below zero) a hole. */
  private leave(at: number, count: number): void {
    if (count === 0) return;
    if (count > 0) this.blanks += count;
    else this.nuls -= count;
    if (this.isOpen) this.provisional.left(this.base + at, count);
  }

  /** Fills `record` with the piece as plain text. */
  private describe(offset: number, piece: Piece): void {
    const { span } = this;
    const { record, position, encoding, tailer, parser } = this.options;
    record.file = tailer.file;
    record.start = offset;
    record.end = this.base + span.rawEnd;
    record.part = position.partOf(offset, piece);
    if (encoding === 'utf-8') {
      record.text = this.bytes;
      record.from = span.textStart;
      record.to = span.textEnd;
    } else {
      const text = toUtf8(this.bytes, span.textStart, span.textEnd, encoding);
      // A line that waits for the next one keeps its bytes.
      record.text = parser.joins ? Buffer.from(text) : text;
      record.from = 0;
      record.to = record.text.length;
    }
    clearParsed(record);
  }

  private offer(offset: number, piece: Piece): void {
    const { record, position } = this.options;
    const isGroup = record.start !== offset || record.end !== this.base + this.span.rawEnd;
    const offer = this.put();
    if (offer === 'too-large' && !isGroup) return this.halve(offset, piece);
    if (!this.isTaken(offer)) return;
    this.at = this.span.rawEnd;
    if (piece === 'whole') position.end();
    else position.goOn(offset);
    this.opened();
  }

  /** The record is of lines before this one, which is read again. */
  private offerBefore(): void {
    if (this.isTaken(this.put())) this.opened();
  }

  private put(): Offer {
    const { record, batch, filler, tailer } = this.options;
    const { count } = batch;
    tailer.setTime(record);
    const offer = filler.offer(batch, tailer, record);
    if (offer === 'taken' || offer === 'left-out') this.provisional.made(record.start, record.end, count);
    return offer;
  }

  /** False: the turn returns to where the record began. One that fits in no batch comes again as its lines. */
  private isTaken(offer: Offer): boolean {
    if (offer === 'taken' || offer === 'left-out') return true;
    const { record } = this.options;
    if (record.start < this.base + this.at) this.refused = record.start;
    if (offer === 'full') this.full = true;
    else {
      this.rawUntil = Math.max(this.rawUntil, record.end);
      this.takeBack();
    }
    return false;
  }

  /** No batch takes the piece: half of it may fit, as a numbered part. */
  private halve(offset: number, piece: Piece): void {
    const { parser } = this.options;
    const bytes = this.span.textEnd - this.span.textStart;
    // Then it comes again.
    if (parser.openStart !== Infinity) return this.flushGroups(Infinity);
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

  /** Closes the open groups whose last line ends at `upTo` or before, oldest first. */
  private flushGroups(upTo: number): void {
    const { parser, record, position } = this.options;
    while (parser.flush(record, upTo)) {
      this.leave(this.at, parser.takeBlanks());
      if (!this.isTaken(this.put())) return;
    }
    this.opened();
    if (this.isOpen || this.heldPiece < 0) return;
    position.goOn(this.heldPiece);
    this.heldPiece = -1;
  }

  /** Returns to where the oldest open group was opened, as if nothing had been read since. */
  private takeBack(): void {
    const { batch, filler, parser, position } = this.options;
    const safe = this.provisional.safe(this.returnPlace, batch.count);
    if (safe.offset < Infinity) {
      const { blanks, nuls } = this.provisional.leftFrom(safe.offset);
      this.blanks -= blanks;
      this.nuls -= nuls;
      batch.truncate(safe.count);
      if (this.isOpen) filler.processing?.takeBackGroup();
      this.at = safe.offset - this.base;
      position.end();
    }
    this.refused = Infinity;
    this.heldPiece = -1;
    this.isOpen = false;
    this.provisional.clear();
    parser.reset();
  }
}
