import type { Level, LogRecord } from '../types/record.js';
import { isUpper } from './characters.js';
import { addText } from './members/field-members.js';
import type { Evidence, Format } from './format.js';
import { levelOf } from './levels.js';
import { tokenEnd } from './line-tokens.js';
import type { Parsed } from './members/mapping.js';
import { mayBeSyslog, readBsd } from './syslog-parts/syslog-bsd.js';
import { readRfc5424, type SyslogLine } from './syslog-parts/syslog-line.js';
import { joinMembers, readPayload } from './syslog-parts/syslog-payload.js';
import { levelOfPriority, priorityAt } from './syslog-parts/syslog-priority.js';
import type { Zone } from './times/zone.js';

/**
 * Syslog: RFC 5424, RFC 3164, and what rsyslog, journald, busybox and network devices write in place of them. The level is the priority's severity; where
 * none was written, a level that begins the message. A message that is an object or an access log line is read as such; its time and level count.
 */
export const syslog: Format = {
  name: 'syslog',
  continues: true,
  read(record, evidence, { zone }) {
    if (record.part !== undefined || (evidence !== 'demanded' && !mayBeSyslog(record))) return undefined;
    const line = record.text.toString('utf8', record.from, record.to);
    const header = readHeader(line, evidence, zone);
    if (header === undefined) return undefined;
    const message = line.slice(header.messageAt);
    fill(record, header, message, readPayload(message, zone));
    return 'record';
  },
  refusal: () => 'the line is not syslog',
};

/** The header of a syslog line; undefined when it has none. */
export function readHeader(line: string, evidence: Evidence, zone: Zone): SyslogLine | undefined {
  const found = priorityAt(line);
  if (found === undefined) return readBsd(line, 0, -1, evidence, zone);
  return readRfc5424(line, found.end, found.priority, zone) ?? readBsd(line, found.end, found.priority, evidence, zone);
}

/** Puts a header and what was read of its message into the record. */
export function fill(record: LogRecord, header: SyslogLine, message: string, payload: Parsed | undefined): void {
  const hasOwnTime = payload !== undefined && !Number.isNaN(payload.timeMs);
  const { timeMs, timeText } = hasOwnTime ? payload : header;
  const isImpossible = header.reading === 'impossible';
  // The payload's time is the program's own, and has a year; the header's is kept beside it.
  const { members } = header;
  if ((hasOwnTime || isImpossible) && header.written !== '')
    addText(members, 'syslog.timestamp', header.written, 0, header.written.length);
  record.timeMs = timeMs;
  record.timeText = timeText;
  record.level = payload?.level ?? (header.priority >= 0 ? levelOfPriority(header.priority) : leadingLevel(message));
  record.logger = payload?.logger;
  record.message = payload === undefined ? message : payload.message;
  record.members = payload === undefined ? members : joinMembers(members, payload.members);
  record.errorMessage = isImpossible ? 'the time in "syslog.timestamp" is impossible' : payload?.errorMessage;
}

/** The level of a first word that is one beyond doubt: within brackets, in capitals, or with a colon behind it. */
function leadingLevel(message: string): Level | undefined {
  const word = message.slice(0, Math.min(tokenEnd(message, 0), longestWord));
  const bare = word.endsWith(':') ? word.slice(0, -1) : word;
  const isMarked = bare !== word || /^[[<(]/.test(word) || (isUpper(word.charCodeAt(0)) && word === word.toUpperCase());
  return isMarked ? levelOf(bare) : undefined;
}

const longestWord = 16;
