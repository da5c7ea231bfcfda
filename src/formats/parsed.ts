import type { LogRecord } from '../types/record.js';

type Fields = Pick<LogRecord, 'format' | 'timeMs' | 'timeText' | 'level' | 'logger' | 'message' | 'members' | 'errorMessage'>; // prettier-ignore

/** What a format made of a line, kept while the lane's one record is filled from other lines. */
export const parsedOf = (record: LogRecord): Fields => ({
  format: record.format,
  timeMs: record.timeMs,
  timeText: record.timeText,
  level: record.level,
  logger: record.logger,
  message: record.message,
  members: record.members,
  errorMessage: record.errorMessage,
});

export type Parsed = Fields;

export function restoreParsed(record: LogRecord, parsed: Parsed): void {
  record.format = parsed.format;
  record.timeMs = parsed.timeMs;
  record.timeText = parsed.timeText;
  record.level = parsed.level;
  record.logger = parsed.logger;
  record.message = parsed.message;
  record.members = parsed.members;
  record.errorMessage = parsed.errorMessage;
}
