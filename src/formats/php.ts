import type { Level } from '../types/record.js';
import { blank, colon, isDigit, isLetter, openBracket } from './characters.js';
import type { Evidence, Format } from './format.js';
import { fillRecord, newHeaderFields, resetFields } from './header/header-fields.js';
import { passBlanks } from './header/header-tokens.js';
import { anchorTime } from './header/header.js';
import { hasAscii, isContinuation } from './line-bytes.js';
import { headOf, restOf } from './header/text-head.js';
import { zoneOf, type Zone } from './times/zone.js';

/**
 * PHP's error_log and PHP-FPM: `[20-Nov-2026 09:15:02 UTC] PHP Warning:  message in /srv/x.php on line 3`, `[20-Nov-2026 09:15:02] NOTICE: message`. Stack traces
 * have a time on each of their lines, so these are records of their own. Source: php-src, main/main.c, php_log_err.
 */
export const php: Format = {
  name: 'php',
  continues: true,
  read(record, evidence, { zone }) {
    if (isContinuation(record)) return undefined;
    const { text, from } = record;
    resetFields(fields);
    if (text[from] !== openBracket) {
      // Without a time it is prose's form; so the file has to be known for it.
      if (evidence === 'none' || !hasAscii(record, from, 'PHP ')) return undefined;
      const head = headOf(record);
      const message = readLevel(head, 4);
      return message === 0 ? undefined : fill(record, head, message);
    }
    if (!isDigit(text[from + 1] ?? 0) || text[from + 3] !== 0x2d || !isLetter(text[from + 4] ?? 0)) return undefined;
    const head = headOf(record);
    const close = head.indexOf(']');
    const named = namedZone(head, close);
    const timeEnd = anchorTime(head, 1, named ?? zone, fields);
    if (timeEnd === 0 || close < timeEnd || close > longestTime || fields.isImpossible) return undefined;
    const message = messageAt(head, passBlanks(head, close + 1), evidence);
    if (message === -1) return undefined;
    // The name of a zone that is not known is nowhere else.
    return fill(record, head, close === timeEnd || named !== undefined ? message : 0);
  },
  refusal: () => 'the line is not one of PHP',
};

const fields = newHeaderFields();
const longestTime = 64;
/** `[20-Nov-2026 09:15:02 `. */
const zoneAt = 22;

let zoneNames: ReadonlySet<string> | undefined;

/** PHP writes the name of its zone. Only names that the runtime lists are looked up: any other text would fill the memory of zones. */
function namedZone(head: string, close: number): Zone | undefined {
  if (close <= zoneAt || close > longestTime || !head.slice(zoneAt, close).includes('/')) return undefined;
  zoneNames ??= new Set(Intl.supportedValuesOf('timeZone'));
  const name = head.slice(zoneAt, close);
  return zoneNames.has(name) ? zoneOf(name) : undefined;
}

function fill(record: Parameters<Format['read']>[0], head: string, message: number): 'record' {
  fillRecord(record, head, fields);
  record.message = message === 0 ? undefined : restOf(record, message);
  return 'record';
}

const kinds: ReadonlyMap<string, Level> = new Map([
  ['Fatal error', 'fatal'],
  ['Core error', 'fatal'],
  ['Compile error', 'fatal'],
  ['Parse error', 'error'],
  ['Recoverable fatal error', 'error'],
  ['Catchable fatal error', 'error'],
  ['Warning', 'warn'],
  ['Core warning', 'warn'],
  ['Compile warning', 'warn'],
  ['Notice', 'info'],
  ['Deprecated', 'info'],
  ['Strict Standards', 'info'],
  ['NOTICE', 'info'],
  ['DEBUG', 'debug'],
  ['WARNING', 'warn'],
  ['ERROR', 'error'],
  ['ALERT', 'fatal'],
]);
const longestKind = 24;

/** `PHP Warning:  `, `NOTICE: `: place behind it, with the level set; a line without it is PHP's in a file of PHP. -1: it is not. */
function messageAt(head: string, at: number, evidence: Evidence): number {
  const isPhp = head.startsWith('PHP ', at);
  const message = readLevel(head, isPhp ? at + 4 : at);
  if (message !== 0) return message;
  return isPhp || evidence !== 'none' ? at : -1;
}

/** Sets the level that ends at a colon; the place of the message behind it, or 0. */
function readLevel(head: string, at: number): number {
  let end = at;
  while (end <= at + longestKind && (isLetter(head.charCodeAt(end)) || head.charCodeAt(end) === blank)) end++;
  if (head.charCodeAt(end) !== colon || head.charCodeAt(end + 1) !== blank) return 0;
  const level = kinds.get(head.slice(at, end));
  if (level === undefined) return 0;
  fields.level = level;
  return passBlanks(head, end + 1);
}
