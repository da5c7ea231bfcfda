import type { Level } from '../../types/record.js';
import { blank, colon, isBlank, isDigit, isWordCode, openBracket, slash } from '../characters.js';
import { context, logger, pid, take, thread, type HeaderFields } from './header-fields.js';
import { isDottedName, isNumberedThread, isThreadName, passBlanks, takeOrigin } from './header-tokens.js';
import { isShouted, levelOfLetter, levelOfWord } from './level-words.js';

/** Place behind the last character within the group that ends at `end` that is no blank. */
function trimmedEnd(head: string, from: number, end: number): number {
  let at = end;
  // A colour may end within.
  const escape = head.lastIndexOf('\u001b', end);
  if (escape > from && head.charCodeAt(end - 1) === 0x6d && end - escape <= 8) at = escape;
  while (at > from && isBlank(head.charCodeAt(at - 1))) at--;
  return at;
}

/**
 * Takes the level of the group at `at`, whose closing mark is at `end`: `[INFO]`, `<Warning>`, `[ info ]`, `[E]`; `[main/INFO]`, `[INFO/main]`, `[core:error]`,
 * `[42B4 info 'Default']`, whose other part is the thread's name. False when it has none; then nothing was taken.
 */
export function levelOfComposite(head: string, at: number, end: number, fields: HeaderFields): boolean {
  const from = passBlanks(head, at + 1);
  const to = trimmedEnd(head, from, end);
  if (to <= from) return false;
  const whole = to - from === 1 ? levelOfLetter(head, from) : levelOfWord(head, from, to);
  if (whole !== undefined) return set(fields, whole);
  let mark = from;
  while (mark < to && !isDivider(head.charCodeAt(mark))) mark++;
  if (mark === to) return false;
  const first = levelOfWord(head, from, mark);
  if (first !== undefined && isSure(head, from, mark, head.charCodeAt(mark))) {
    const rest = passDividers(head, mark);
    if (rest < to) take(fields, thread, rest, to);
    return set(fields, first);
  }
  const last = lastPart(head, from, to);
  const level = levelOfWord(head, last, to);
  if (level !== undefined && isSure(head, last, to, head.charCodeAt(last - 1))) {
    const before = trimmedEnd(head, from, last - 1);
    take(fields, thread, from, before);
    return set(fields, level);
  }
  const second = passDividers(head, mark);
  let secondEnd = second;
  while (secondEnd < to && !isBlank(head.charCodeAt(secondEnd))) secondEnd++;
  const middle = head.charCodeAt(mark) === blank ? levelOfWord(head, second, secondEnd) : undefined;
  if (middle === undefined || !isDigit(head.charCodeAt(from))) return false;
  take(fields, thread, from, mark);
  const rest = passBlanks(head, secondEnd);
  const isQuoted = head.charCodeAt(rest) === 0x27 && head.charCodeAt(to - 1) === 0x27 && to - rest > 2;
  if (rest < to) take(fields, logger, isQuoted ? rest + 1 : rest, isQuoted ? to - 1 : to);
  return set(fields, middle);
}

function set(fields: HeaderFields, level: Level): true {
  fields.level = level;
  return true;
}

/** A word beside another is a level when it is in capitals, or a slash or colon divides them. */
const isSure = (head: string, at: number, end: number, mark: number): boolean =>
  isShouted(head, at, end) || mark === slash || mark === colon || mark === 0x7c;

const isDivider = (code: number): boolean => code === slash || code === colon || code === blank || code === 0x7c;

function passDividers(head: string, from: number): number {
  let at = from;
  while (isDivider(head.charCodeAt(at))) at++;
  return at;
}

function lastPart(head: string, from: number, to: number): number {
  let at = to;
  while (at > from && !isDivider(head.charCodeAt(at - 1))) at--;
  return at;
}

/**
 * Takes what the group at `at`, whose closing mark is at `end`, has before or between a header's anchors: a number or `pid 123` is the process, a place in the
 * source is that, a name with dots is the logger, anything else in brackets or parentheses the thread. False when it fits no free field.
 */
export function takeGroup(head: string, at: number, end: number, fields: HeaderFields, isPrefix: boolean): boolean {
  const from = passBlanks(head, at + 1);
  const to = trimmedEnd(head, from, end);
  if (to <= from) return true;
  const code = head.charCodeAt(at);
  const digits = numberStart(head, from, to);
  if (digits !== 0) return take(fields, pid, digits - 1, to) || take(fields, thread, from, to);
  const origin = takeOrigin(head, from, fields);
  if (origin !== 0) return origin === to;
  if (code === 0x7b) return head.charCodeAt(from) !== 0x22 && take(fields, context, from, to);
  if (isDottedName(head, from, to) && !isNumberedThread(head, from, to)) return take(fields, logger, from, to);
  // What a program writes before its time is a name of its own, unless it looks like a thread's.
  if (isPrefix && !isThreadName(head, from, to)) return false;
  return (code === openBracket || to - from <= 64) && take(fields, thread, from, to);
}

/** One more than the place where the digits of `123`, `#123`, `pid 123`, `pid: 123` or `PID=123` begin; 0 when it is something else. */
export function numberStart(head: string, from: number, to: number): number {
  let at = from;
  if (head.slice(from, from + 3).toLowerCase() === 'pid' && !isWordCode(head.charCodeAt(from + 3))) {
    at = from + 4;
    while (isBlank(head.charCodeAt(at))) at++;
  } else if (head.charCodeAt(from) === 0x23) at = from + 1;
  if (to <= at || to - at > 10) return 0;
  for (let place = at; place < to; place++) if (!isDigit(head.charCodeAt(place))) return 0;
  return at + 1;
}
