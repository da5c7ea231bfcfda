import type { LogRecord } from '../../types/record.js';
import { blank, colon, dash, digitsEnd, isDigit, isLetter } from '../characters.js';
import type { Evidence } from '../format.js';
import { isHost } from '../servers/hosts.js';
import { levelOf } from '../levels.js';
import { tokenEnd } from '../line-tokens.js';
import { priorityOfWords } from './syslog-priority.js';
import { membersOf, type SyslogLine } from './syslog-line.js';
import { readTag, type Tag } from './syslog-tag.js';
import { scanTime } from '../times/time-scan.js';
import type { Zone } from '../times/zone.js';

/**
 * What RFC 3164 describes and daemons write into files: `TIME HOST TAG[PID]: MESSAGE`, the time as `Nov 20 09:15:02` or, as rsyslog and journald can, in
 * ISO's layout or another; `daemon.err` may stand before the tag, and the host may be missing before a tag with a process id. Without a
 * priority and other evidence a tag must be there: then prose behind a time is no syslog. Undefined when the line is none.
 */
export function readBsd(
  line: string,
  behindPriority: number,
  priority: number,
  evidence: Evidence,
  zone: Zone,
): SyslogLine | undefined {
  const time = { timeMs: Number.NaN, timeText: '' };
  const from = priority < 0 ? behindPriority : behindSequence(line, behindPriority);
  // Cisco marks a clock that is not in step.
  const mark = line.charCodeAt(from);
  const isMarked = mark === 0x2a || (mark === 0x2e && priority >= 0);
  // journald's long form: Fri 2026-11-20 09:15:02 UTC
  const hasWeekday = line.charCodeAt(from + 3) === blank && line.charCodeAt(from + 8) === dash;
  const timeAt = isMarked ? from + 1 : hasWeekday ? from + 4 : from;
  const scanned = scanTime(line, timeAt, zone, time);
  const timeEnd = Math.abs(scanned);
  const hasTime = scanned !== 0 && (isGapAt(line, timeEnd) || timeEnd === line.length);
  if (!hasTime && (priority < 0 || evidence === 'none')) return undefined;
  const written = hasTime ? line.slice(timeAt, timeEnd) : '';
  const rest = hasTime ? behindTime(line, timeEnd) : from;
  const isTrusted = priority >= 0 || evidence === 'demanded';
  const tail = hasTime ? readTail(line, rest, isTrusted) : bareTail(line, rest);
  if (tail === undefined) return undefined;
  if (!isTrusted && evidence === 'none' && isLoggersOwn(line, timeAt, tail)) return undefined;
  const known = priority >= 0 ? priority : (tail.priority ?? ciscoPriority(tail.app));
  const { host: hostname, app, pid: procid, messageAt } = tail;
  const sequence = from === behindPriority ? '' : line.slice(behindPriority, from - 2);
  const members = membersOf({ priority: known, hostname, app, procid, msgid: sequence });
  const reading = scanned < 0 ? 'impossible' : 'time';
  const { timeMs, timeText } = time;
  return { timeMs, timeText, written, reading, priority: known, app, members, messageAt };
}

/** Network devices number their messages: `<189>123: Nov 20 …`. Place behind the number. */
function behindSequence(line: string, from: number): number {
  const end = digitsEnd(line, from);
  return end > from && end < from + 12 && line.startsWith(': ', end) ? end + 2 : from;
}

/** What follows the time. */
interface Tail extends Tag {
  readonly host: string;
  /** From words such as `daemon.err`. */
  readonly priority: number | undefined;
}

/** Behind a priority without a time: a tag, or only a message. */
const bareTail = (line: string, from: number): Tail => withTag(readTag(line, from), from, '', undefined);

/** Spelled out: to spread the tag costs more than to read it. */
function withTag(tag: Tag | undefined, from: number, host: string, priority: number | undefined): Tail {
  if (tag === undefined) return { app: '', pid: '', messageAt: from, host, priority };
  return { app: tag.app, pid: tag.pid, messageAt: tag.messageAt, host, priority };
}

function readTail(line: string, from: number, isTrusted: boolean): Tail | undefined {
  const firstEnd = tokenEnd(line, from);
  const own = readTag(line, from);
  // A first token that is a tag: no host was written. Without a process id or a priority it may be any word with a colon.
  if (own !== undefined && (own.pid !== '' || isTrusted)) return withTag(own, from, '', undefined);
  if (own !== undefined || !isHost(line, from, firstEnd)) return isTrusted ? bareTail(line, from) : undefined;
  const host = line.slice(from, firstEnd);
  // OpenWrt names no host.
  if (priorityOfWords(host) !== undefined) return readWords(line, from, '', isTrusted);
  if (levelOf(host) !== undefined && !isTrusted) return undefined;
  return readWords(line, Math.min(firstEnd + 1, line.length), host, isTrusted);
}

/** What follows the host: perhaps `daemon.err`, then a tag. */
function readWords(line: string, from: number, host: string, isTrusted: boolean): Tail | undefined {
  const wordEnd = tokenEnd(line, from);
  const priority = priorityOfWords(line.slice(from, wordEnd));
  const tagAt = priority === undefined ? from : Math.min(wordEnd + 1, line.length);
  const tag = readTag(line, tagAt);
  if (tag !== undefined && (isTrusted || isTagStart(line.charCodeAt(tagAt))))
    return withTag(tag, tagAt, host, priority);
  if (!isTrusted && priority === undefined && !isDaemonsNotice(line, tagAt)) return undefined;
  return withTag(undefined, tagAt, host, priority);
}

/** What syslog daemons themselves write without a tag. */
const isDaemonsNotice = (line: string, at: number): boolean =>
  line.startsWith('last message ', at) || line.startsWith('message repeated ', at) || line.startsWith('-- MARK --', at);

const isTagStart = (code: number): boolean =>
  isLetter(code) || code === percent || code === 0x28 || code === 0x2f || code === 0x5f || code >= 0x80;

/**
 * True for a line in ISO's layout that a logger may have written: `2026-11-20T09:15:02Z worker startup: done`. A daemon's has a process id, or it has
 * rsyslog's six digits and an offset.
 */
function isLoggersOwn(line: string, from: number, { pid, priority }: Tail): boolean {
  if (!isDigit(line.charCodeAt(from)) || pid !== '' || priority !== undefined) return false;
  return !(line.charCodeAt(from + 19) === 0x2e && /^[+-]\d\d:\d\d$/.test(line.slice(from + 26, from + 32)));
}

/** `%SYS-5-CONFIG_I`: Cisco writes the severity into the name; the facility is the one that its devices have unless told. */
function ciscoPriority(app: string): number {
  if (app.charCodeAt(0) !== percent) return -1;
  const severity = /^%[A-Z0-9_]{1,32}(?:-[A-Z0-9_]{1,32})?-([0-7])-[A-Z0-9_]{1,48}$/.exec(app)?.[1];
  return severity === undefined ? -1 : 23 * 8 + Number(severity);
}

const isGapAt = (line: string, at: number): boolean => line.charCodeAt(at) === blank || line.charCodeAt(at) === colon;

function behindTime(line: string, end: number): number {
  const at = line.charCodeAt(end) === colon ? end + 1 : end;
  return line.charCodeAt(at) === blank ? at + 1 : at;
}

const percent = 0x25;

/**
 * A look at the first bytes: `<1`, a month or a weekday and a blank, a date of ISO's layout with what may be a tag behind it, or an epoch. Tells most lines of
 * other formats from syslog before a text is made.
 */
export function mayBeSyslog({ text, from, to }: LogRecord): boolean {
  const first = text[from] ?? 0;
  if (first === 0x3c) return isDigit(text[from + 1] ?? 0);
  if (text[from + 3] === blank) return first >= 0x41 && first <= 0x57 && (text[from + 1] ?? 0) >= 0x61;
  if (text[from + 4] !== 0x2d || text[from + 7] !== 0x2d || text[from + 10] !== 0x54) return false;
  // TIME HOST TAG: the third token has a colon at its end or a bracket in it.
  const limit = Math.min(to, from + 256);
  let at = from + 19;
  for (let blanks = 0; at < limit && blanks < 2; at++) if (text[at] === blank) blanks++;
  const start = at;
  while (at < limit && text[at] !== blank) {
    if (text[at] === 0x5b && at > start) return true;
    at++;
  }
  return at > start && text[at - 1] === colon;
}
