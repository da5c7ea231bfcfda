import {
  bar,
  blank,
  closeBracket,
  colon,
  comma,
  dash,
  escape,
  isBlank,
  isDigit,
  isLetter,
  isUpper,
  isWordCode,
  lineFeed,
  openBracket,
  openParen,
  quote,
  slash,
  tab,
} from '../characters.js';
import { levelOfComposite, takeGroup } from './header-groups.js';
import { newDraft } from '../times/civil-time.js';
import { scanClock } from '../times/clock-scan.js';
import { clock, has, logger, pid, spanCount, take, thread, type HeaderFields } from './header-fields.js';
import {
  closerOf,
  dashesEnd,
  groupEnd,
  isCodeName,
  isName,
  passBlanks,
  passMarks,
  takeOrigin,
  wordEnd,
} from './header-tokens.js';
import { isShouted, levelEnd, levelOfLetter, levelOfWord } from './level-words.js';
import { scanTime } from '../times/time-scan.js';
import type { Zone } from '../times/zone.js';

/** How the beginning of a line was understood. Places are those of the head. */
export interface HeaderReading {
  /** Place behind what was understood; the message, or more of the header, begins there. */
  end: number;
  /** Place from which on the message has to keep the text, because something there fits no field; Infinity: none. */
  keepFrom: number;
  /** What stands before the time or the level that was found first: nothing; groups, numbers and marks; or words. */
  prefix: 'none' | 'marks' | 'words';
  /** The level is a word that could as well begin the message. */
  isSoftLevel: boolean;
  /** The time stands in brackets. */
  isBracketed: boolean;
  /** Place of the mark that ends the group in which the time stands; 0: it stands in none. */
  groupStop: number;
}

export const newHeaderReading = (): HeaderReading => ({
  end: 0,
  keepFrom: Infinity,
  prefix: 'none',
  isSoftLevel: false,
  isBracketed: false,
  groupStop: 0,
});

const mostTokens = 10;
/** Places in a line at which a header's last anchor may begin. */
const mostBytes = 200;
const mostWords = 1;

const saved = new Int32Array(spanCount);

/**
 * Finds the time and the level at the beginning of a line, in either order, and what stands before and between them: threads, loggers, process
 * numbers, places in the source. What stands between the first of the two and something that is not the second stays in the message.
 * False when there is neither. Linear: each character is looked at a bounded number of times.
 */
export function readHeader(head: string, zone: Zone, fields: HeaderFields, into: HeaderReading): boolean {
  resetReading(into);
  let closer = 0;
  let words = 0;
  let at = passBlanks(head, 0);
  let hasAnchor = false;
  for (let tokens = 0; tokens < mostTokens && at < head.length && at < mostBytes; tokens++) {
    const code = head.charCodeAt(at);
    if (code === lineFeed || code === quote) break;
    const hadTime = fields.hasTime;
    if (!hadTime) {
      const open = closerOf(code);
      const start = open === 0 ? at : timeStart(head, at + 1, fields);
      const end =
        isDigit(head.charCodeAt(start)) || isLetter(head.charCodeAt(start)) ? anchorTime(head, start, zone, fields) : 0;
      if (end !== 0) {
        if (open !== 0) {
          closer = open;
          into.isBracketed = true;
          into.groupStop = groupEnd(head, at);
          if (start > at + 1 && fields.level === undefined)
            fields.level = levelOfLetter(head, passBlanks(head, at + 1));
        }
        hasAnchor = anchor(fields, into, end);
        if (fields.level !== undefined) break;
        at = passMarks(head, end, closer);
        continue;
      }
      const clockEnd = hasAnchor || into.prefix !== 'none' ? 0 : takeClock(head, start, fields);
      if (clockEnd !== 0) {
        if (open !== 0) {
          closer = open;
          into.isBracketed = true;
          into.groupStop = groupEnd(head, at);
        }
        at = passMarks(head, clockEnd, closer);
        continue;
      }
    }
    if (fields.level === undefined) {
      const end = anchorLevel(head, at, fields, into, hadTime && at - into.end <= 4);
      if (end !== 0) {
        hasAnchor = anchor(fields, into, end);
        if (hadTime || into.isSoftLevel) break;
        at = passMarks(head, end, closer);
        continue;
      }
    }
    const start = at;
    const isGroup = closerOf(code) !== 0;
    if (isGroup) {
      const end = groupEnd(head, at);
      if (end === 0) break;
      if (!takeGroup(head, at, end, fields, !hasAnchor)) into.keepFrom = Math.min(into.keepFrom, start);
      at = end + 1;
      if (!hasAnchor && into.prefix === 'none') into.prefix = 'marks';
    } else {
      const origin = takeOrigin(head, at, fields);
      const end = origin === 0 ? wordEnd(head, at) : origin;
      if (end === at) {
        // A mark that begins nothing, such as the star before a line; one that ends nothing means nothing.
        if (code !== closeBracket) into.keepFrom = Math.min(into.keepFrom, start);
        at++;
      } else {
        if (origin === 0) {
          const kind = takeWord(head, at, end, fields, hasAnchor);
          if (kind === 'word' && ++words > mostWords) break;
          if (kind !== 'field') into.keepFrom = Math.min(into.keepFrom, start);
          if (!hasAnchor && (kind === 'word' || into.prefix === 'none'))
            into.prefix = kind === 'word' ? 'words' : 'marks';
        }
        at = end;
      }
    }
    at = passMarks(head, at, closer);
  }
  if (!hasAnchor) return false;
  // What was found behind the last anchor was no header.
  for (let place = 0; place < spanCount; place++) fields.spans[place] = saved[place]!;
  if (into.keepFrom >= into.end) into.keepFrom = Infinity;
  return true;
}

function resetReading(into: HeaderReading): void {
  into.keepFrom = Infinity;
  into.prefix = 'none';
  into.isSoftLevel = false;
  into.isBracketed = false;
  into.groupStop = 0;
  into.end = 0;
}

/** Keeps what was found up to here. */
function anchor(fields: HeaderFields, into: HeaderReading, end: number): true {
  for (let at = 0; at < spanCount; at++) saved[at] = fields.spans[at]!;
  into.end = end;
  return true;
}

/** Takes a time of day without a date, which nothing is before: it is no time of its own, but is kept. Returns the place behind it, or 0. */
function takeClock(head: string, at: number, fields: HeaderFields): number {
  if (!isDigit(head.charCodeAt(at)) || has(fields, clock)) return 0;
  const end = scanClock(head, at, draft);
  const next = head.charCodeAt(end);
  if (end < at + 8 || !(isBlank(next) || next === 0x5d || next === bar || next === escape)) return 0;
  take(fields, clock, at, end);
  return end;
}
const draft = newDraft();

/** Where a time within a group may begin: behind blanks, and behind a letter that is a level (Tornado's `[I 261120 09:15:02 web:2246]`). */
function timeStart(head: string, at: number, fields: HeaderFields): number {
  const start = passBlanks(head, at);
  const isLevel =
    fields.level === undefined && head.charCodeAt(start + 1) === blank && levelOfLetter(head, start) !== undefined;
  return isLevel ? start + 2 : start;
}

/** Reads the time at `at`. Returns the place behind it, 0 when there is none, or when something is glued to it. */
export function anchorTime(head: string, at: number, zone: Zone, fields: HeaderFields): number {
  const end = scanTime(head, at, zone, fields);
  if (end === 0) return 0;
  const place = Math.abs(end);
  const next = head.charCodeAt(place);
  const isGlued = isWordCode(next) || next === 0x2e || next === slash || next === 0x25 || next >= 0x80;
  if (isGlued || (isEpochAlone(head, at, place) && next === colon)) {
    fields.timeMs = Number.NaN;
    fields.timeText = '';
    return 0;
  }
  fields.hasTime = true;
  fields.isImpossible = end < 0;
  return place;
}

const isEpochAlone = (head: string, at: number, end: number): boolean => {
  for (let place = at; place < end; place++) if (!isDigit(head.charCodeAt(place))) return false;
  return true;
};

/** Reads a level at `at`: a word, or a group that has one. Returns the place behind it, or 0. `follows`: just behind the time. */
function anchorLevel(head: string, at: number, fields: HeaderFields, into: HeaderReading, follows: boolean): number {
  const code = head.charCodeAt(at);
  const closer = closerOf(code);
  if (closer !== 0) {
    const end = groupEnd(head, at);
    return end !== 0 && levelOfComposite(head, at, end, fields) ? end + 1 : 0;
  }
  if (!isLetter(code)) return 0;
  const end = levelEnd(head, at);
  const next = head.charCodeAt(end);
  if (end === at + 1) return anchorLetter(head, at, fields);
  if (isWordCode(next)) return 0;
  const level = levelOfWord(head, at, end);
  if (level === undefined) return 0;
  if (isShouted(head, at, end)) {
    if (next === 0x2e || next === 0x27 || next === 0x3d || next === 0x40) return 0;
    if (next === dash && !isBlank(head.charCodeAt(end + 1))) return 0;
  } else if (!isSetApart(head, at, end)) {
    if (!follows || (next !== blank && next !== openBracket)) return 0;
    into.isSoftLevel = true;
    into.keepFrom = Math.min(into.keepFrom, at);
  }
  fields.level = level;
  // Celery's [time: INFO/MainProcess].
  if (next === slash && into.groupStop > end) {
    take(fields, thread, end + 1, into.groupStop);
    return into.groupStop;
  }
  return end;
}

/** A level in lower case that something else than one blank divides from what is behind it or before it. */
function isSetApart(head: string, at: number, end: number): boolean {
  const next = head.charCodeAt(end);
  if (next === bar || next === tab || next === colon || next === 0x5d || next === openBracket) return true;
  const before = head.charCodeAt(at - 1);
  if (before === bar || before === tab || before === colon) return true;
  if (next !== blank) return next !== next;
  const second = head.charCodeAt(end + 1);
  if (second === dash) return isBlank(head.charCodeAt(end + 2));
  if (second === blank || second === bar || second === openBracket || second === openParen) return true;
  // `info hostd[123] `, `Warn HttpServer: `.
  const nameStop = wordEnd(head, end + 1);
  const mark = head.charCodeAt(nameStop);
  if (mark === openBracket) return isName(head, end + 1, nameStop) && isDigit(head.charCodeAt(nameStop + 1));
  return mark === colon && isCodeName(head, end + 1, nameStop);
}

/**
 * One letter is a level before a bar or slash (capnslog's `I | `, Android's `D/Tag`), before a component in capitals and a group (MongoDB's
 * `I NETWORK  [conn1]`), and behind two numbers (Android's `1702  2395 D Tag: `).
 */
function anchorLetter(head: string, at: number, fields: HeaderFields): number {
  const level = levelOfLetter(head, at);
  if (level === undefined || !fields.hasTime) return 0;
  const next = head.charCodeAt(at + 1);
  if (next !== blank && next !== slash && next !== bar) return 0;
  const start = passBlanks(head, at + 1);
  const isLevel =
    next === bar ||
    (next === slash && isLetter(head.charCodeAt(at + 2))) ||
    head.charCodeAt(start) === bar ||
    (has(fields, pid) && has(fields, thread)) ||
    isComponent(head, start);
  if (!isLevel) return 0;
  fields.level = level;
  return at + 1;
}

/** A word in capitals, or a dash, with two blanks or a group behind it. */
function isComponent(head: string, at: number): boolean {
  let end = at;
  while (isUpper(head.charCodeAt(end)) || head.charCodeAt(end) === dash || head.charCodeAt(end) === 0x5f) end++;
  if (end === at || head.charCodeAt(end) !== blank) return false;
  return head.charCodeAt(end + 1) === blank || head.charCodeAt(end + 1) === openBracket;
}

/** What the word `[at, end)` between two anchors is: a field now, a mark, or a word that fits no field. */
function takeWord(
  head: string,
  at: number,
  end: number,
  fields: HeaderFields,
  hasAnchor: boolean,
): 'field' | 'mark' | 'word' {
  if (isNumber(head, at, end)) {
    if (!hasAnchor) return 'mark';
    return take(fields, pid, at, end) || take(fields, thread, at, end) ? 'field' : 'mark';
  }
  if (hasAnchor && isLoggerName(head, at, end) && take(fields, logger, at, end)) return 'field';
  // Words of prose have letters alone.
  for (let place = at; place < end; place++) if (!isLetter(head.charCodeAt(place))) return 'mark';
  return 'word';
}

/** A name that no prose has, or one that more than a blank ends. */
function isLoggerName(head: string, at: number, end: number): boolean {
  if (!isName(head, at, end) || head.charCodeAt(end) === comma) return false;
  if (isCodeName(head, at, end)) return true;
  const mark = head.charCodeAt(passBlanks(head, end));
  return (
    mark === bar ||
    mark === colon ||
    mark === openBracket ||
    (mark === dash && dashesEnd(head, passBlanks(head, end)) !== 0)
  );
}

function isNumber(head: string, at: number, end: number): boolean {
  for (let place = at; place < end; place++) if (!isDigit(head.charCodeAt(place))) return false;
  return end - at <= 10;
}
