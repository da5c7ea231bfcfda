import { isBlank, nextLine, nulRun, type LineSpan } from '../lines/framing.js';
import type { LineParser } from '../types/parser.js';
import { clearParsed, type LogRecord } from '../types/record.js';

/** The end of a file and the beginning of its successor, back to back: offsets go on in the second as if it were the first. UTF-8. */
export interface TwoEnds {
  readonly bytes: Buffer;
  /** The open group begins at `from`; the second file at `middle`, its first line behind a byte-order mark at `second`. */
  readonly from: number;
  readonly middle: number;
  readonly second: number;
  readonly to: number;
  /** Offset in the first file of `bytes[0]`. */
  readonly base: number;
  readonly maxLineBytes: number;
  /** What is behind `to` is not waited for. */
  readonly closes: boolean;
}

/** 'record': it lies across both files; 'open': it may still, or may grow; 'apart': no record does. */
export type Found = 'record' | 'open' | 'apart';

/**
 * Finds the record that begins with `from` and goes on in the second file, and fills `record`, whose `end` is then beyond the first file. The parser has no
 * open group before, and has to be reset after. Lines of other groups may not lie between its own: then nothing is joined.
 */
export function findJoint(ends: TwoEnds, parser: LineParser, record: LogRecord): Found {
  const { bytes, from, middle, second, to, base, maxLineBytes, closes } = ends;
  const span: LineSpan = { textStart: 0, textEnd: 0, rawEnd: 0 };
  const { file } = record;
  /** `record` is the one that is looked for, and nothing else began before its end. */
  const lies = (): boolean =>
    record.start === base + from && record.end > base + second && parser.openStart >= record.end;
  let at = from;
  let isBroken = false;
  for (;;) {
    if (at === middle) at = second;
    isBroken = nulRun(bytes, at, to) > 0;
    if (isBroken || !nextLine(bytes, at, at < middle ? middle : to, 'utf-8', span)) break;
    isBroken = span.textEnd - at > maxLineBytes;
    if (isBroken) break;
    const blank = isBlank(bytes, span.textStart, span.textEnd, 'utf-8');
    if (!blank || (parser.joins && parser.openStart !== Infinity)) {
      record.file = file;
      record.start = base + at;
      record.end = base + span.rawEnd;
      record.part = undefined;
      record.text = bytes;
      record.from = span.textStart;
      record.to = span.textEnd;
      clearParsed(record);
      const reading = parser.parse(record);
      if (reading === 'before' || (reading === 'record' && record.start === base + from))
        return lies() ? 'record' : 'apart';
      // A line of another stream: what is behind it would be out of order.
      isBroken = reading === 'record';
      if (isBroken) break;
    }
    at = span.rawEnd;
  }
  if (at < middle || parser.openStart !== base + from) return 'apart';
  if (!isBroken && !closes) return 'open';
  return parser.flush(record, Infinity) && lies() ? 'record' : 'apart';
}
