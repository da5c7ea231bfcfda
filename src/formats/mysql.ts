import type { Level } from '../types/record.js';
import { blank, closeBracket, digitsEnd, isBlank, isDigit, openBracket } from './characters.js';
import type { Format } from './format.js';
import { fillRecord, logger, newHeaderFields, resetFields, take } from './header/header-fields.js';
import { passBlanks } from './header/header-tokens.js';
import { anchorTime } from './header/header.js';
import { isContinuation } from './line-bytes.js';
import { headOf, member, restOf } from './header/text-head.js';

/**
 * The error log of MySQL and MariaDB: `2026-11-20T09:15:02.123456Z 7 [Warning] [MY-010068] [Server] message`, `2026-11-20  9:15:02 0 [Note] message`,
 * `261120  9:15:02 [ERROR] message`; and their general and slow logs: `2026-11-20T09:15:02.123456Z\t    7 Query\tselect 1`.
 * Source: MySQL Reference Manual, "Error Log Output Format".
 */
export const mysql: Format = {
  name: 'mysql',
  continues: true,
  read(record, _evidence, { zone }) {
    if (!isDigit(record.text[record.from] ?? 0) || record.to - record.from < 20 || isContinuation(record))
      return undefined;
    // A letter has to begin what is behind the number: that of a level or of a command. Others have words before.
    if (!mayBe(record.text, record.from)) return undefined;
    const head = headOf(record);
    resetFields(fields);
    const timeEnd = anchorTime(head, 0, zone, fields);
    if (timeEnd === 0 || fields.isImpossible) return undefined;
    const threadAt = passBlanks(head, timeEnd);
    const threadEnd = digitsEnd(head, threadAt);
    const at = passBlanks(head, threadEnd);
    if (at === threadEnd && threadEnd > threadAt) return undefined;
    const end = head.charCodeAt(at) === openBracket ? readLevel(head, at) : readCommand(head, threadAt, threadEnd, at);
    if (end < 0) return undefined;
    const code = fields.level === undefined ? undefined : /^\[(MY-\d{6})\] ?/.exec(head.slice(end, end + 12));
    let message = end + (code?.[0].length ?? 0);
    if (code !== null && code !== undefined) message = readSubsystem(head, message);
    fillRecord(record, head, fields);
    const members = [...record.members];
    if (threadEnd > threadAt)
      members.push({ key: 'process.thread.id', json: String(Number(head.slice(threadAt, threadEnd))) });
    if (code?.[1] !== undefined) members.push(member('event.code', code[1]));
    record.members = members;
    record.message = restOf(record, message);
    return 'record';
  },
  refusal: () => 'the line is not one of MySQL or MariaDB',
};

const fields = newHeaderFields();

const levels: ReadonlyMap<string, Level> = new Map([
  ['System', 'info'],
  ['Note', 'info'],
  ['Warning', 'warn'],
  ['ERROR', 'error'],
  ['Error', 'error'],
]);
const commands =
  /^(?:Connect|Query|Quit|Prepare|Execute|Close stmt|Reset stmt|Fetch|Init DB|Field List|Change user|Ping|Statistics|Shutdown|Refresh|Binlog Dump(?: GTID)?|Register Slave|Sleep|Kill|Debug|Set option|Long Data|Create DB|Drop DB|Daemon|Processlist|Time|Error)\b/;

/** Behind the time of any of the layouts come blanks, perhaps digits, and one of `[`, or a capital. */
function mayBe(text: Buffer, from: number): boolean {
  let at = from;
  while (isTime(text[at] ?? 0) && at < from + 33) at++;
  // Before the hour of old layouts.
  if (text[at] === blank && at <= from + 10) {
    while (text[at] === blank) at++;
    while (isTime(text[at] ?? 0) && at < from + 33) at++;
  }
  while (isBlank(text[at] ?? 0)) at++;
  while (isDigit(text[at] ?? 0)) at++;
  while (isBlank(text[at] ?? 0)) at++;
  const code = text[at] ?? 0;
  return code === openBracket || (code >= 0x41 && code <= 0x5a);
}
const isTime = (code: number): boolean =>
  isDigit(code) || code === 0x2d || code === 0x3a || code === 0x2e || code === 0x54 || code === 0x5a || code === 0x2b;

/** `[Note] `: returns the place behind it, below 0 when it is no level of theirs. */
function readLevel(head: string, at: number): number {
  const end = head.indexOf(']', at);
  if (end === -1 || end > at + 10) return -1;
  fields.level = levels.get(head.slice(at + 1, end));
  return fields.level === undefined ? -1 : passBlanks(head, end + 1);
}

/** `7 Query\tselect 1`: the command is part of the message. */
function readCommand(head: string, threadAt: number, threadEnd: number, at: number): number {
  return threadEnd > threadAt && commands.test(head.slice(at, at + 20)) ? at : -1;
}

/** `[Server] `. */
function readSubsystem(head: string, at: number): number {
  if (head.charCodeAt(at) !== openBracket) return at;
  let end = at + 1;
  while (end < at + 40 && head.charCodeAt(end) !== closeBracket && head.charCodeAt(end) !== blank) end++;
  if (head.charCodeAt(end) !== closeBracket) return at;
  take(fields, logger, at + 1, end);
  return passBlanks(head, end + 1);
}
