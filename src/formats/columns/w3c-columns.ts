import { distinct, type Column } from './columns.js';

/** True for a `#Fields:` line with names as the format has them: two at least, so that prose about fields is none. */
export function isFieldsLine(line: string): boolean {
  if (!line.startsWith('#Fields:')) return false;
  const names = namesOf(line);
  return (
    names.length >= 2 &&
    names.every((name) => /^[A-Za-z][A-Za-z0-9_-]{0,63}(?:\([A-Za-z0-9_-]{1,64}\))?$/.test(name)) &&
    names.some(isUsual)
  );
}

/** A format's own name: a date, a time, or one with the prefix of client, server, remote or application. */
const isUsual = (name: string): boolean =>
  name === 'date' || name === 'time' || /^(?:cs?|sc?|r|sr|rs|x)[-(]/.test(name);

/** The columns that a header names. That of the last header is remembered, because each line of a file asks. */
export function columnsOf(header: string): readonly Column[] {
  if (header !== lastHeader) {
    lastHeader = header;
    lastColumns = distinct(namesOf(header).map(columnOf), 'w3c');
  }
  return lastColumns;
}

let lastHeader = '';
let lastColumns: readonly Column[] = [];

const namesOf = (header: string): string[] =>
  header
    .slice('#Fields:'.length)
    .split(/[ \t]+/)
    .filter(Boolean);

/** Names of IIS and CloudFront that ECS has a field for. */
const fields: ReadonlyMap<string, readonly [key: string, kind: Column['kind'], role?: Column['role']]> = new Map([
  ['date', ['w3c.date', 'text', 'date']],
  ['time', ['w3c.time', 'text', 'time']],
  ['c-ip', ['source.address', 'text']],
  ['c-port', ['source.port', 'number']],
  ['src-ip', ['source.address', 'text']],
  ['src-port', ['source.port', 'number']],
  ['s-ip', ['destination.address', 'text']],
  ['s-port', ['destination.port', 'number']],
  ['dst-ip', ['destination.address', 'text']],
  ['dst-port', ['destination.port', 'number']],
  ['protocol', ['network.transport', 'text']],
  ['action', ['event.action', 'text']],
  ['cs-username', ['user.name', 'text']],
  ['cs-method', ['http.request.method', 'text', 'method']],
  ['cs-uri', ['url.original', 'text', 'target']],
  ['cs-uri-stem', ['url.path', 'text', 'target']],
  ['cs-uri-query', ['url.query', 'text', 'query']],
  ['cs-version', ['http.version', 'version']],
  ['cs-protocol-version', ['http.version', 'version']],
  ['cs-bytes', ['http.request.bytes', 'number']],
  ['cs-host', ['url.domain', 'text']],
  ['cs(host)', ['url.domain', 'text']],
  ['cs(user-agent)', ['user_agent.original', 'plus']],
  ['cs(referer)', ['http.request.referrer', 'text']],
  ['cs(cookie)', ['w3c.cs(Cookie)', 'plus']],
  ['sc-status', ['http.response.status_code', 'number', 'status']],
  ['sc-bytes', ['http.response.bytes', 'number']],
  ['sc-substatus', ['w3c.sc-substatus', 'number']],
  ['sc-win32-status', ['w3c.sc-win32-status', 'number']],
  ['time-taken', ['w3c.time-taken', 'number']],
] as const);

function columnOf(name: string): Column {
  const [key, kind, role] = fields.get(name.toLowerCase()) ?? [`w3c.${name}`, 'text' as const];
  return { key, kind, role };
}
