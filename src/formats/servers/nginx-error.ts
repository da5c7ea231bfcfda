import type { LogRecord, Member } from '../../types/record.js';
import { blank, closeBracket, digitsEnd, isDigit, openBracket, slash } from '../characters.js';
import { addNumber, addText } from '../members/field-members.js';
import { newFinding } from '../finding.js';
import { levelOf } from '../levels.js';
import type { Parsed } from '../members/mapping.js';
import { addDetails } from './nginx-details.js';
import { scanTime } from '../times/time-scan.js';
import type { Zone } from '../times/zone.js';

/**
 * nginx's error log: `2026/11/20 09:15:02 [error] 12#34: *5 message, client: 192.0.2.7, server: …`, the connection and the details where there are any.
 * Undefined when the text is none.
 */
export function readNginxError(text: string, zone: Zone): Parsed | undefined {
  const finding = newFinding();
  if (text.charCodeAt(4) !== slash || text.charCodeAt(20) !== openBracket) return undefined;
  const scanned = scanTime(text, 0, zone, finding);
  if (Math.abs(scanned) !== 19) return undefined;
  const close = text.indexOf(']', 20);
  const level = close === -1 || close > 30 ? undefined : levelOf(text.slice(21, close));
  const pidEnd = digitsEnd(text, close + 2);
  const threadEnd = digitsEnd(text, pidEnd + 1);
  if (level === undefined || text.charCodeAt(close + 1) !== blank || !isDigit(text.charCodeAt(close + 2)))
    return undefined;
  if (!text.startsWith('#', pidEnd) || threadEnd === pidEnd + 1 || !text.startsWith(': ', threadEnd)) return undefined;
  const members: Member[] = [];
  if (scanned < 0) {
    addText(members, 'nginx.time', text, 0, 19);
    finding.errorMessage = 'the time in "nginx.time" is impossible';
  }
  addNumber(members, 'process.pid', text, close + 2, pidEnd);
  addNumber(members, 'process.thread.id', text, pidEnd + 1, threadEnd);
  let at = threadEnd + 2;
  const connectionEnd = text.charCodeAt(at) === 0x2a ? digitsEnd(text, at + 1) : 0;
  if (connectionEnd > at + 1 && text.charCodeAt(connectionEnd) === blank) {
    addNumber(members, 'nginx.connection', text, at + 1, connectionEnd);
    at = connectionEnd + 1;
  }
  const end = addDetails(members, text, at);
  finding.level = level;
  finding.message = text.slice(at, end);
  finding.members = members;
  return finding;
}

/** A look at the first bytes: a date with slashes, and a bracket behind the time. */
export const mayBeNginxError = ({ text, from }: LogRecord): boolean =>
  text[from + 4] === slash &&
  text[from + 7] === slash &&
  text[from + 20] === openBracket &&
  text[from + 21] !== closeBracket;
