import type { LogRecord } from '../types/record.js';
import type { PartGroups } from './groups/part-groups.js';
import type { Zone } from './times/zone.js';

/**
 * One format: how a line of it becomes a record. It has no state of its own: what it makes of a line depends on the line, the evidence and the
 * open groups. So the same line gives the same record in each lane, and again when it is read again after a crash.
 */
export interface Format {
  readonly name: string;
  /** A line of it may go on in the lines below (a stack trace): its record can have more than one line, and then its text has line ends in it. */
  readonly continues: boolean;
  /**
   * Reads one line into `record`. Undefined when the line is not of this format: then `record` is as it was. Never throws.
   * A line that is a part of a split one (`record.part`) is of no format unless the part is whole in itself.
   */
  read(record: LogRecord, evidence: Evidence, context: FormatContext): Reading | undefined;
  /** Why `read` refused the line, as one short sentence without anything of the line in it. */
  refusal(record: LogRecord): string;
}

/** As LineParser's `parse` answers. */
export type Reading = 'record' | 'open' | 'left-out' | 'before';

/**
 * What speaks for the format beforehand. 'demanded': it is configured. 'usual': it is guessed, and most of the file's lines are of it. 'none': it
 * is guessed, so the line has to prove it.
 */
export type Evidence = 'demanded' | 'usual' | 'none';

export interface FormatContext {
  readonly zone: Zone;
  /** Joins the parts of the wrapper formats. */
  readonly groups: PartGroups;
  /**
   * What a format has learned from a header line of the file (CSV, W3C), as one line of text of its own making; '' when nothing. It is remembered with
   * the file's format, so that lines behind it can be read after a restart. A format that reads a new header replaces it.
   */
  readonly header: { text: string };
}
