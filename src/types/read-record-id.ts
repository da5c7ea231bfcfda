import type { Continuation } from './record.js';

/** What an id says of its record. */
export interface RecordIdParts {
  readonly fileId: string;
  readonly start: number;
  readonly end: number;
  readonly continued: Continuation | undefined;
  /** Number of the part of a line that was split. */
  readonly part: number | undefined;
}

const place = '([0-9a-f]{24})-(\\d{1,15})-(\\d{1,15})';
const form = new RegExp(`^${place}(?:\\+${place})?(?:-(\\d{1,9}))?$`);

/** Reads what `writeRecordId` wrote; undefined for anything else. */
export function readRecordId(id: string): RecordIdParts | undefined {
  const match = form.exec(id);
  if (match === null) return undefined;
  const [, fileId = '', start, end, nextId, nextStart, nextEnd, part] = match;
  const continued =
    nextId === undefined ? undefined : { fileId: nextId, start: Number(nextStart), end: Number(nextEnd) };
  return {
    fileId,
    start: Number(start),
    end: Number(end),
    continued,
    part: part === undefined ? undefined : Number(part),
  };
}
