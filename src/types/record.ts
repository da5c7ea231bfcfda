import type { BatchWriter } from './batch.js';

/** Normalised levels (contract, "Records"). */
export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** A numbered part of a line that was too long, or whose unterminated beginning was shipped before (`log.part`). */
export interface Part {
  /** Offset in the file of the whole line's first byte. */
  readonly offset: number;
  /** 0 is the first part. */
  readonly index: number;
  readonly last: boolean;
}

/** What an output may know of the file a record comes from. */
export interface FileFacts {
  /** Opaque random identity, 24 lower-case hex digits; new after each truncation. */
  readonly fileId: string;
  /** The path found. */
  readonly path: string;
  /** Birth of the file, else when it was first seen; ms since the epoch. For dates in CloudWatch group and stream names. */
  readonly birthMs: number;
}

/** A member of a JSON line (or a field of another format) that the agent did not map: its name, and its value as JSON text, verbatim. */
export interface Member {
  readonly key: string;
  readonly json: string;
}

/**
 * The name of a member that becomes a record's time, level or message, or its member `trace.id` or `span.id`. 'asked': a line with it takes a second
 * look, which only the object path has.
 */
export interface MappedKey {
  readonly key: string;
  readonly becomes: 'time' | 'level' | 'message' | 'trace' | 'span' | 'asked';
  /** 0 to 15; of several that can be used the lowest counts, and of these the first in the line. */
  readonly rank: number;
}

/** The raw bytes [start, end) of another file that belong to a record, too. */
export interface Continuation {
  readonly fileId: string;
  readonly start: number;
  readonly end: number;
}

/**
 * One record on its way from a line into a batch. One object per lane, filled anew for each record: nobody keeps it or its buffer.
 * Text is never decoded where nothing needs it: `message === undefined` means "the text itself", which the encoder copies as bytes.
 */
export interface LogRecord {
  file: FileFacts;
  /** Offsets in the file of the record's raw bytes, line ends included: [start, end). With `part` they make the id. */
  start: number;
  end: number;
  part: Part | undefined;
  /** Where it goes on, if it ends in the file that came after `file` at the same path; belongs to the id. */
  continued?: Continuation | undefined;
  /** The original line (of a wrapper format: its payload) as bytes, mostly UTF-8, without line end: `text[from, to)`. */
  text: Buffer;
  from: number;
  to: number;
  /** The format that read the text (of a wrapper's payload: the one inside); '' when none did, and it is shipped as text. */
  format: string;
  /** ms since the epoch; NaN when the line has no time of its own (the lane then sets the fallback). */
  timeMs: number;
  /** RFC 3339 in UTC with the line's own precision (3 to 9 fraction digits), or '' when ms say it all. */
  timeText: string;
  level: Level | undefined;
  /** Name of the logger (`log.logger`) where a text format found one. */
  logger: string | undefined;
  /** The message where a format found one; undefined: the text as it is; null: the line has none (JSON without a message member). */
  message: string | null | undefined;
  /** Members not mapped, in order, duplicates already resolved (the last counts). */
  members: readonly Member[];
  /** Why a demanded format or an impossible time failed; undefined when nothing did. */
  errorMessage: string | undefined;
}

/** A record to be filled. */
export const newRecord = (): LogRecord => ({
  file: { fileId: '', path: '', birthMs: 0 },
  start: 0,
  end: 0,
  part: undefined,
  continued: undefined,
  text: Buffer.alloc(0),
  from: 0,
  to: 0,
  format: '',
  timeMs: Number.NaN,
  timeText: '',
  level: undefined,
  logger: undefined,
  message: undefined,
  members: noMembers,
  errorMessage: undefined,
});

/** Shared by all records without members of their own. */
const noMembers: readonly Member[] = [];

/** Resets what a parser fills. `file`, `start`, `end`, `part` and the text are set by the lane before parsing. */
export function clearParsed(record: LogRecord): void {
  record.format = '';
  record.timeMs = Number.NaN;
  record.timeText = '';
  record.level = undefined;
  record.logger = undefined;
  record.message = undefined;
  record.members = noMembers;
  record.errorMessage = undefined;
}

/** What the id of a record is made of. */
type Identified = Pick<LogRecord, 'start' | 'end' | 'part' | 'continued'> & {
  readonly file: Pick<FileFacts, 'fileId'>;
};

/** Writes the `_id` of a record: identity, start and end offset, and the part number where there is one; behind a plus the same of the file it goes on in. */
export function writeRecordId(record: Identified, out: Pick<BatchWriter, 'text' | 'digits'>): void {
  out.text(record.file.fileId);
  out.text('-');
  out.digits(record.start);
  out.text('-');
  out.digits(record.end);
  const { continued } = record;
  if (continued !== undefined) {
    out.text(`+${continued.fileId}-`);
    out.digits(continued.start);
    out.text('-');
    out.digits(continued.end);
  }
  if (record.part === undefined) return;
  out.text('-');
  out.digits(record.part.index);
}

/** The same as a string. */
export function recordId(record: Identified): string {
  let id = '';
  writeRecordId(record, { text: (text) => void (id += text), digits: (value) => void (id += String(value)) });
  return id;
}

/** Who we are: from the downward API, the environment and the host name. Empty string: not known. */
export interface Origin {
  readonly pod: string;
  readonly namespace: string;
  readonly node: string;
  readonly podUid: string;
  readonly container: string;
  readonly service: string;
  readonly host: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Id of the Amazon ECS task: what `{pod}` is there. */
  readonly task?: string;
}
