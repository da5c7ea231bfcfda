import { splitMembers } from '../types/json-members.js';
import type { Member } from '../types/record.js';
import { isDigit, openBrace, tab } from './characters.js';
import type { Format } from './format.js';
import { fillRecord, has, logger, newHeaderFields, originFile, resetFields, take } from './header/header-fields.js';
import { colourEnd, isName, takeOrigin } from './header/header-tokens.js';
import { anchorTime } from './header/header.js';
import { levelEnd, levelOfWord } from './header/level-words.js';
import { isContinuation } from './line-bytes.js';
import { headOf } from './header/text-head.js';

/**
 * zap's console encoder: time, level, logger, place in the source, message and a JSON object, divided by tabs; all but time, level and message may be missing. The
 * object's members become members; a stack below stays in the message. Source: zap, zapcore/console_encoder.go.
 */
export const zap: Format = {
  name: 'zap',
  continues: true,
  read(record, _evidence, { zone }) {
    if (!isDigit(record.text[record.from] ?? 0) || isContinuation(record) || !hasTab(record.text, record.from))
      return undefined;
    const head = headOf(record);
    resetFields(fields);
    const timeEnd = anchorTime(head, 0, zone, fields);
    if (timeEnd === 0 || fields.isImpossible || head.charCodeAt(timeEnd) !== tab) return undefined;
    const levelAt = head.charCodeAt(timeEnd + 1) === 0x1b ? colourEnd(head, timeEnd + 1) : timeEnd + 1;
    const levelStop = levelEnd(head, levelAt);
    const cell = head.charCodeAt(levelStop) === 0x1b ? colourEnd(head, levelStop) : levelStop;
    fields.level = levelOfWord(head, levelAt, levelStop);
    if (fields.level === undefined || head.charCodeAt(cell) !== tab) return undefined;
    const messageAt = readCells(head, cell + 1);
    fillRecord(record, head, fields);
    const text = record.text.toString('utf8', record.from + messageAt, record.to);
    const members = readObject(text);
    if (members === undefined) record.message = text;
    else {
      record.members = [...record.members, ...members.members];
      record.message = members.message;
    }
    return 'record';
  },
  refusal: () => "the line is not one of zap's console",
};

const fields = newHeaderFields();
const longestTime = 40;

function hasTab(text: Buffer, from: number): boolean {
  for (let at = from + 10; at < from + longestTime; at++) if (text[at] === tab) return true;
  return false;
}

/** Takes the cells for logger and place; returns the place of the message's cell, which is there in any case. */
function readCells(head: string, from: number): number {
  const end = head.indexOf('\t', from);
  if (end === -1 || takeOrigin(head, from, fields) === end) return end + 1 || from;
  // A logger is one only before a place in the source: without that it could be the message.
  const next = head.indexOf('\t', end + 1);
  if (next === -1 || has(fields, originFile) || !isName(head, from, end)) return from;
  if (takeOrigin(head, end + 1, fields) !== next) return from;
  take(fields, logger, from, end);
  return next + 1;
}

/** The object behind the last tab of the first line, and the message without it; undefined when there is none. */
function readObject(text: string): { members: readonly Member[]; message: string } | undefined {
  const lineEnd = text.indexOf('\n') === -1 ? text.length : text.indexOf('\n');
  const mark = text.lastIndexOf('\t', lineEnd - 1);
  if (mark === -1 || text.charCodeAt(mark + 1) !== openBrace) return undefined;
  const members = splitMembers(text.slice(mark + 1, lineEnd));
  return members === undefined ? undefined : { members, message: text.slice(0, mark) + text.slice(lineEnd) };
}
