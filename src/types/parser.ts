import type { LogRecord } from './record.js';

/**
 * What the next lines of a file will most likely be. A line of this form gives, read by the byte path, the very record that `parse` would
 * make of it; of a line that is not surely of this form `parse` is asked.
 */
export interface LineShape {
  /** What is around the text of each line. */
  readonly wrapper: 'none' | 'cri' | 'docker';
  /** The text: a message whatever it is, a message unless it looks like a format, a JSON object, a line of an access log, or text behind a time and a level. */
  readonly content: 'text' | 'guessed-text' | 'json' | 'access' | 'dated-text';
  /** Times without a zone are UTC. */
  readonly zonelessIsUtc: boolean;
  /** Lines may belong together: a line of text is a record by itself only where neither it nor the next one begins as such lines do (`joinTriggers` of `src/lines/joiner.ts`). */
  readonly joins: boolean;
}

/**
 * Turns lines of one file into records. One per file and lane. It keeps state only within a lane's turn on the file (an open group of CRI or
 * docker parts, or of lines): between turns the lane calls `reset` and reads an open group again from its start, so no bytes are kept.
 */
export interface LineParser {
  /** What is remembered with the file: e.g. `auto:json`, with what a header line said behind a blank. People see what is before the blank. May change while lines come. */
  readonly format: string;
  /** Offset of the first byte of the oldest open group; Infinity when none is open. */
  readonly openStart: number;
  /** End of the oldest open group's last line so far; -1 when none is open. */
  readonly openEnd: number;
  /** Lines that belong together become one record. Then `parse` is asked of blank lines, too, while a group is open. */
  readonly joins: boolean;
  /** What the next lines will be; undefined when that is not known, or no shape describes it. Asked while no group is open. */
  readonly usual: LineShape | undefined;
  /** Lines of this shape, which `usual` gave, have been read without `parse`. `hasRecords`: not all of them were blank in their wrapper. */
  readUsual(shape: LineShape, hasRecords: boolean): void;
  /**
   * Parses the line whose text is `record.text[record.from, record.to)` and whose raw bytes are [record.start, record.end) of the file.
   * 'record': `record` is complete: send it; for a group its `start` is that of the first part, and `text` may be the parser's own buffer, valid until the next call.
   * 'open': the line belongs to a group that waits for more.
   * 'left-out': no record comes of it (a CSV header, a blank line).
   * 'before': `record` is complete and of lines before this one: send it, then ask again with this line.
   * Never throws on any input.
   */
  parse(record: LogRecord): 'record' | 'open' | 'left-out' | 'before';
  /** Closes the oldest open group as it is and fills `record` (its time or byte limit came); false when none is open that ends at `upTo` or before. */
  flush(record: LogRecord, upTo: number): boolean;
  /** Blank lines that `parse` took and that turned out to belong to no record, since the last call. */
  takeBlanks(): number;
  /** Forgets open groups; their bytes will be read again. */
  reset(): void;
}
