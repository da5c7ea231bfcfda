import type { Level } from '../types/record.js';
import {
  blank,
  closeBracket,
  colon,
  digitsEnd,
  escape,
  isDigit,
  isLetter,
  lineFeed,
  openBracket,
} from './characters.js';
import type { Format } from './format.js';
import { clock, fillRecord, logger, newHeaderFields, resetFields, take } from './header/header-fields.js';
import { passBlanks } from './header/header-tokens.js';
import { anchorTime } from './header/header.js';
import { isContinuation } from './line-bytes.js';
import { isPlain } from './plain.js';
import { headOf, restOf } from './header/text-head.js';

/**
 * The console of Microsoft.Extensions.Logging: `info: Shop.Orders[12]` and the message below it, indented by six; or all in one line; with a timestamp before it
 * where one is configured. Source: SimpleConsoleFormatter.cs of dotnet/runtime.
 */
export const dotnet: Format = {
  name: 'dotnet',
  continues: true,
  read(record, evidence, { zone }) {
    const first = record.text[record.from] ?? 0;
    if (isContinuation(record) || !(isLetter(first) || isDigit(first) || first === openBracket || first === escape))
      return undefined;
    if (isLetter(first) && !mayBegin(record.text, record.from) && (evidence === 'none' || isPlain(record)))
      return undefined;
    const head = headOf(record);
    const mark = findLevel(head);
    if (mark === 0) return undefined;
    resetFields(fields);
    const level = levels.get(head.slice(mark - 4, mark));
    const nameAt = passBlanks(head, head.indexOf(': ', mark) + 1);
    const open = nameStop(head, nameAt);
    const close = digitsEnd(head, open + 1);
    const isName =
      open > nameAt &&
      head.charCodeAt(open) === openBracket &&
      head.charCodeAt(close) === closeBracket &&
      close > open + 1;
    if (level === undefined || !isName || !readTimestamp(head, mark - 4, zone)) return undefined;
    fields.level = level;
    take(fields, logger, nameAt, open);
    fillRecord(record, head, fields);
    record.members = [...record.members, { key: 'event.code', json: `"${head.slice(open + 1, close)}"` }];
    const behind = close + 1;
    let message = behind;
    if (head.charCodeAt(message) === lineFeed) message++;
    while (head.charCodeAt(message) === blank) message++;
    record.message = fields.isImpossible ? undefined : restOf(record, message);
    return 'record';
  },
  refusal: () => 'the line is not one of the .NET console',
};

const fields = newHeaderFields();

const levels: ReadonlyMap<string, Level> = new Map([
  ['trce', 'trace'],
  ['dbug', 'debug'],
  ['info', 'info'],
  ['warn', 'warn'],
  ['fail', 'error'],
  ['crit', 'fatal'],
]);

/** The fifth byte of `info: ` is a colon. */
const mayBegin = (text: Buffer, from: number): boolean => text[from + 4] === colon && text[from + 5] === blank;

/** No timestamp is longer. */
const longestPrefix = 60;

/** Place behind the level that a colon and a blank follow, perhaps with colours between; 0: there is none. */
function findLevel(head: string): number {
  for (let at = head.indexOf(': '); at !== -1 && at < longestPrefix; at = head.indexOf(': ', at + 1)) {
    let end = at;
    while (head.charCodeAt(end - 1) === 0x6d && end > 4) {
      const start = head.lastIndexOf('\u001b', end - 1);
      if (start === -1 || end - start > 8) break;
      end = start;
    }
    const before = head.charCodeAt(end - 5);
    // The end of a colour is a letter, too.
    const isGlued = isLetter(before) && !(before === 0x6d && isDigit(head.charCodeAt(end - 6)));
    if (end >= 4 && levels.has(head.slice(end - 4, end)) && !isGlued) return end;
  }
  return 0;
}

/** Place of the `[` behind a category: a name with dots, plus signs, back ticks. */
function nameStop(head: string, from: number): number {
  let at = from;
  while (at < head.length && head.charCodeAt(at) > blank && head.charCodeAt(at) !== openBracket) at++;
  return at;
}

/** What is before the level is nothing, or a time; of a time of day alone only the text is kept. */
function readTimestamp(head: string, to: number, zone: Parameters<typeof anchorTime>[2]): boolean {
  let start = passBlanks(head, 0);
  if (start >= to) return true;
  if (head.charCodeAt(start) === openBracket) start++;
  const end = anchorTime(head, start, zone, fields);
  if (end !== 0) return end <= to;
  let stop = to;
  while (stop > start && !isDigit(head.charCodeAt(stop - 1))) stop--;
  return /^\d\d:\d\d:\d\d(?:[.,]\d+)?$/.test(head.slice(start, stop)) && take(fields, clock, start, stop);
}
