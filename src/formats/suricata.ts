import type { LogRecord, Member } from '../types/record.js';
import { dash, isDigit, slash, twoDigits } from './characters.js';
import type { TimeFields } from './times/civil-time.js';
import { addNumber, addText } from './members/field-members.js';
import { newFinding } from './finding.js';
import type { Format } from './format.js';
import { tokenEnd } from './line-tokens.js';
import type { Parsed } from './members/mapping.js';
import { scanTime } from './times/time-scan.js';
import { readTime } from './times/timestamps.js';
import { guessYear } from './times/years.js';
import type { Zone } from './times/zone.js';

/**
 * fast.log of Suricata and Snort: `11/20/2026-09:15:02.123456  [**] [1:2200074:2] message [**] [Classification: x] [Priority: 3] {TCP} a:1 -> b:2`. What
 * Suricata dropped has `[Drop]` before the first stars; Snort may write no classification. Priority 1 is an error, 2 a warning.
 */
export const suricata: Format = {
  name: 'suricata',
  continues: false,
  read(record, _evidence, { zone }) {
    if (record.part !== undefined || !mayBe(record)) return undefined;
    const finding = readAlert(record.text.toString('utf8', record.from, record.to), zone);
    if (finding === undefined) return undefined;
    Object.assign(record, finding);
    return 'record';
  },
  refusal: () => 'the line is not an alert of Suricata or Snort',
};

/** A look at the first bytes: `11/20/2026-` or Snort's `11/20-`. */
const mayBe = ({ text, from }: LogRecord): boolean =>
  text[from + 2] === slash && isDigit(text[from] ?? 0) && (text[from + 10] === 0x2d || text[from + 5] === 0x2d);

const stars = ' [**] [';

function readAlert(text: string, zone: Zone): Parsed | undefined {
  const starsAt = text.indexOf(stars);
  if (starsAt === -1 || starsAt > 60) return undefined;
  const finding = newFinding();
  const scanned = text.charCodeAt(5) === dash ? scanSnort(text, zone, finding) : scanTime(text, 0, zone, finding);
  const timeEnd = Math.abs(scanned);
  if (timeEnd === 0 || timeEnd > starsAt) return undefined;
  const idAt = starsAt + stars.length;
  const idEnd = text.indexOf('] ', idAt);
  const end = text.indexOf(' [**]', idAt);
  if (idEnd === -1 || idEnd > idAt + 40 || end < idEnd + 2 || !/^\d+:\d+:\d+$/.test(text.slice(idAt, idEnd)))
    return undefined;
  const members: Member[] = [];
  if (scanned < 0) {
    addText(members, 'suricata.time', text, 0, timeEnd);
    finding.errorMessage = 'the time in "suricata.time" is impossible';
  }
  const action = text.slice(timeEnd, starsAt).trim();
  addText(members, 'event.action', action, 0, action.length);
  addText(members, 'rule.id', text, idAt, idEnd);
  const priority = addDetails(members, text, end + 5);
  finding.level = priority === '1' ? 'error' : priority === '2' ? 'warn' : 'info';
  finding.message = text.slice(idEnd + 2, end);
  finding.members = members;
  return finding;
}

/** Snort's `11/20-09:15:02.123456`, without a year. Answers as `scanTime`. */
function scanSnort(text: string, zone: Zone, into: TimeFields): number {
  const [month, day] = [twoDigits(text, 0), twoDigits(text, 3)];
  const end = tokenEnd(text, 6);
  if ((month | day) < 0) return 0;
  const year = guessYear(month, day, Date.now());
  const reading = readTime(`${year}-${text.slice(0, 2)}-${text.slice(3, 5)} ${text.slice(6, end)}`, zone, into);
  return reading === 'none' ? 0 : reading === 'time' ? end : -end;
}

/** Classification, priority, protocol, and who spoke to whom. What is none of these stays together. Returns the priority. */
function addDetails(members: Member[], text: string, from: number): string {
  let priority = '';
  let at = from;
  for (;;) {
    while (text.charCodeAt(at) === 0x20) at++;
    const classEnd = valueEnd(text, at, '[Classification: ');
    const priorityEnd = valueEnd(text, at, '[Priority: ');
    const protocolEnd = text.charCodeAt(at) === 0x7b ? text.indexOf('} ', at) : -1;
    if (classEnd !== -1) addText(members, 'rule.category', text, at + 17, classEnd);
    else if (priorityEnd !== -1) {
      addNumber(members, 'event.severity', text, at + 11, priorityEnd);
      priority = text.slice(at + 11, priorityEnd);
    } else if (protocolEnd !== -1) {
      addText(members, 'network.transport', text, at + 1, protocolEnd);
      at = addPeers(members, text, protocolEnd + 2);
      break;
    } else break;
    at = Math.max(classEnd, priorityEnd) + 1;
  }
  addText(members, 'suricata.extra', text, at, text.length);
  return priority;
}

/** Place of the bracket that ends the value behind this name; -1 when the name is not here. */
function valueEnd(text: string, at: number, name: string): number {
  return text.startsWith(name, at) ? text.indexOf(']', at) : -1;
}

/** `a:1 -> b:2`. Returns the place behind it. */
function addPeers(members: Member[], text: string, from: number): number {
  const sourceEnd = tokenEnd(text, from);
  if (!text.startsWith(' -> ', sourceEnd)) return from;
  const end = tokenEnd(text, sourceEnd + 4);
  addPeer('source', from, sourceEnd);
  addPeer('destination', sourceEnd + 4, end);
  return Math.min(end + 1, text.length);

  function addPeer(side: string, start: number, stop: number): void {
    // Suricata writes IPv6 addresses without brackets; the last colon is the port's.
    const bare = text.lastIndexOf(':', stop);
    const port = bare > start ? bare : -1;
    addText(members, `${side}.address`, text, start, port === -1 ? stop : port);
    if (port !== -1) addNumber(members, `${side}.port`, text, port + 1, stop);
  }
}
