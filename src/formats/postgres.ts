import type { Level, LogRecord, Member } from '../types/record.js';
import { blank, colon, dash, isBlank, isDigit, isUpper, isWordCode } from './characters.js';
import type { Format } from './format.js';
import { fillRecord, newHeaderFields, pid, resetFields, take } from './header/header-fields.js';
import { anchorTime } from './header/header.js';
import { isContinuation } from './line-bytes.js';
import { headOf, member, restOf, textOf } from './header/text-head.js';

/**
 * PostgreSQL's stderr log: `2026-11-20 09:15:02.123 UTC [123] user@db LOG:  message`, with any log_line_prefix that begins with the time. The word before a
 * colon and two blanks is the level; that of a line which says more of the one above it (DETAIL, STATEMENT) stays in the message.
 * Source: PostgreSQL documentation, "Error Reporting and Logging".
 */
export const postgres: Format = {
  name: 'postgres',
  continues: true,
  read(record, _evidence, { zone }) {
    const { text, from, to } = record;
    // Four bytes tell nearly every other line apart, before a string is made.
    if (text[from + 4] !== dash || text[from + 10] !== blank || to - from < 30 || isContinuation(record))
      return undefined;
    const head = headOf(record);
    const severity = findSeverity(head);
    if (severity === 0) return undefined;
    resetFields(fields);
    const timeEnd = anchorTime(head, 0, zone, fields);
    if (timeEnd === 0 || timeEnd > severity) return undefined;
    let end = severity;
    while (isWordCode(head.charCodeAt(end))) end++;
    const word = head.slice(severity, end);
    fields.level = severities.get(word);
    const prefix = readPrefix(record, head, timeEnd, severity);
    fillRecord(record, head, fields);
    if (prefix.length > 0) record.members = [...record.members, ...prefix];
    if (fields.isImpossible) record.message = undefined;
    else record.message = restOf(record, followUps.has(word) ? severity : end + 3);
    return 'record';
  },
  refusal: () => 'the line is not one of PostgreSQL',
};

const fields = newHeaderFields();

const severities: ReadonlyMap<string, Level> = new Map([
  ...['DEBUG5', 'DEBUG4', 'DEBUG3', 'DEBUG2'].map((word) => [word, 'trace'] as const),
  ['DEBUG1', 'debug'],
  ['DEBUG', 'debug'],
  ...['INFO', 'NOTICE', 'LOG'].map((word) => [word, 'info'] as const),
  ['WARNING', 'warn'],
  ['ERROR', 'error'],
  ['FATAL', 'fatal'],
  ['PANIC', 'fatal'],
  ...['DETAIL', 'HINT', 'QUERY', 'CONTEXT', 'LOCATION', 'STATEMENT', 'BACKTRACE'].map(
    (word) => [word, 'info'] as const,
  ),
]);
const followUps = new Set(['DETAIL', 'HINT', 'QUERY', 'CONTEXT', 'LOCATION', 'STATEMENT', 'BACKTRACE']);

/** Place of the word before the first colon and two blanks, when it is a level of PostgreSQL; else 0. */
function findSeverity(head: string): number {
  const mark = head.indexOf(':  ', 20);
  if (mark === -1) return 0;
  let at = mark;
  while (isUpper(head.charCodeAt(at - 1)) || isDigit(head.charCodeAt(at - 1))) at--;
  return at < mark && severities.has(head.slice(at, mark)) ? at : 0;
}

/**
 * The rest of the prefix: `[pid]` and `user@database`; what else is configured (host, session, application) is kept as it is written. A zone's abbreviation
 * that could be several stays with it.
 */
function readPrefix(record: LogRecord, head: string, from: number, to: number): Member[] {
  const members: Member[] = [];
  let isKnown = true;
  for (let at = from; at < to;) {
    while (at < to && (isBlank(head.charCodeAt(at)) || head.charCodeAt(at) === colon)) at++;
    let end = at;
    while (end < to && !isBlank(head.charCodeAt(end)) && head.charCodeAt(end) !== colon) end++;
    if (end === at) break;
    const process = /^\[(\d{1,10})\](?:-\d+)?$/.exec(head.slice(at, end));
    const user = /^([^@=[\]]+)@([^@=[\]]+)$/.exec(head.slice(at, end));
    if (process !== null && take(fields, pid, at + 1, at + 1 + (process[1]?.length ?? 0)))
      isKnown &&= process[0].endsWith(']');
    else if (user?.[1] !== undefined && members.length === 0) {
      const mark = at + user[1].length;
      members.push(member('user.name', textOf(record, head, at, mark)));
      members.push(member('postgresql.log.database', textOf(record, head, mark + 1, end)));
    } else isKnown = false;
    at = end;
  }
  if (!isKnown) members.push(member('postgresql.log.prefix', textOf(record, head, from, to).trim()));
  return members;
}
