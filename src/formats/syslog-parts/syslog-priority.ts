import type { Level, Member } from '../../types/record.js';

/** The number of a facility and a severity, `facility * 8 + severity` (RFC 5424, 6.2.1). */

const facilities = [
  'kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp',
  'ntp', 'security', 'console', 'solaris-cron',
  'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7',
]; // prettier-ignore
const severities = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];
const levels: readonly Level[] = ['fatal', 'fatal', 'fatal', 'error', 'warn', 'info', 'info', 'debug'];
const synonyms: ReadonlyMap<string, string> = new Map([
  ['panic', 'emerg'],
  ['error', 'err'],
  ['warn', 'warning'],
]);

/** No priority is above local7.debug. */
export const maxPriority = 191;

/** The level of a priority's severity. */
export const levelOfPriority = (priority: number): Level | undefined => levels[priority & 7];

/** Adds `syslog.priority` and the names of its two halves. */
export function addPriority(members: Member[], priority: number): void {
  members.push(
    { key: 'syslog.priority', json: `${priority}` },
    { key: 'syslog.facility.name', json: `"${facilities[priority >> 3] ?? ''}"` },
    { key: 'syslog.severity.name', json: `"${severities[priority & 7] ?? ''}"` },
  );
}

/** The number at `<13>` that begins the text, and the place behind it; undefined when there is none. */
export function priorityAt(text: string): { readonly priority: number; readonly end: number } | undefined {
  const end = text.charCodeAt(0) === 0x3c ? text.indexOf('>', 1) : -1;
  if (end < 2 || end > 4) return undefined;
  const digits = text.slice(1, end);
  if (!/^(?:0|[1-9]\d{0,2})$/.test(digits)) return undefined;
  const priority = Number(digits);
  return priority > maxPriority ? undefined : { priority, end: end + 1 };
}

/** The priority that `daemon.err` means, as some daemons write it into files; undefined for another word. */
export function priorityOfWords(word: string): number | undefined {
  const dot = word.indexOf('.');
  if (dot === -1 || word.length > 20) return undefined;
  const facility = facilities.indexOf(word.slice(0, dot));
  const name = word.slice(dot + 1);
  const severity = severities.indexOf(synonyms.get(name) ?? name);
  return facility === -1 || severity === -1 ? undefined : facility * 8 + severity;
}
