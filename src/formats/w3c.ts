import type { LogRecord, Member } from '../types/record.js';
import { blank, isDigit, tab } from './characters.js';
import { addNumber, addText } from './field-members.js';
import { newFinding } from './finding.js';
import type { Evidence, Format } from './format.js';
import { isStatus, levelOfStatus } from './http-status.js';
import type { Parsed } from './mapping.js';
import { readTime } from './timestamps.js';
import { columnsOf, isFieldsLine, type Columns } from './w3c-columns.js';
import { utc } from './zone.js';

/**
 * W3C's extended log file format, as IIS, CloudFront and the Windows firewall write it: `#Fields:` names the columns of the lines below, with blanks or tabs
 * between them. It is kept as the file's header; lines that begin with `#` are left out. Times are UTC, unless a `#Date` of the file or its server
 * say otherwise, which nothing in the file shows. A line has as many columns as there are names, `-` is none, and names have their ECS field where there is one.
 */
export const w3c: Format = {
  name: 'w3c',
  continues: false,
  read(record, evidence, { header }) {
    if (record.part !== undefined) return undefined;
    if (record.text[record.from] === 0x23) return readDirective(record, evidence, header);
    if (!header.text.startsWith(fieldsName) || !mayBeEntry(record, evidence)) return undefined;
    const finding = readEntry(record.text.toString('utf8', record.from, record.to), columnsOf(header.text));
    if (finding === undefined) return undefined;
    Object.assign(record, finding);
    return 'record';
  },
  refusal: () => 'the line has not the columns of a W3C header above it',
};

const fieldsName = '#Fields:';
/** No directive is longer: the header is remembered with the file. */
const longestFields = 4096;

/** A line that begins with `#`. Guessed, only what the format's own directives look like is left out: nothing else may get lost. */
function readDirective(record: LogRecord, evidence: Evidence, header: { text: string }): 'left-out' | undefined {
  if (record.to - record.from > longestFields) return undefined;
  const line = record.text.toString('utf8', record.from, record.to);
  if (isFieldsLine(line)) header.text = line.trim();
  else if (evidence === 'none' && !isDirective(line)) return undefined;
  return 'left-out';
}

const directives = /^#(?:Version: \d\.\d|Software: \S|(?:Start-|End-)?Date: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d|Remark: \S)/;
const isDirective = (line: string): boolean => directives.test(line);

/** Columns begin with a date nearly always; a line of another kind need not be cut into columns. */
const mayBeEntry = ({ text, from }: LogRecord, evidence: Evidence): boolean =>
  evidence !== 'none' || (isDigit(text[from] ?? 0) && isDigit(text[from + 1] ?? 0));

function readEntry(line: string, columns: Columns): Parsed | undefined {
  const finding = newFinding();
  const members: Member[] = [];
  const separator = line.includes('\t') ? tab : blank;
  let at = 0;
  let place = 0;
  let [date, time, method, target, query, status] = ['', '', '', '', '', ''];
  for (; at <= line.length; place++) {
    const next = line.indexOf(separator === tab ? '\t' : ' ', at);
    const end = next === -1 ? line.length : next;
    const column = columns[place];
    if (column === undefined) return undefined;
    if (column.role === 'date') date = line.slice(at, end);
    else if (column.role === 'time') time = line.slice(at, end);
    else if (column.kind === 'number') addNumber(members, column.key, line, at, end);
    else if (column.kind === 'plus') addPlus(members, column.key, line.slice(at, end));
    else if (column.kind === 'version') addVersion(members, column.key, line, at, end);
    else addText(members, column.key, line, at, end);
    if (column.role === 'method') method = line.slice(at, end);
    else if (column.role === 'target') target = line.slice(at, end);
    else if (column.role === 'query') query = line.slice(at, end);
    else if (column.role === 'status') status = line.slice(at, end);
    at = end + 1;
  }
  if (place !== columns.length) return undefined;
  const hasTime = date !== '' && time !== '';
  const reading = hasTime ? readTime(`${date} ${time}`, utc, finding) : 'none';
  if (hasTime && reading === 'none') return undefined;
  if (reading !== 'time') addRest(members, date, time);
  if (reading === 'impossible') finding.errorMessage = 'the time in "w3c.time" is impossible';
  if (status !== '' && isStatus(status)) finding.level = levelOfStatus(status);
  const search = query === '' || query === '-' ? '' : `?${query}`;
  // Without a request there is nothing better to say than the line itself.
  if (method !== '' && target !== '') finding.message = `${method} ${target}${search} ${status}`.trimEnd();
  finding.members = members;
  return finding;
}

function addRest(members: Member[], date: string, time: string): void {
  addText(members, 'w3c.date', date, 0, date.length);
  addText(members, 'w3c.time', time, 0, time.length);
}

/** IIS writes `+` for the blanks within headers. */
function addPlus(members: Member[], key: string, value: string): void {
  const text = value.replaceAll('+', ' ');
  addText(members, key, text, 0, text.length);
}

function addVersion(members: Member[], key: string, line: string, from: number, to: number): void {
  addText(members, key, line, line.startsWith('HTTP/', from) ? from + 5 : from, to);
}
