import type { LogRecord, Member } from '../types/record.js';
import { isDigit } from './characters.js';
import { readColumns, requestMessage } from './columns/columns.js';
import { addText } from './members/field-members.js';
import { newFinding } from './finding.js';
import type { Evidence, Format } from './format.js';
import { isStatus, levelOfStatus } from './servers/http-status.js';
import type { Parsed } from './members/mapping.js';
import { readTime } from './times/timestamps.js';
import { columnsOf, isFieldsLine } from './columns/w3c-columns.js';
import { utc } from './times/zone.js';

/**
 * W3C's extended log file format, as IIS, CloudFront and the Windows firewall write it: `#Fields:` names the columns of the lines below, with blanks or tabs
 * between them. It is kept as the file's header, with the day of the last `#Date:`, which lines without a date are of; all lines that begin with `#` are
 * left out. Times are UTC. A line has as many columns as there are names, `-` is none, and names have their ECS field where there is one.
 */
export const w3c: Format = {
  name: 'w3c',
  continues: false,
  read(record, evidence, { header }) {
    if (record.part !== undefined) return undefined;
    if (record.text[record.from] === 0x23) return readDirective(record, evidence, header);
    const fieldsAt = header.text.indexOf(fieldsName);
    if (fieldsAt === -1 || !(fieldsAt === 0 || header.text.startsWith(dateName)) || !mayBeEntry(record, evidence))
      return undefined;
    const line = record.text.toString('utf8', record.from, record.to);
    const finding = readEntry(line, header.text.slice(fieldsAt), header.text.slice(dateName.length, fieldsAt).trim());
    if (finding === undefined) return undefined;
    Object.assign(record, finding);
    return 'record';
  },
  refusal: () => 'the line has not the columns of a W3C header above it',
};

const fieldsName = '#Fields:';
const dateName = '#Date: ';
/** No directive is longer: the header is remembered with the file. */
const longestFields = 4096;

/** A line that begins with `#`. Guessed, only what the format's own directives look like is left out: nothing else may get lost. */
function readDirective(record: LogRecord, evidence: Evidence, header: { text: string }): 'left-out' | undefined {
  if (record.to - record.from > longestFields) return undefined;
  const line = record.text.toString('utf8', record.from, record.to);
  const day = dayOf(line);
  const fieldsAt = header.text.indexOf(fieldsName);
  if (day !== undefined)
    header.text = `${dateName}${day} ${fieldsAt === -1 ? '' : header.text.slice(fieldsAt)}`.trimEnd();
  else if (isFieldsLine(line)) {
    const dated = header.text.startsWith(dateName)
      ? header.text.slice(0, fieldsAt === -1 ? undefined : fieldsAt).trim()
      : '';
    header.text = `${dated} ${line.trim()}`.trimStart();
  } else if (evidence === 'none' && !directives.test(line)) return undefined;
  return 'left-out';
}

const directives = /^#(?:Version: \d\.\d|Software: \S|(?:Start-|End-)Date: \d|Remark: \S)/;

/** The day of `#Date: 2026-11-20 09:15:02`, or `20-Nov-2026`, as `2026-11-20`; undefined for another line. */
function dayOf(line: string): string | undefined {
  const written = line.startsWith(dateName)
    ? /^[\dA-Za-z-]{8,11} \d\d:\d\d(?::\d\d)?/.exec(line.slice(dateName.length))?.[0]
    : undefined;
  const time = { timeMs: Number.NaN, timeText: '' };
  if (written === undefined || readTime(written, utc, time) !== 'time') return undefined;
  return new Date(time.timeMs).toISOString().slice(0, 10);
}

/** Columns begin with a date or a time nearly always; a line of another kind need not be cut into columns. */
const mayBeEntry = ({ text, from }: LogRecord, evidence: Evidence): boolean =>
  evidence !== 'none' || (isDigit(text[from] ?? 0) && isDigit(text[from + 1] ?? 0));

function readEntry(line: string, fields: string, day: string): Parsed | undefined {
  const finding = newFinding();
  const members: Member[] = [];
  const roles = readColumns(members, line, line.includes('\t') ? '\t' : ' ', columnsOf(fields));
  if (roles === undefined) return undefined;
  const { date = day, time = '', status = '' } = roles;
  const hasTime = date !== '' && time !== '' && time !== '-';
  const reading = hasTime ? readTime(`${date} ${time}`, utc, finding) : 'none';
  if (hasTime && reading === 'none') return undefined;
  if (reading !== 'time') {
    addText(members, 'w3c.date', roles.date ?? '', 0, roles.date?.length ?? 0);
    addText(members, 'w3c.time', time, 0, time.length);
  }
  if (reading === 'impossible') finding.errorMessage = 'the time in "w3c.time" is impossible';
  if (status !== '' && isStatus(status)) finding.level = levelOfStatus(status);
  finding.message = requestMessage(roles);
  finding.members = members;
  return finding;
}
