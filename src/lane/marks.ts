import type { Level, LogRecord } from '../types/record.js';

/** The level's number in a mark, and in counts by level; 0 is: none. */
export const markedLevels: readonly (Level | 'none')[] = ['none', 'trace', 'debug', 'info', 'warn', 'error', 'fatal'];

const numbers: Readonly<Record<Level, number>> = { trace: 1, debug: 2, info: 3, warn: 4, error: 5, fatal: 6 };
/** A format read the record. */
const parsedMark = 8;

/** Of a record that is made of no bytes of a file: a summary of what was held back. */
const uncounted = 255;

/** What is kept of a record for the counts, in one byte: the number of its level, and whether a format read it. */
export const markOf = ({ level, format, start, end }: LogRecord): number =>
  start === end ? uncounted : (level === undefined ? 0 : numbers[level]) | (format === '' ? 0 : parsedMark);

/** The mark of records of which only this is known. */
export const markOfLines = (parsed: boolean): number => (parsed ? parsedMark : 0);

/**
 * How a file's records were read, by one lane since it met the file. They are counted when their turn has ended: what a turn takes back is not
 * among them, and read again they count once.
 */
export class Readings {
  records = 0;
  /** Those that a format read. */
  parsed = 0;

  /** `levels`: the counts by level to add to, of every file that shares them; undefined: nobody asks. */
  constructor(private readonly levels?: Float64Array) {}

  /** Adds the records whose marks are [from, to) of `marks`. */
  add(marks: Uint8Array, from: number, to: number): void {
    for (let record = from; record < to; record += 1) {
      const mark = marks[record]!;
      if (mark === uncounted) continue;
      this.records += 1;
      this.parsed += mark >> 3;
      if (this.levels !== undefined) this.levels[mark & 7]! += 1;
    }
  }
}
