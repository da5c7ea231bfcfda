import { anchorAt, type Anchor } from '../files/identity.js';
import type { SourceFile } from '../files/source-file.js';
import type { Encoding } from '../lines/encoding.js';
import { isBlank, nextLine, nulRun, type LineSpan } from '../lines/framing.js';
import { toUtf8 } from '../lines/transcode.js';
import type { LineParser } from '../types/parser.js';
import { clearParsed, type LogRecord } from '../types/record.js';
import { ReadArea } from './read-area.js';

/** Where a jump comes down: the start of a record. */
export interface Landing {
  readonly at: Anchor;
  /** Time of the last record before it that had one, ms since the epoch; NaN: none had. */
  readonly lastTimeMs: number;
}

/** A look at the bytes [from, to) of a file, in `bytes` from `ReadArea.start` on. */
export interface Window {
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
  readonly file: SourceFile;
  readonly encoding: Encoding;
  readonly maxLineBytes: number;
}

/** After so many records a parser that began in the middle of some group is at one with one that has read all. */
const recordsToTrust = 8;

/** So many are looked at: more would take memory, and time in which nothing else runs. */
const mostRecords = 1024;
/** Above what streams (two, and lines of none) and records can give. */
const mostTrust = 4 * (recordsToTrust + 1);

/** A record of the window. `end` is Infinity where it was still open when no more was looked at. */
interface Seen {
  readonly start: number;
  readonly end: number;
  readonly timeMs: number;
  readonly stream: string;
  /** A format read its first line. */
  readonly isKnown: boolean;
}

/**
 * The first place in the window where a record begins and no other lies across, as sure as can be: a line that a format read begins one whatever is before it, others only
 * seem to when the window began within their group. Streams of one file (stdout and stderr of a container) have groups of their own, so the more of them
 * were seen before it, the better a place is. Undefined: the window has none.
 *
 * @param parser one of its own, with nothing open; it is not used again
 * @param record filled and overwritten
 */
export function findLanding(window: Window, parser: LineParser, record: LogRecord): Landing | undefined {
  const { bytes, from } = window;
  const seen = recordsOf(window, parser, record).sort((a, b) => a.start - b.start);
  const streams = new Set<string>();
  let reach = 0;
  let lastTimeMs = Number.NaN;
  let best = 0;
  let landing: Landing | undefined;
  for (const [before, { start, end, timeMs, stream, isKnown }] of seen.entries()) {
    const trust = streams.size * (recordsToTrust + 1) + Math.min(before, recordsToTrust);
    const rank = isKnown && trust > 0 ? trust + mostTrust : trust;
    if (reach <= start && rank > best) {
      best = rank;
      const at = ReadArea.start + start - from;
      landing = { at: anchorAt(bytes, at, start, start - from), lastTimeMs };
    }
    reach = Math.max(reach, end);
    streams.add(stream);
    if (!Number.isNaN(timeMs)) lastTimeMs = timeMs;
  }
  return landing;
}

/** The records from the window's second line on: what comes first is the end of some line. */
function recordsOf(window: Window, parser: LineParser, record: LogRecord): Seen[] {
  const { bytes, from, to, encoding, maxLineBytes } = window;
  const end = ReadArea.start + to - from;
  const base = from - ReadArea.start;
  const span: LineSpan = { textStart: 0, textEnd: 0, rawEnd: 0 };
  const seen: Seen[] = [];
  const note = (upTo: number): void => {
    const { start, timeMs, format } = record;
    seen.push({ start, end: upTo, timeMs, stream: streamOf(record), isKnown: format !== '' });
  };

  if (!nextLine(bytes, ReadArea.start, end, encoding, span)) return seen;
  for (let at = span.rawEnd; at < end && seen.length < mostRecords;) {
    if (encoding === 'utf-8') at += nulRun(bytes, at, end);
    if (!nextLine(bytes, at, end, encoding, span)) break;
    const blank = isBlank(bytes, span.textStart, span.textEnd, encoding);
    if (span.textEnd - at > maxLineBytes) {
      // It is shipped in parts, and what was open before it ends there.
      while (parser.flush(record, Infinity)) note(record.end);
    } else if (!blank || (parser.joins && parser.openStart < Infinity)) {
      describe(record, window, span, base + at, base + span.rawEnd, parser.joins);
      const reading = parser.parse(record);
      parser.takeBlanks();
      if (reading === 'record' || reading === 'before') note(record.end);
      if (reading === 'before') continue;
    }
    at = span.rawEnd;
  }
  while (parser.flush(record, Infinity)) note(Infinity);
  return seen;
}

/** What a container runtime says of a line; '' of any other. */
function streamOf({ members }: LogRecord): string {
  const json = members.find(({ key }) => key === 'stream')?.json;
  return json === '"stdout"' || json === '"stderr"' ? json : '';
}

/** Fills `record` with a line as plain text, as a turn does. */
function describe(
  record: LogRecord,
  { bytes, file, encoding }: Window,
  { textStart, textEnd }: LineSpan,
  start: number,
  end: number,
  keeps: boolean,
): void {
  record.file = file;
  record.start = start;
  record.end = end;
  record.part = undefined;
  if (encoding === 'utf-8') {
    record.text = bytes;
    record.from = textStart;
    record.to = textEnd;
  } else {
    const text = toUtf8(bytes, textStart, textEnd, encoding);
    record.text = keeps ? Buffer.from(text) : text;
    record.from = 0;
    record.to = record.text.length;
  }
  clearParsed(record);
}
