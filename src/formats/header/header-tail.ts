import {
  blank,
  closeParen,
  colon,
  dash,
  escape,
  isBlank,
  isDigit,
  isUpper,
  less,
  isWordCode,
  lineFeed,
  openBracket,
  openParen,
  slash,
  tab,
  bar,
  greater,
} from '../characters.js';
import { has, logger, pid, take, thread, type HeaderFields } from './header-fields.js';
import { numberStart } from './header-groups.js';
import { readLoguru, readSpring } from './header-layouts.js';
import {
  closerOf,
  colourEnd,
  dashesEnd,
  groupEnd,
  isCodeName,
  isDottedName,
  isNumberedThread,
  isName,
  isThreadName,
  passBlanks,
  takeOrigin,
  wordEnd,
} from './header-tokens.js';

const mostTokens = 5;

/**
 * Takes what a header has behind its level: a process number (Spring's `1 --- `), threads in brackets and parentheses, a place in the source, and
 * the logger before ` : `, ` - `, `: `. What could as well begin the message is left to it. Returns the place where the message begins.
 */
export function readTail(head: string, from: number, fields: HeaderFields, groupStop: number): number {
  let at = passClosers(head, groupStop > from ? within(head, from, groupStop, fields) : from);
  // Python's LEVEL:name:message.
  if (head.charCodeAt(at) === colon && isWordCode(head.charCodeAt(at + 1))) return tightName(head, at + 1, fields);
  at = passGap(head, at);
  const spring = readSpring(head, at, fields);
  if (spring !== 0) at = spring;
  else if (isHclog(head, from, at)) {
    const end = plainNameEnd(head, at);
    if (end !== 0 && take(fields, logger, at, end)) return oneBlank(head, end + 1);
  }
  let hasThread = false;
  for (let tokens = 0; tokens < mostTokens && at < head.length; tokens++) {
    const code = head.charCodeAt(at);
    let end = 0;
    if (code === openBracket || code === openParen || code === less) {
      end = tailGroup(head, at, fields);
      hasThread ||= end !== 0;
    } else {
      end = takeOrigin(head, at, fields);
      if (end === 0) {
        const message = namedEnd(head, at, fields, hasThread);
        if (message < 0) return -message;
        end = message;
      }
    }
    if (end === 0) return at;
    at = passGap(head, passClosers(head, end));
  }
  return at;
}

/** Passes marks that end the group which the header stands in. */
export function passClosers(head: string, from: number): number {
  let at = from;
  while (isCloser(head.charCodeAt(at))) at++;
  return at;
}
const isCloser = (code: number): boolean => code === 0x5d || code === closeParen || code === greater;

/** Passes blanks, colours, and one mark between fields with the blanks around it: `: `, `- `, `|`, `, `. */
export function passGap(head: string, from: number): number {
  let at = passBlanks(head, from);
  const code = head.charCodeAt(at);
  const next = head.charCodeAt(at + 1);
  if (code === dash) {
    const end = dashesEnd(head, at);
    return end === 0 ? at : passBlanks(head, end);
  }
  const isMark = code === bar || ((code === colon || code === 0x2c || code === 0x3b) && !isWordCode(next));
  if (!isMark) return at;
  at++;
  if (head.charCodeAt(at) === code) at++;
  return passBlanks(head, at);
}

/** What is left of the group in which time and level stand: one word is the logger. Returns the place behind the group, or `from`. */
function within(head: string, from: number, stop: number, fields: HeaderFields): number {
  const at = passBlanks(head, from);
  if (at === stop) return stop;
  const origin = takeOrigin(head, at, fields);
  if (origin === stop) return stop;
  const end = wordEnd(head, at);
  return passBlanks(head, end) === stop && isName(head, at, end) && take(fields, logger, at, end) ? stop : from;
}

/** Consul's and etcd's names are one small word: `Z [INFO]  agent: `, `I | etcdmain: `. Elsewhere such a word begins the message. */
function isHclog(head: string, levelStop: number, at: number): boolean {
  const isPackage = head.charCodeAt(at - 2) === bar && isUpper(head.charCodeAt(levelStop - 1));
  if (isPackage) return true;
  const isGroup = head.charCodeAt(levelStop - 1) === 0x5d && head.charCodeAt(10) === 0x54;
  return isGroup && (at - levelStop === 2 || (at - levelStop === 1 && head.charCodeAt(levelStop - 7) === openBracket));
}

/** Place of the colon behind a name in small letters, digits and `.-_`; 0: none. */
function plainNameEnd(head: string, at: number): number {
  let end = at;
  for (const limit = at + 60; end < limit; end++) {
    const code = head.charCodeAt(end);
    if (!(isWordCode(code) && !isUpper(code)) && code !== 0x2e && code !== dash) break;
  }
  return end > at && head.charCodeAt(end) === colon && isEnd(head, end + 1) ? end : 0;
}

/** Behind `LEVEL:`: the logger, when a colon ends it; then the message. Returns where the message begins. */
function tightName(head: string, at: number, fields: HeaderFields): number {
  let end = at;
  while (isWordCode(head.charCodeAt(end)) || head.charCodeAt(end) === 0x2e || head.charCodeAt(end) === dash) end++;
  if (head.charCodeAt(end) !== colon || head.charCodeAt(end + 1) === slash || isDigit(head.charCodeAt(at))) return at;
  if (end - at > 100 || /(?:Error|Exception)$/.test(head.slice(at, end)) || !take(fields, logger, at, end)) return at;
  return end + 1;
}

/** A group behind the level: returns the place behind it when it was taken, else 0. */
function tailGroup(head: string, at: number, fields: HeaderFields): number {
  const end = groupEnd(head, at);
  if (end === 0) return 0;
  const from = passBlanks(head, at + 1);
  let to = end;
  while (to > from && isBlank(head.charCodeAt(to - 1))) to--;
  if (to <= from) return 0;
  // An Erlang process.
  if (head.charCodeAt(at) === less) return isErlang(head, from, to) && take(fields, thread, at, end + 1) ? end + 1 : 0;
  const isBracket = head.charCodeAt(at) === openBracket;
  const goesOn = isHeader(head, end + 1);
  const digits = numberStart(head, from, to);
  if (digits !== 0)
    return goesOn && (take(fields, pid, digits - 1, to) || take(fields, thread, from, to)) ? end + 1 : 0;
  const origin = takeOrigin(head, from, fields);
  if (origin !== 0) return end + 1;
  // A name just before a colon: `[Auth]: `.
  if (isBracket && head.charCodeAt(end + 1) === colon && isName(head, from, to) && !isThreadName(head, from, to))
    return take(fields, logger, from, to) ? end + 1 : 0;
  if (isBracket && isDottedName(head, from, to) && !isNumberedThread(head, from, to))
    return take(fields, logger, from, to) ? end + 1 : 0;
  // A second thread, or one behind the logger in brackets, is the message's.
  if (isBracket && has(fields, logger)) return 0;
  if (isThreadName(head, from, to)) return take(fields, thread, from, to) ? end + 1 : 0;
  if (!isBracket || !goesOn) return 0;
  if (isName(head, from, to) && head.charCodeAt(end + 1) === openBracket)
    return take(fields, logger, from, to) ? end + 1 : 0;
  return take(fields, thread, from, to) ? end + 1 : 0;
}

function isErlang(head: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (!isDigit(head.charCodeAt(at)) && head.charCodeAt(at) !== 0x2e) return false;
  return true;
}

/** What is behind a group's end shows that the header goes on: another group, a dash, or a name and a mark. */
function isHeader(head: string, from: number): boolean {
  const first = head.charCodeAt(from);
  if (first === openBracket) return true;
  if (first !== blank && first !== tab) return false;
  const at = passBlanks(head, from);
  const code = head.charCodeAt(at);
  if (code === dash) return dashesEnd(head, at) !== 0;
  if (closerOf(code) !== 0) return groupEnd(head, at) !== 0 && code !== 0x7b;
  const end = wordEnd(head, at);
  if (!isName(head, at, end)) return false;
  const next = head.charCodeAt(end);
  if (next === colon) return isCodeName(head, at, end);
  const gap = passBlanks(head, end);
  return gap > end && (isDashBlank(head, gap) || (head.charCodeAt(gap) === colon && isBlank(head.charCodeAt(gap + 1))));
}

const isDashBlank = (head: string, at: number): boolean => dashesEnd(head, at) !== 0;

/**
 * A name and what ends it. Minus the place where the message begins when the name was the logger; the place behind the name when it is one and the
 * header goes on; 0 when it is no logger.
 */
function namedEnd(head: string, at: number, fields: HeaderFields, hasThread: boolean): number {
  const end = wordEnd(head, at);
  if (has(fields, logger)) return 0;
  const loguru = readLoguru(head, at, end, fields);
  if (loguru !== 0) return -loguru;
  if (!isName(head, at, end)) return 0;
  const code = head.charCodeAt(end);
  const gap = passBlanks(head, end);
  if (code === colon) {
    const isLogger = isCodeName(head, at, end);
    return isLogger && isEnd(head, end + 1) && take(fields, logger, at, end) ? -oneBlank(head, end + 1) : 0;
  }
  if (code === bar) return take(fields, logger, at, end) ? end : 0;
  const mark = head.charCodeAt(gap);
  if (gap === end) return 0;
  if (mark === colon && isEnd(head, gap + 1)) return take(fields, logger, at, end) ? -oneBlank(head, gap + 1) : 0;
  if (mark === bar) return take(fields, logger, at, end) ? gap : 0;
  const dashes = mark === dash ? dashesEnd(head, gap) : 0;
  if (dashes !== 0 && (hasThread || has(fields, thread) || isCodeName(head, at, end)))
    return take(fields, logger, at, end) ? -oneBlank(head, dashes) : 0;
  // Tomcat writes class and method behind the thread.
  const isBeforeMessage = (mark === openBracket || has(fields, thread)) && isDottedName(head, at, end);
  return isBeforeMessage && take(fields, logger, at, end) ? -gap : 0;
}

const isEnd = (head: string, at: number): boolean =>
  at >= head.length || isBlank(head.charCodeAt(at)) || head.charCodeAt(at) === lineFeed || head.charCodeAt(at) === 0x1b;

/** One blank is the layout's; more of them are the message's. */
function oneBlank(head: string, from: number): number {
  const at = passColours(head, from);
  return passColours(head, head.charCodeAt(at) === blank ? at + 1 : at);
}

function passColours(head: string, from: number): number {
  let at = from;
  while (head.charCodeAt(at) === escape) at = colourEnd(head, at);
  return at;
}
