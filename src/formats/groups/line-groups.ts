import type { Joiner, Verdict } from '../../types/joiner.js';
import type { LogRecord } from '../../types/record.js';
import type { Format, FormatContext, Reading } from '../format.js';
import { contentStart } from '../line-bytes.js';
import { isWrapper, type LineReader } from './line-reader.js';
import { OpenGroup, type KeptLine } from './open-group.js';
import { parsedOf, restoreParsed } from '../parsed.js';
import { addWrapping, type Stream, type Wrapping } from './part-groups.js';

/** Lines of a file without a wrapper are a stream as well. */
export type LineStream = Stream | 'bare';

export interface LineGroupsOptions {
  readonly makeJoiner: () => Joiner;
  /** No group gets longer, in bytes of its text. */
  readonly maxBytes: number;
  readonly context: FormatContext;
}

/** Bounds of a group beside its bytes: lines, lines of which nothing is known but that they follow, and lines that wait. */
const mostLines = 10_000;
const mostLoose = 200;
const mostWaiting = 16;
/** Bytes of other streams that may lie between two lines of a group: with more, nothing behind it could be delivered for too long. */
const mostBetween = 64 * 1024;

interface Range {
  readonly start: number;
  readonly end: number;
}

/** A line that closed a group and is to be read again, as what it was found to be. */
interface Again {
  readonly lineStart: number;
  readonly line: KeptLine;
  readonly format: Format | undefined;
  readonly stream: LineStream;
  readonly reader: LineReader;
}

/**
 * Joins lines that belong together, per stream. Each stream has no group or one that is open: a line that can go on opens one, the lines that its joiner
 * finds to belong to it are taken in, the first that does not closes it. Then the group's record comes first ('before'), and the line is read again.
 */
export class LineGroups {
  /** Blank lines that turned out to belong to no group, until they are asked for. */
  private freed = 0;
  private readonly joiners = new Map<LineStream, Joiner>();
  /** In the order in which they were opened. */
  private readonly open = new Map<LineStream, OpenGroup>();
  /** Lines that waited for a group which closed without them: each is a record. */
  private released: { readonly line: KeptLine; readonly reader: LineReader }[] = [];
  private readonly readers = new Map<LineStream, LineReader>();
  private again: Again | undefined;

  constructor(private readonly options: LineGroupsOptions) {}

  /** The oldest group that is open: offset of its first byte and end of its last line so far; Infinity and -1 when there is none. */
  get oldest(): Range {
    let oldest: Range = this.released[0]?.line ?? none;
    for (const group of this.open.values()) if (group.start < oldest.start) oldest = group;
    const { again } = this;
    // A line that was one by itself is found again by reading it again; one that was joined of parts is not.
    if (again !== undefined && again.line.start !== again.lineStart && again.line.start < oldest.start)
      return again.line;
    return oldest;
  }

  /** Takes what comes before anything new is read of the line: undefined when there is nothing. */
  resume(record: LogRecord): Reading | undefined {
    if (this.release(record)) return 'before';
    const { again } = this;
    this.again = undefined;
    if (again === undefined || again.lineStart !== record.start) return undefined;
    const { line, lineStart, stream, reader, format } = again;
    restore(record, line);
    return this.begin(record, lineStart, stream, line.wrapping, reader, format);
  }

  /**
   * Takes a whole line, `record.text`, whose raw bytes begin at `record.start`; those that it was read with at `lineStart`.
   * Answers as LineParser's `parse`.
   */
  take(
    record: LogRecord,
    lineStart: number,
    stream: LineStream,
    wrapping: Wrapping | undefined,
    reader: LineReader,
  ): Reading {
    const group = this.open.get(stream);
    if (contentStart(record) >= record.to) {
      if (group === undefined) return 'left-out';
      group.skip(record);
      return 'open';
    }
    const joiner = this.joinerOf(stream);
    const fits = group !== undefined && this.fits(group, record);
    const verdict: Verdict = fits ? joiner.judge(record.text, record.from, record.to, group.blanks) : 'begins';
    if (fits && (verdict === 'continues' || verdict === 'ends')) {
      group.isInDoubt = false;
      this.append(stream, group, record, wrapping);
      if (verdict === 'continues') return 'open';
      this.close(stream, group, record, reader);
      return 'record';
    }
    const reading = reader.read(record, this.options.context);
    const format = reader.last;
    if (isWrapper(format)) {
      reader.note(format);
      return reading;
    }
    if (fits && format === undefined) {
      if (this.belongs(verdict, group, reader, joiner)) {
        if (verdict === 'begins' || verdict === 'waits') this.loosen(group, reader);
        else group.tighten();
        this.append(stream, group, record, wrapping);
        return 'open';
      }
      if (verdict === 'waits' && group.waiting.length < mostWaiting) {
        group.wait(keep(record, wrapping, group.blanks));
        return 'open';
      }
    }
    return this.begin(record, lineStart, stream, wrapping, reader, format);
  }

  /** Closes the oldest group if its last line ends at `upTo` or before, and fills `record`. */
  flush(record: LogRecord, upTo: number): boolean {
    if (this.release(record)) return true;
    let oldest: [LineStream, OpenGroup] | undefined;
    for (const entry of this.open) if (oldest === undefined || entry[1].start < oldest[1].start) oldest = entry;
    if (oldest === undefined || oldest[1].end > upTo) return false;
    const [stream, group] = oldest;
    this.close(stream, group, record, this.readers.get(stream)!);
    return true;
  }

  /** Blank lines, since the last call, that turned out to belong to no record. */
  takeBlanks(): number {
    const { freed } = this;
    this.freed = 0;
    return freed;
  }

  reset(): void {
    this.open.clear();
    this.released = [];
    this.again = undefined;
    this.freed = 0;
  }

  /** A line that is of no open group. What must come before it, is closed first. */
  private begin(
    record: LogRecord,
    lineStart: number,
    stream: LineStream,
    wrapping: Wrapping | undefined,
    reader: LineReader,
    format: Format | undefined,
  ): Reading {
    for (const [other, group] of this.open) {
      // Where lines have a wrapper, one without has no stream: any line ends it.
      if (other !== stream && other !== 'bare' && record.start - group.end <= mostBetween) continue;
      this.again = { lineStart, line: keep(record, wrapping, 0), format, stream, reader };
      this.close(other, group, record, this.readers.get(other)!);
      return 'before';
    }
    reader.note(format);
    if (format !== undefined && !format.continues) {
      if (wrapping !== undefined) addWrapping(record, wrapping);
      return 'record';
    }
    this.joinerOf(stream).begin(record.text, record.from, record.to);
    this.readers.set(stream, reader);
    this.open.set(stream, new OpenGroup(keep(record, wrapping, 0), format));
    return 'open';
  }

  private fits(group: OpenGroup, record: LogRecord): boolean {
    const bytes = group.bytes + group.waiting.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    return bytes + group.blanks + record.to - record.from < this.options.maxBytes && group.lines < mostLines;
  }

  /** Whether a line of no format belongs to the group. */
  private belongs(verdict: Verdict, group: OpenGroup, reader: LineReader, joiner: Joiner): boolean {
    if (verdict === 'asks') return true;
    if (verdict === 'stands') return false;
    if (group.format === undefined || !joiner.undatedContinue) return false;
    return verdict === 'attaches' || (group.loose < mostLoose && reader.isUsual(group.format));
  }

  /** While it is not decided what the file is, a line of which nothing is known speaks against a format whose lines all show it. */
  private loosen(group: OpenGroup, reader: LineReader): void {
    this.settleDoubt(group, reader);
    group.loose += 1;
    group.isInDoubt = true;
  }

  private settleDoubt(group: OpenGroup, reader: LineReader): void {
    if (group.isInDoubt && !reader.isDecided) reader.note(undefined);
    group.isInDoubt = false;
  }

  private append(stream: LineStream, group: OpenGroup, record: LogRecord, wrapping: Wrapping | undefined): void {
    group.append(keep(record, wrapping, group.blanks));
    this.joinerOf(stream).accept();
  }

  private close(stream: LineStream, group: OpenGroup, record: LogRecord, reader: LineReader): void {
    this.open.delete(stream);
    this.settleDoubt(group, reader);
    this.freed += group.blanks + group.waiting.reduce((sum, { blanks }) => sum + blanks, 0);
    this.released.push(...group.waiting.map((line) => ({ line, reader })));
    record.start = group.start;
    record.end = group.end;
    record.text = group.text;
    record.from = group.from;
    record.to = group.to;
    record.part = undefined;
    if (group.lines === 1) restoreParsed(record, group.parsed);
    else this.readJoined(record, group, reader);
    if (group.wrapping !== undefined) addWrapping(record, group.wrapping);
  }

  private readJoined(record: LogRecord, group: OpenGroup, reader: LineReader): void {
    reader.readJoined(record, this.options.context, group.format);
    if (record.format !== '' || group.format === undefined) return;
    // The format has no place for more lines: what the first one said still holds, and the message is the whole text.
    restoreParsed(record, { ...group.parsed, message: undefined });
  }

  private release(record: LogRecord): boolean {
    const next = this.released.shift();
    if (next === undefined) return false;
    const { line, reader } = next;
    restore(record, line);
    reader.note(undefined);
    if (line.wrapping !== undefined) addWrapping(record, line.wrapping);
    return true;
  }

  private joinerOf(stream: LineStream): Joiner {
    let joiner = this.joiners.get(stream);
    if (joiner === undefined) this.joiners.set(stream, (joiner = this.options.makeJoiner()));
    return joiner;
  }
}

const none = { start: Infinity, end: -1 };

const keep = (record: LogRecord, wrapping: Wrapping | undefined, blanks: number): KeptLine => ({
  start: record.start,
  end: record.end,
  text: record.text,
  from: record.from,
  to: record.to,
  wrapping,
  blanks,
  parsed: parsedOf(record),
});

function restore(record: LogRecord, { start, end, text, from, to, parsed }: KeptLine): void {
  record.start = start;
  record.end = end;
  record.text = text;
  record.from = from;
  record.to = to;
  record.part = undefined;
  restoreParsed(record, parsed);
}
