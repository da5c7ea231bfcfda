import type { LogRecord } from '../types/record.js';
import {
  blank,
  closeBracket,
  colon,
  digitsEnd,
  escape,
  isBlank,
  isDigit,
  isLetter,
  isUpper,
  less,
  openBracket,
  openParen,
} from './characters.js';
import type { Evidence, Format } from './format.js';
import {
  clock,
  fillRecord,
  has,
  logger,
  newHeaderFields,
  resetFields,
  type HeaderFields,
} from './header/header-fields.js';
import { passClosers, passGap, readTail } from './header/header-tail.js';
import { groupEnd, passBlanks, passMarks, takeOrigin, wordEnd } from './header/header-tokens.js';
import { newHeaderReading, readHeader, type HeaderReading } from './header/header.js';
import { isShouted, levelEnd } from './header/level-words.js';
import { isContinuation } from './line-bytes.js';
import { isPlain } from './plain.js';
import { headOf, restOf } from './header/text-head.js';
import { trailingLogger } from './header/text-trailer.js';
import type { Zone } from './times/zone.js';

/**
 * Text with a time, a level, or both at its beginning, in the layouts of log4j, logback, Spring Boot, Python's logging, NLog, Go's log and the
 * many that look like them: time and level in either order, in brackets or not, with thread, process, place in the source and logger between
 * them or behind them; then the message. What fits no field stays in the message, and where even that is not sure the message is the whole text.
 */
export const text: Format = {
  name: 'text',
  continues: true,
  read(record, evidence, { zone }) {
    if (isContinuation(record) || !mayBegin(record, evidence)) return undefined;
    const head = headOf(record);
    return readText(record, head, evidence, zone) ? 'record' : undefined;
  },
  refusal: () => 'the line begins neither with a time nor with a level',
};

const fields: HeaderFields = newHeaderFields();
const reading: HeaderReading = newHeaderReading();

/** Tells most lines that begin with neither apart by their first bytes. */
function mayBegin(record: LogRecord, evidence: Evidence): boolean {
  const { text: bytes, from, to } = record;
  let at = from;
  // Consul's times are indented by four; what is indented further, or by a tab, goes on with something.
  while (at < to && bytes[at] === blank && at - from < 5) at++;
  const first = bytes[at] ?? 0;
  if (isDigit(first) || first === openBracket || first === openParen || first === less || first === escape) return true;
  if (at > from) return false;
  return isLetter(first) && (evidence !== 'none' || !isPlain(record));
}

function readText(record: LogRecord, head: string, evidence: Evidence, zone: Zone): boolean {
  resetFields(fields);
  if (!readHeader(head, zone, fields, reading)) return false;
  if (!isConvincing(head, evidence)) return false;
  let message = reading.end;
  if (fields.level === undefined) message = behindTime(head, message);
  else if (!reading.isSoftLevel) message = readTail(head, message, fields, reading.groupStop);
  message = Math.min(message, reading.keepFrom);
  // The text of a time that can't be is nowhere else.
  const isWhole = message === 0 || reading.prefix === 'words' || fields.isImpossible;
  const trailer = isWhole || has(fields, logger) || !reading.isBracketed ? 0 : trailingLogger(record);
  fillRecord(record, head, fields);
  if (trailer !== 0) {
    record.logger = record.text.toString('latin1', record.from + trailer, record.to - 1);
    record.message = record.text.toString('utf8', record.from + message, record.from + trailer - 2);
  } else record.message = isWhole ? undefined : restOf(record, message);
  return true;
}

/** Where the message begins behind a time without a level; a place in the source is taken (Go's `main.go:17: `). */
function behindTime(head: string, from: number): number {
  const at = passGap(head, passClosers(head, from));
  const origin = reading.keepFrom === Infinity ? takeOrigin(head, at, fields) : 0;
  return origin === 0 ? at : passGap(head, origin);
}

/** What was found is more than a line of prose could have by chance. */
function isConvincing(head: string, evidence: Evidence): boolean {
  if (evidence === 'demanded') return true;
  const { prefix, isBracketed } = reading;
  if (fields.hasTime) {
    if (evidence === 'usual') return true;
    if (prefix === 'words') return false;
    if (fields.level !== undefined || isBracketed) return true;
    // Ten digits are as often a number.
    return prefix === 'none' ? digitsEnd(head, 0) !== 10 : head.charCodeAt(0) === openBracket;
  }
  if (prefix === 'words') return false;
  return evidence === 'usual' || isSureLevel(head);
}

const commonLevels = new Set(['TRACE', 'DEBUG', 'INFO', 'WARN', 'WARNING', 'ERROR', 'FATAL', 'CRITICAL']);

/** A level without a time: in a group of its own; in capitals, and not the first of several such words; in small letters, with a colon and a blank. */
function isSureLevel(head: string): boolean {
  const at = has(fields, clock) ? passMarks(head, fields.spans[clock + 1]!, closeBracket) : passBlanks(head, 0);
  if (reading.isBracketed) return true;
  const end = levelEnd(head, at);
  const next = head.charCodeAt(end);
  if (end === at) return isGroupedLevel(head, at);
  if (!isShouted(head, at, end))
    return (
      next === colon &&
      isBlank(head.charCodeAt(end + 1)) &&
      commonLevels.has(head.slice(at, end).toUpperCase()) &&
      !isUpper(head.charCodeAt(at))
    );
  if (next !== blank) return end - at > 1;
  const start = passBlanks(head, end);
  const wordStop = wordEnd(head, start);
  return (
    commonLevels.has(head.slice(at, end)) &&
    !(wordStop - start > 1 && isShouted(head, start, wordStop) && isLetter(head.charCodeAt(start + 1)))
  );
}

/** `[info] `, `<Warning> `; behind other groups and numbers a level in capitals. */
function isGroupedLevel(head: string, at: number): boolean {
  const end = groupEnd(head, at);
  if (end !== 0 && reading.end === end + 1) {
    const start = passBlanks(head, at + 1);
    const wordStop = levelEnd(head, start);
    return wordStop - start >= 3 && (isShouted(head, start, wordStop) || passBlanks(head, wordStop) === end);
  }
  return isUpper(head.charCodeAt(reading.end - 1)) || isShouted(head, reading.end - 2, reading.end - 1);
}
