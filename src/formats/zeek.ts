import type { LogRecord, Member } from '../types/record.js';
import { dot, isDigit, tab } from './characters.js';
import { distinct, readColumns, requestMessage, type Column, type Role } from './columns/columns.js';
import { newFinding } from './finding.js';
import type { Evidence, Format } from './format.js';
import { isStatus, levelOfStatus } from './servers/http-status.js';
import type { Parsed } from './members/mapping.js';
import { readTime } from './times/timestamps.js';
import { utc } from './times/zone.js';

/**
 * Zeek's logs (once Bro's): tabs between the values, `#fields` above names them, `ts` is the time in seconds since the epoch. `-` and `(empty)` are none. The names
 * are kept as the file's header; lines that begin with `#` are left out. Without a status of HTTP a line has no level.
 */
export const zeek: Format = {
  name: 'zeek',
  continues: false,
  read(record, evidence, { header }) {
    if (record.part !== undefined) return undefined;
    if (record.text[record.from] === 0x23) return readDirective(record, evidence, header);
    if (!header.text.startsWith(fieldsName) || !mayBeEntry(record)) return undefined;
    const finding = readEntry(record.text.toString('utf8', record.from, record.to), header.text);
    if (finding === undefined) return undefined;
    Object.assign(record, finding);
    return 'record';
  },
  refusal: () => 'the line has not the columns of a Zeek header above it',
};

const fieldsName = '#fields\t';
const longestFields = 4096;
const directives = /^#(?:separator \\x09$|(?:set_separator|empty_field|unset_field|path|open|close|types)\t)/;
const names = /^[A-Za-z_][A-Za-z0-9_.]{0,63}(?:\t[A-Za-z_][A-Za-z0-9_.]{0,63})+$/;

/** A line that begins with `#`. Guessed, only Zeek's own are left out. */
function readDirective(record: LogRecord, evidence: Evidence, header: { text: string }): 'left-out' | undefined {
  if (record.to - record.from > longestFields) return undefined;
  const line = record.text.toString('utf8', record.from, record.to);
  if (line.startsWith(fieldsName) && names.test(line.slice(fieldsName.length))) header.text = line;
  else if (evidence === 'none' && !directives.test(line)) return undefined;
  return 'left-out';
}

/** A look at the first bytes: ten digits, a dot, six more, a tab. */
const mayBeEntry = ({ text, from }: LogRecord): boolean =>
  text[from + 10] === dot && text[from + 17] === tab && isDigit(text[from] ?? 0) && isDigit(text[from + 16] ?? 0);

function readEntry(line: string, header: string): Parsed | undefined {
  const members: Member[] = [];
  const roles = readColumns(members, line, '\t', columnsOf(header));
  const finding = newFinding();
  const time = roles?.time ?? '';
  if (roles === undefined || readTime(time, utc, finding) !== 'time') return undefined;
  finding.members = members.filter(({ json }) => json !== '"(empty)"');
  if (roles.status !== undefined && roles.status !== '-' && isStatus(roles.status))
    finding.level = levelOfStatus(roles.status);
  finding.message = requestMessage(roles);
  return finding;
}

/** Names that ECS has a field for. */
const fields: ReadonlyMap<string, readonly [key: string, kind: Column['kind'], role?: Role]> = new Map([
  ['ts', ['zeek.ts', 'text', 'time']],
  ['id.orig_h', ['source.address', 'text']],
  ['id.orig_p', ['source.port', 'number']],
  ['id.resp_h', ['destination.address', 'text']],
  ['id.resp_p', ['destination.port', 'number']],
  ['proto', ['network.transport', 'text']],
  ['service', ['network.protocol', 'text']],
  ['method', ['http.request.method', 'text', 'method']],
  ['uri', ['url.original', 'text', 'target']],
  ['host', ['url.domain', 'text']],
  ['referrer', ['http.request.referrer', 'text']],
  ['user_agent', ['user_agent.original', 'text']],
  ['username', ['user.name', 'text']],
  ['status_code', ['http.response.status_code', 'number', 'status']],
  ['request_body_len', ['http.request.body.bytes', 'number']],
  ['response_body_len', ['http.response.body.bytes', 'number']],
  ['orig_bytes', ['source.bytes', 'number']],
  ['resp_bytes', ['destination.bytes', 'number']],
] as const);

let lastHeader = '';
let lastColumns: readonly Column[] = [];

function columnsOf(header: string): readonly Column[] {
  if (header === lastHeader) return lastColumns;
  const columns = header
    .slice(fieldsName.length)
    .split('\t')
    .map((name): Column => {
      const [key, kind, role] = fields.get(name) ?? [`zeek.${name}`, 'text' as const];
      return { key, kind, role };
    });
  lastHeader = header;
  lastColumns = distinct(columns, 'zeek');
  return lastColumns;
}
