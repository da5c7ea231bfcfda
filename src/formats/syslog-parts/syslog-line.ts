import type { Member } from '../../types/record.js';
import { blank, isDigit } from '../characters.js';
import type { TimeReading } from '../times/civil-time.js';
import { addText, isWhole } from '../members/field-members.js';
import { skipBlanks, tokenEnd } from '../line-tokens.js';
import { readStructuredData } from './structured-data.js';
import { addPriority } from './syslog-priority.js';
import { readTime } from '../times/timestamps.js';
import type { Zone } from '../times/zone.js';

/** What a syslog header says. `members`: all of it but the time. */
export interface SyslogLine {
  readonly timeMs: number;
  readonly timeText: string;
  /** The time as it was written; '' when there was none. */
  readonly written: string;
  readonly reading: TimeReading;
  /** -1 when there was none. */
  readonly priority: number;
  readonly app: string;
  readonly members: Member[];
  /** Place of the message. */
  readonly messageAt: number;
}

/** Fields of the header before they are members; '' and '-' are none. */
export interface SyslogFields {
  readonly priority: number;
  readonly hostname: string;
  readonly app: string;
  readonly procid: string;
  readonly msgid: string;
}

/**
 * The header's members, under a root of their own: under ECS' `log.syslog` each record would have to be merged with the agent's `log`, which costs more
 * than all of the parsing. A process id that is a number has ECS' name.
 */
export function membersOf({ priority, hostname, app, procid, msgid }: SyslogFields): Member[] {
  const members: Member[] = [];
  if (priority >= 0) addPriority(members, priority);
  addText(members, 'syslog.hostname', hostname, 0, hostname.length);
  addText(members, 'syslog.appname', app, 0, app.length);
  if (isWhole(procid, 0, procid.length)) members.push({ key: 'process.pid', json: procid });
  else addText(members, 'syslog.procid', procid, 0, procid.length);
  addText(members, 'syslog.msgid', msgid, 0, msgid.length);
  return members;
}

/**
 * RFC 5424 behind its priority: `1 TIME HOST APP PROCID MSGID SD MSG`, `-` for what is not there. Without structured data, as some devices write
 * it, the message follows at once. The byte order mark before a message is cut. Undefined when the line is none.
 */
export function readRfc5424(line: string, from: number, priority: number, zone: Zone): SyslogLine | undefined {
  const versionEnd = tokenEnd(line, from);
  if (!isDigit(line.charCodeAt(from)) || line.charCodeAt(from) === 0x30 || versionEnd > from + 3) return undefined;
  if (versionEnd === from + 2 && !isDigit(line.charCodeAt(from + 1))) return undefined;
  const ends: number[] = [versionEnd];
  for (let field = 0; field < 5; field++) {
    const end = tokenEnd(line, (ends[field] ?? 0) + 1);
    if (end === line.length && field < 4) return undefined;
    ends.push(end);
  }
  const fieldAt = (index: number): string => line.slice((ends[index] ?? 0) + 1, ends[index + 1]);
  const written = fieldAt(0) === '-' ? '' : fieldAt(0);
  const time = { timeMs: Number.NaN, timeText: '' };
  const reading = written === '' ? 'time' : readTime(written, zone, time);
  if (reading === 'none') return undefined;
  const [hostname, app, procid, msgid] = [fieldAt(1), fieldAt(2), fieldAt(3), fieldAt(4)];
  const members = membersOf({ priority, hostname, app, procid, msgid });
  let at = (ends[5] ?? 0) + 1;
  const data = readStructuredData(line, at);
  if (data !== undefined) {
    members.push({ key: 'syslog.structured_data', json: data.json });
    at = data.end;
  } else if (line.charCodeAt(at) === 0x2d && (at + 1 === line.length || line.charCodeAt(at + 1) === blank)) at++;
  at = Math.min(skipBlanks(line, at), line.length);
  if (line.charCodeAt(at) === 0xfeff) at++;
  const { timeMs, timeText } = time;
  return { timeMs, timeText, written, reading, priority, app, members, messageAt: at };
}
