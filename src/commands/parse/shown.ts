import type { LogRecord, Member } from '../../types/record.js';

/** What of a record is shown; strings and members are never changed in place, so keeping them is enough. */
export type Fields = Pick<LogRecord, 'timeMs' | 'timeText' | 'level' | 'logger' | 'members' | 'errorMessage'> & {
  /** null: the record has none. */
  readonly message: string | null;
};

/** One record as `pannier parse` shows it. */
export interface Shown {
  /** Number of its first line, from 1, and of how many lines it is made; 0 lines: a summary of records that were held back. */
  readonly line: number;
  readonly lines: number;
  /** Its lines as they came, without the last line end. */
  readonly raw: Buffer;
  /** The format that read it; '' when none did. */
  readonly format: string;
  /** What the file is known as with it, as `/health` says it, and what a header said. */
  readonly fileFormat: string;
  /** What the file was known as before it, as `auto:json`, and with what a header said. */
  readonly known: string;
  /** The time is the record's own, and not that of another line or of the clock. */
  readonly hasTime: boolean;
  /** As it was parsed, and as it is sent. */
  readonly parsed: Fields;
  readonly sent: Fields;
  /** Why it is not sent; '' when it is. */
  readonly heldBack: string;
  /** The document that is sent; '' when none is. */
  readonly document: string;
  readonly micros: number;
}

export function fieldsOf(record: LogRecord): Fields {
  const { timeMs, timeText, level, logger, message, members, errorMessage, text, from, to } = record;
  return {
    timeMs,
    timeText,
    level,
    logger,
    members,
    errorMessage,
    message: message === undefined ? text.toString('utf8', from, to) : message,
  };
}

/** Names of what processing changed, as people see them. */
export function changesOf({ parsed, sent }: Shown): {
  readonly changed: readonly string[];
  readonly gone: readonly string[];
} {
  const before = new Map(parsed.members.map(({ key, json }: Member) => [key, json]));
  const after = new Map(sent.members.map(({ key, json }: Member) => [key, json]));
  const changed = [...before.keys()].filter((key) => after.has(key) && after.get(key) !== before.get(key));
  const gone = [...before.keys()].filter((key) => !after.has(key));
  if (parsed.message !== sent.message && parsed.message !== null)
    (sent.message === null ? gone : changed).unshift('message');
  return { changed, gone };
}

/** What a record was read as; text that no format reads is `raw`, as in PANNIER_FORMAT. */
export const nameOf = (format: string): string => (format === '' ? 'raw' : format);
