import { clearParsed, newRecord, type LogRecord } from '../types/record.js';
import { formats, payloadFormats } from './all.js';
import type { Evidence, Format, FormatContext } from './format.js';
import { PartGroups } from './groups/part-groups.js';
import { isPlain } from './plain.js';
import { zoneOf } from './times/zone.js';

/** One format that was asked about a line. */
export interface Attempt {
  readonly format: string;
  /** What spoke for it beforehand. */
  readonly evidence: Evidence;
  /** Why it refused the line, as a sentence; undefined: it read it. */
  readonly refusal: string | undefined;
}

/** Why a line was read as it was. */
export interface Explanation {
  /** It shows nothing of any format, so none was asked. */
  readonly isPlain: boolean;
  /** In the order in which they were asked; the last one read the line, unless it refused it, too. */
  readonly attempts: readonly Attempt[];
  /** The same for what is in a wrapper. */
  readonly payload: readonly Attempt[];
}

export interface LineToExplain {
  readonly line: Buffer;
  /** The line begins the file. */
  readonly isFirst: boolean;
  /** PANNIER_FORMAT. */
  readonly demanded: string;
  /** LineParser's `format` before the line. */
  readonly known: string;
  readonly timezone: string;
  /** The format that read the record; '' when none did. */
  readonly readBy: string;
}

/** Asks the formats about a line once more, as `auto` or the demanded one does, and keeps what they say. Never throws. */
export function explain({ line, isFirst, demanded, known, timezone, readBy }: LineToExplain): Explanation {
  if (demanded === 'raw') return { isPlain: false, attempts: [], payload: [] };
  const name = known.split(' ', 1)[0]!;
  let inside: LogRecord | undefined;
  const context: FormatContext = {
    zone: zoneOf(timezone),
    groups: new PartGroups(line.length + 1, (payload) => void (inside = { ...payload }), undefined),
    header: { text: known.slice(name.length + 1) },
  };
  const usual = name.replace(/^auto:?/, '');
  const record = recordOf(line, isFirst);
  if (demanded === 'auto' && (usual === '' || usual === 'raw') && isPlain(record))
    return { isPlain: true, attempts: [], payload: [] };
  const asked = demanded === 'auto' ? formats : formats.filter((format) => format.name === demanded);
  const evidenceOf = ({ name: format }: Format): Evidence =>
    demanded !== 'auto' ? 'demanded' : format === usual ? 'usual' : 'none';
  const attempts = attemptsOf(asked, record, context, evidenceOf);
  if (inside === undefined) return { isPlain: false, attempts, payload: [] };
  const payload = Buffer.from(inside.text.subarray(inside.from, inside.to));
  const alone = attemptsOf(payloadFormats, recordOf(payload, false), context, () => 'none');
  const isRead = alone.some(({ refusal }) => refusal === undefined);
  if (isRead || readBy === '') return { isPlain: false, attempts, payload: alone };
  // The line alone proves too little: that the file's other lines are of the format speaks for it.
  const byFile = attemptsOf(payloadFormats, recordOf(payload, false), context, (format) =>
    format.name === readBy ? 'usual' : 'none',
  );
  return { isPlain: false, attempts, payload: byFile };
}

function attemptsOf(
  asked: readonly Format[],
  record: LogRecord,
  context: FormatContext,
  evidenceOf: (format: Format) => Evidence,
): Attempt[] {
  const attempts: Attempt[] = [];
  for (const format of asked) {
    const evidence = evidenceOf(format);
    const reading = format.read(record, evidence, context);
    attempts.push({
      format: format.name,
      evidence,
      refusal: reading === undefined ? format.refusal(record) : undefined,
    });
    if (reading !== undefined) break;
  }
  return attempts;
}

function recordOf(line: Buffer, isFirst: boolean): LogRecord {
  // Any other place: the first line of a file may be a header.
  const start = isFirst ? 0 : 1;
  const record = { ...newRecord(), start, end: start + line.length + 1, text: line, from: 0, to: line.length };
  clearParsed(record);
  return record;
}
