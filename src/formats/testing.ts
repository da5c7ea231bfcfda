import type { LineParser } from '../types/parser.js';
import { clearParsed, type LogRecord, type Part } from '../types/record.js';

/** For the tests of this room: lines in, records out, with texts copied so that they can be compared. */

/** A record with the line `line` of a file at `start`; its line end is one byte. */
export function recordOf(line: Buffer | string, start = 0, part?: Part): LogRecord {
  const bytes = Buffer.from(line);
  // The line stands in the middle of a buffer, as in the lane, where looking beyond its ends finds other lines.
  const text = Buffer.concat([Buffer.from('}"F '), bytes, Buffer.from('\n{"msg":"next"}\n')]);
  const record: LogRecord = {
    file: { fileId: '0'.repeat(24), path: '/var/log/app/x.log', birthMs: 0 },
    start,
    end: start + bytes.length + 1,
    part,
    text,
    from: 4,
    to: 4 + bytes.length,
    format: '',
    timeMs: 0,
    timeText: '',
    level: undefined,
    logger: undefined,
    message: undefined,
    members: [],
    errorMessage: undefined,
  };
  clearParsed(record);
  return record;
}

export interface Parsing {
  readonly records: readonly LogRecord[];
  /** What `parse` answered for each line. */
  readonly answers: readonly string[];
}

/** Parses lines that follow each other in a file. */
export function parseLines(parser: LineParser, lines: readonly (Buffer | string)[]): Parsing {
  const records: LogRecord[] = [];
  const answers: string[] = [];
  let offset = 0;
  for (const line of lines) {
    const record = recordOf(line, offset);
    offset = record.end;
    const answer = parser.parse(record);
    answers.push(answer);
    if (answer === 'record') records.push(copyOf(record));
  }
  return { records, answers };
}

/** The record with a text of its own: the parser may use its buffer again. */
export function copyOf(record: LogRecord): LogRecord {
  const text = Buffer.from(record.text.subarray(record.from, record.to));
  return { ...record, text, from: 0, to: text.length };
}

export const textOf = (record: LogRecord): string => record.text.toString('utf8', record.from, record.to);

export const timeOf = (record: { timeMs: number; timeText: string }): string | undefined =>
  Number.isNaN(record.timeMs) ? undefined : record.timeText || new Date(record.timeMs).toISOString();
