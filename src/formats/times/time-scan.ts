import {
  blank,
  colon,
  comma,
  dash,
  digitsEnd,
  dot,
  isDigit,
  isLetter,
  isWordCode,
  numberOf,
  slash,
  twoDigits,
  underscore,
} from '../characters.js';
import { newDraft, settle, type CivilDraft, type TimeFields } from './civil-time.js';
import { scanClock, scanCompactClock } from './clock-scan.js';
import { scanEpoch } from './epoch.js';
import { monthOf, nameEnd, weekdayOf } from './month-names.js';
import { guessYear } from './years.js';
import type { Zone } from './zone.js';
import { scanZone } from './zone-scan.js';

/**
 * Reads a date and a time of day, or an epoch, at the place `at` of `text`, in any of the layouts of docs/formats.md. Returns the place behind it;
 * 0 when there is none; below 0, minus the place behind it, when it is impossible. Sets `into` only when it is a time. Linear, never throws.
 * A date without a year gets that of `guessYear`; `nowMs` gives the time then, in ms since the epoch. What is behind the time is the caller's to judge.
 */
export function scanTime(
  text: string,
  at: number,
  zone: Zone,
  into: TimeFields,
  nowMs: () => number = Date.now,
): number {
  const first = text.charCodeAt(at);
  if (isDigit(first)) return scanIso(text, at, zone, into) || scanNumeric(text, at, zone, into, nowMs);
  return isLetter(first) ? scanNamed(text, at, zone, into, nowMs) : 0;
}

/** One for all: nobody keeps it, and a scanner does not call another before it is done with it. */
const draft: CivilDraft = newDraft();

/**
 * `2026-11-20T09:15:02.123Z` and its relatives, which nearly all loggers write: with a digit fewer or more it is `scanNumeric`'s. For UTC it
 * makes neither a Date nor any other object, apart from the fields themselves.
 */
function scanIso(text: string, at: number, zone: Zone, into: TimeFields): number {
  const mark = text.charCodeAt(at + 4);
  if ((mark !== dash && mark !== slash && mark !== dot) || text.charCodeAt(at + 7) !== mark) return 0;
  const separator = text.charCodeAt(at + 10);
  if (separator !== 0x54 && separator !== 0x74 && separator !== blank) return 0;
  if (text.charCodeAt(at + 13) !== colon || text.charCodeAt(at + 16) !== colon) return 0;
  const century = twoDigits(text, at);
  const yearOfCentury = twoDigits(text, at + 2);
  const month = twoDigits(text, at + 5);
  const day = twoDigits(text, at + 8);
  const hour = twoDigits(text, at + 11);
  const minute = twoDigits(text, at + 14);
  const second = twoDigits(text, at + 17);
  // Below zero stands for a character that is no digit, and an `or` keeps the sign.
  if ((century | yearOfCentury | month | day | hour | minute | second) < 0) return 0;
  const point = text.charCodeAt(at + 19);
  const hasFraction = point === dot || point === comma;
  // Digits, twelve hours and a colon before the fraction are rarer.
  if (!hasFraction && point !== 0x5a && (isDigit(point) || point === colon || isHalf(text, at + 19))) return 0;
  const fractionEnd = hasFraction ? digitsEnd(text, at + 20) : at + 19;
  if (fractionEnd > at + 29) return 0;
  const end = fractionEnd === at + 20 ? at + 19 : fractionEnd;
  draft.year = century * 100 + yearOfCentury;
  draft.month = month;
  draft.day = day;
  draft.hour = hour;
  draft.minute = minute;
  draft.second = second;
  draft.fraction = end > at + 19 ? text.slice(at + 20, end) : '';
  const isZulu = text.charCodeAt(end) === 0x5a && !isWordCode(text.charCodeAt(end + 1));
  let zoneEnd = end + 1;
  if (isZulu) draft.offset = 0;
  else zoneEnd = scanZone(text, end, draft);
  const isVerbatim = isZulu && separator === 0x54 && mark === dash && point === dot && end > at + 23;
  const reading = settle(draft, zone, into, isVerbatim ? text.slice(at, zoneEnd) : undefined);
  return reading === 'time' ? zoneEnd : -zoneEnd;
}

/** A blank and an `AM` or `PM`, or Java's narrow blank. */
function isHalf(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code === 0x202f || code === 0xe2 || (code | 0x20) === 0x61 || (code | 0x20) === 0x70) return true;
  const next = text.charCodeAt(at + 1) | 0x20;
  return code === blank && (next === 0x61 || next === 0x70) && (text.charCodeAt(at + 2) | 0x20) === 0x6d;
}

function scanNumeric(text: string, at: number, zone: Zone, into: TimeFields, nowMs: () => number): number {
  const end = digitsEnd(text, at);
  const digits = end - at;
  const mark = text.charCodeAt(end);
  if (digits === 8 || digits === 6) return scanCompact(text, at, end, zone, into);
  if (digits > 8) return scanEpoch(text, at, end, into);
  if (digits === 3 || digits > 4) return 0;
  // A month's name: 20/Nov/2026, 20-Nov-26, 20 Nov 2026, 20 Nov, 2026-Nov-20.
  if ((mark === slash || mark === dash || mark === blank) && isLetter(text.charCodeAt(end + 1)))
    return scanDayAndName(text, at, end, zone, into, nowMs);
  if (mark !== slash && mark !== dash && mark !== dot) return 0;
  const secondEnd = digitsEnd(text, end + 1);
  if (secondEnd === end + 1 || secondEnd > end + 3) return 0;
  const one = numberOf(text, at, end);
  const two = numberOf(text, end + 1, secondEnd);
  if (text.charCodeAt(secondEnd) !== mark) {
    // Android: 11-20 09:15:02.123
    if (digits !== 2 || mark !== dash || text.charCodeAt(secondEnd) !== blank) return 0;
    setDate(guessYear(one, two, nowMs()), one, two);
    return scanRest(text, secondEnd, zone, into);
  }
  const thirdEnd = digitsEnd(text, secondEnd + 1);
  const three = numberOf(text, secondEnd + 1, Math.min(thirdEnd, secondEnd + 5));
  const thirdDigits = thirdEnd - secondEnd - 1;
  if (digits === 4) {
    if (thirdDigits !== 1 && thirdDigits !== 2) return 0;
    setDate(one, two, three);
  } else if (thirdDigits === 4) setDayAndMonth(three, one, two, mark === dot);
  else if (thirdDigits === 2 && digits === 2) setShortDate(one, two, three, mark);
  else return 0;
  return scanRest(text, thirdEnd, zone, into, mark === dash);
}

/** A date whose year is last. Which of the first two is the month only a number above 12 says; else dots mean day first, others month first. */
function setDayAndMonth(year: number, one: number, two: number, isDotted: boolean): void {
  const isDayFirst = isDotted ? two <= 12 : one > 12;
  setDate(year, isDayFirst ? two : one, isDayFirst ? one : two);
}

/** With two digits for the year: 26/11/20 (Spark) and 26-11-20; 20.11.26; where that can't be, 11/20/26. */
function setShortDate(one: number, two: number, three: number, mark: number): void {
  if (mark === dot) setDayAndMonth(2000 + three, one, two, true);
  else if (two >= 1 && two <= 12) setDate(2000 + one, two, three);
  else setDayAndMonth(2000 + three, one, two, false);
}

/** `20261120T091502Z`, `20261120 09:15:02`, `20261120-09:15:02:123`, `261120  9:15:02` (old MySQL), `081109 203518`. */
function scanCompact(text: string, at: number, end: number, zone: Zone, into: TimeFields): number {
  const isShort = end - at === 6;
  const year = numberOf(text, at, end - 4);
  if (!isShort && (year < 1970 || year > 2100)) return 0;
  setDate(isShort ? 2000 + year : year, twoDigits(text, end - 4), twoDigits(text, end - 2));
  const mark = text.charCodeAt(end);
  // Six digits and then some are as often a number and a time of day; a blank alone is between the date and the time of old loggers.
  if (isShort && mark !== blank) return 0;
  const start = gapEnd(text, end);
  if (start === 0) return 0;
  const clockEnd = scanCompactClock(text, start, draft) || scanClock(text, start, draft);
  return clockEnd === 0 ? 0 : finish(text, clockEnd, zone, into);
}

/** `20/Nov/2026:09:15:02 +0000`, `20-Nov-2026 09:15:02`, `20 Nov 2026 09:15:02.123`, `20 Nov 09:15:02.123`, `2026-Nov-20 09:15:02`. */
function scanDayAndName(
  text: string,
  at: number,
  end: number,
  zone: Zone,
  into: TimeFields,
  nowMs: () => number,
): number {
  const mark = text.charCodeAt(end);
  const monthEnd = nameEnd(text, end + 1);
  const month = monthOf(text, end + 1, monthEnd);
  if (month === 0) return 0;
  const isYearFirst = end - at === 4;
  const first = numberOf(text, at, end);
  const next = text.charCodeAt(monthEnd);
  const lastEnd = digitsEnd(text, monthEnd + 1);
  const digits = lastEnd - monthEnd - 1;
  if (isYearFirst) {
    if (next !== mark || digits < 1 || digits > 2) return 0;
    setDate(first, month, numberOf(text, monthEnd + 1, lastEnd));
    return scanRest(text, lastEnd, zone, into);
  }
  const isYear = next === mark && (digits === 4 || (digits === 2 && text.charCodeAt(lastEnd) !== colon));
  if (isYear) {
    const year = numberOf(text, monthEnd + 1, lastEnd);
    setDate(digits === 4 ? year : 2000 + year, month, first);
    return scanRest(text, lastEnd, zone, into);
  }
  if (mark !== blank || next !== blank) return 0;
  setDate(guessYear(month, first, nowMs()), month, first);
  return scanRest(text, monthEnd, zone, into);
}

/**
 * A weekday, and then a date with a month's name; or the month first: `Fri, 20 Nov 2026 09:15:02 GMT`, `Fri Nov 20 09:15:02.123 2026`,
 * `Nov 20 09:15:02`, `Nov 20 2026 09:15:02`, `Nov 20, 2026 9:15:02 AM`. The weekday is not checked.
 */
function scanNamed(text: string, at: number, zone: Zone, into: TimeFields, nowMs: () => number): number {
  let start = at;
  let end = nameEnd(text, start);
  if (weekdayOf(text, start, end) !== 0) {
    start = text.charCodeAt(end) === comma ? end + 1 : end;
    if (text.charCodeAt(start) !== blank) return 0;
    start++;
    if (isDigit(text.charCodeAt(start))) {
      const dayEnd = digitsEnd(text, start);
      return dayEnd > start + 2 ? 0 : scanDayAndName(text, start, dayEnd, zone, into, nowMs);
    }
    end = nameEnd(text, start);
  }
  const month = monthOf(text, start, end);
  if (month === 0 || text.charCodeAt(end) !== blank) return 0;
  const dayStart = text.charCodeAt(end + 1) === blank ? end + 2 : end + 1;
  const dayEnd = digitsEnd(text, dayStart);
  if (dayEnd === dayStart || dayEnd > dayStart + 2) return 0;
  const day = numberOf(text, dayStart, dayEnd);
  const yearStart = text.charCodeAt(dayEnd) === comma ? dayEnd + 2 : dayEnd + 1;
  const yearEnd = digitsEnd(text, yearStart);
  if (yearEnd === yearStart + 4 && text.charCodeAt(yearStart - 1) === blank) {
    setDate(numberOf(text, yearStart, yearEnd), month, day);
    return scanRest(text, yearEnd, zone, into);
  }
  setDate(0, month, day);
  const clockEnd = text.charCodeAt(dayEnd) === blank ? scanClock(text, gapEnd(text, dayEnd), draft) : 0;
  if (clockEnd === 0) return 0;
  const zoneEnd = scanZone(text, clockEnd, draft);
  const lateYear = text.charCodeAt(zoneEnd) === blank ? digitsEnd(text, zoneEnd + 1) : 0;
  const hasYear = lateYear === zoneEnd + 5 && /^(?:19[7-9]|2[01])/.test(text.slice(zoneEnd + 1, lateYear)); // prettier-ignore
  draft.year = hasYear ? numberOf(text, zoneEnd + 1, lateYear) : guessYear(month, day, nowMs());
  return finish(text, hasYear ? lateYear : zoneEnd, zone, into, false);
}

function setDate(year: number, month: number, day: number): void {
  draft.year = year;
  draft.month = month;
  draft.day = day;
}

/** What follows a date: a gap, a time of day, a zone. `dotted`: the time of day may have dots behind a dash. */
function scanRest(text: string, at: number, zone: Zone, into: TimeFields, dotted = false): number {
  const start = gapEnd(text, at);
  const clockEnd = start === 0 ? 0 : scanClock(text, start, draft, dotted && text.charCodeAt(at) === dash);
  return clockEnd === 0 ? 0 : finish(text, clockEnd, zone, into);
}

/** Place behind what may stand between a date and a time of day: `T`, blanks, `:`, `::`, `-`, `_`, `, `, ` - `, ` @ `; 0: something else. */
function gapEnd(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code === 0x54 || code === 0x74 || code === dash || code === underscore) return at + 1;
  if (code === colon) return text.charCodeAt(at + 1) === colon ? at + 2 : at + 1;
  const start = code === comma ? at + 1 : at;
  if (text.charCodeAt(start) !== blank) return 0;
  const next = text.charCodeAt(start + 1);
  if (next === blank) return start + 2;
  return (next === dash || next === 0x40) && text.charCodeAt(start + 2) === blank ? start + 3 : start + 1;
}

/** Settles the draft; `hasZone`: its zone is still to be read, at `at`. */
function finish(text: string, at: number, zone: Zone, into: TimeFields, readsZone = true): number {
  const end = readsZone ? scanZone(text, at, draft) : at;
  return settle(draft, zone, into) === 'time' ? end : -end;
}
