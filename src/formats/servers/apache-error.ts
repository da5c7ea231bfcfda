import type { LogRecord, Member } from '../../types/record.js';
import { blank, closeBracket, colon, digitsEnd, openBracket } from '../characters.js';
import { addNumber, addText } from '../members/field-members.js';
import { newFinding } from '../finding.js';
import { portColon } from './hosts.js';
import { levelOf } from '../levels.js';
import type { Parsed } from '../members/mapping.js';
import { scanTime } from '../times/time-scan.js';
import type { Zone } from '../times/zone.js';

/**
 * Apache's error log: `[Fri Nov 20 09:15:02.123456 2026] [core:error] [pid 1:tid 2] [client 192.0.2.7:5] AH0001: message`; before 2.4 only the time, `[error]` and
 * the client. The module becomes the logger. Undefined when the text is none.
 */
export function readApacheError(text: string, zone: Zone): Parsed | undefined {
  if (text.charCodeAt(0) !== openBracket || text.charCodeAt(4) !== blank) return undefined;
  const finding = newFinding();
  const scanned = scanTime(text, 1, zone, finding);
  const timeEnd = Math.abs(scanned);
  if (timeEnd === 0 || !text.startsWith('] [', timeEnd)) return undefined;
  const close = text.indexOf(']', timeEnd + 3);
  if (close === -1 || close > timeEnd + longestModule) return undefined;
  const split = text.lastIndexOf(':', close);
  const hasModule = split > timeEnd;
  const word = text.slice(hasModule ? split + 1 : timeEnd + 3, close);
  // trace1 to trace8
  const level = levelOf(word.startsWith('trace') ? 'trace' : word);
  if (level === undefined) return undefined;
  const members: Member[] = [];
  if (scanned < 0) {
    addText(members, 'apache.time', text, 1, timeEnd);
    finding.errorMessage = 'the time in "apache.time" is impossible';
  }
  let at = addProcess(members, text, behind(text, close));
  at = addPeer(members, text, at);
  const module = hasModule ? text.slice(timeEnd + 3, split) : '';
  finding.level = level;
  finding.logger = module === '' || module === '-' ? undefined : module;
  finding.message = text.slice(at);
  finding.members = members;
  return finding;
}

const longestModule = 64;

/** A look at the first bytes: a bracket, a weekday, a month. */
export const mayBeApacheError = ({ text, from }: LogRecord): boolean =>
  text[from] === openBracket && text[from + 4] === blank && text[from + 8] === blank;

/** `[pid 1] ` or `[pid 1:tid 2] `. Returns the place behind it. */
function addProcess(members: Member[], text: string, from: number): number {
  if (!text.startsWith('[pid ', from)) return from;
  const pidEnd = digitsEnd(text, from + 5);
  const hasThread = text.startsWith(':tid ', pidEnd);
  const end = hasThread ? digitsEnd(text, pidEnd + 5) : pidEnd;
  if (pidEnd === from + 5 || end === pidEnd + 5 || text.charCodeAt(end) !== closeBracket) return from;
  addNumber(members, 'process.pid', text, from + 5, pidEnd);
  if (hasThread) addNumber(members, 'process.thread.id', text, pidEnd + 5, end);
  return behind(text, end);
}

/** `[client 192.0.2.7:5] `. Returns the place behind it. */
function addPeer(members: Member[], text: string, from: number): number {
  if (!text.startsWith('[client ', from)) return from;
  const start = from + 8;
  // An IPv6 address has brackets of its own.
  const close = text.indexOf('] ', start);
  const end = close === -1 && text.endsWith(']') ? text.length - 1 : close;
  if (end === -1 || end > start + longestAddress || text.lastIndexOf(' ', end) > start) return from;
  const port = portColon(text, start, end);
  addText(members, 'source.address', text, start, port === -1 ? end : port);
  if (port !== -1 && text.charCodeAt(port) === colon) addNumber(members, 'source.port', text, port + 1, end);
  return behind(text, end);
}

const longestAddress = 260;

/** Place behind a closing bracket and a blank. */
const behind = (text: string, close: number): number => (text.charCodeAt(close + 1) === blank ? close + 2 : close + 1);
