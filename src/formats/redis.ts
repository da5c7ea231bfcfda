import type { Level } from '../types/record.js';
import { blank, closeBracket, colon, digitsEnd, isDigit, isUpper, openBracket } from './characters.js';
import type { Format } from './format.js';
import { fillRecord, newHeaderFields, pid, resetFields, take } from './header/header-fields.js';
import { anchorTime } from './header/header.js';
import { isContinuation } from './line-bytes.js';
import { headOf, member, restOf } from './header/text-head.js';

/**
 * Redis, Valkey and Sentinel: `1:M 20 Nov 2026 09:15:02.123 * message`; before 3.0 `[1] 20 Nov 09:15:02.123 * message`. The mark before the message is the level,
 * the letter behind the process its role. Source: redis, src/server.c, serverLogRaw.
 */
export const redis: Format = {
  name: 'redis',
  continues: true,
  read(record, _evidence, { zone }) {
    const { text, from, to } = record;
    const first = text[from] ?? 0;
    if ((!isDigit(first) && first !== openBracket) || isContinuation(record)) return undefined;
    const start = first === openBracket ? from + 1 : from;
    let at = start;
    while (at < to && isDigit(text[at] ?? 0)) at++;
    if (at === start || at > start + 10) return undefined;
    const hasRole = text[at] === colon && isUpper(text[at + 1] ?? 0) && text[at + 2] === blank;
    if (hasRole ? first === openBracket : first !== openBracket || text[at] !== closeBracket) return undefined;
    const head = headOf(record);
    resetFields(fields);
    const pidAt = start - from;
    const pidEnd = digitsEnd(head, pidAt);
    const timeAt = hasRole ? pidEnd + 3 : pidEnd + 2;
    const timeEnd = anchorTime(head, timeAt, zone, fields);
    fields.level = levels.get(head.charCodeAt(timeEnd + 1));
    if (timeEnd === 0 || fields.isImpossible || fields.level === undefined) return undefined;
    if (head.charCodeAt(timeEnd) !== blank || head.charCodeAt(timeEnd + 2) !== blank) return undefined;
    take(fields, pid, pidAt, pidEnd);
    fillRecord(record, head, fields);
    const role = hasRole ? roles.get(head.charAt(pidEnd + 1)) : undefined;
    if (role !== undefined) record.members = [...record.members, member('redis.log.role', role)];
    record.message = restOf(record, timeEnd + 3);
    return 'record';
  },
  refusal: () => 'the line is not one of Redis',
};

const fields = newHeaderFields();

const levels: ReadonlyMap<number, Level> = new Map([
  [0x2e, 'debug'],
  [0x2d, 'debug'],
  [0x2a, 'info'],
  [0x23, 'warn'],
]);
const roles: ReadonlyMap<string, string> = new Map([
  ['X', 'sentinel'],
  ['C', 'child'],
  ['S', 'replica'],
  ['M', 'master'],
]);
