import { place, readOffset, settle, type TimeFields, type TimeReading } from './civil-time.js';
import { readNamedMonth } from './time-layouts.js';
import type { Zone } from './zone.js';

/** No layout is longer; what is longer is no time, whatever it begins with. */
const maxTimeLength = 48;

/**
 * Reads a time in any of the layouts that loggers use: RFC 3339 and its relatives (`T` or blank, `-` or `/`, dot or comma, with or without a
 * zone), seconds to nanoseconds since the epoch, and layouts with a month's name. A time without a zone is that of `zone`.
 * Sets `into` only when the answer is 'time'. Never throws.
 */
export function readTime(text: string, zone: Zone, into: TimeFields): TimeReading {
  if (text.length > maxTimeLength) return 'none';
  const reading = readIso(text, zone, into);
  if (reading !== 'none') return reading;
  const first = text.charCodeAt(0);
  if (isDigit(first) && readEpoch(text, into)) return 'time';
  return readNamedMonth(text, zone, into);
}

/**
 * `2026-11-20T09:15:02.123Z` and its relatives. The form that nearly all loggers write, UTC with `T`, `.` and `Z`, makes neither a Date nor
 * any other object, apart from the fields themselves.
 */
function readIso(text: string, zone: Zone, into: TimeFields): TimeReading {
  const dash = text.charCodeAt(4);
  if ((dash !== 0x2d && dash !== 0x2f) || text.charCodeAt(7) !== dash) return 'none';
  const separator = text.charCodeAt(10);
  if (separator !== 0x54 && separator !== 0x74 && separator !== 0x20) return 'none';
  if (text.charCodeAt(13) !== colon || text.charCodeAt(16) !== colon) return 'none';
  const century = twoDigits(text, 0);
  const yearOfCentury = twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  // Below zero stands for a character that is no digit, and an `or` keeps the sign.
  if ((century | yearOfCentury | month | day | hour | minute | second) < 0) return 'none';
  const mark = text.charCodeAt(19);
  const hasFraction = mark === dot || mark === comma;
  const fractionEnd = hasFraction ? digitsEnd(text, 20) : 19;
  if (hasFraction && (fractionEnd === 20 || fractionEnd > 29)) return 'none';
  const isZulu = text.length === fractionEnd + 1 && text.charCodeAt(fractionEnd) === 0x5a;
  const zoneStart = text.charCodeAt(fractionEnd) === 0x20 ? fractionEnd + 1 : fractionEnd;
  const offset = isZulu ? 0 : readOffset(text.slice(zoneStart));
  if (offset === 'none' || (offset === undefined && zoneStart !== fractionEnd)) return 'none';
  const isVerbatim = isZulu && separator === 0x54 && dash === 0x2d && mark === dot;
  const fraction = hasFraction ? text.slice(20, fractionEnd) : '';
  const year = century * 100 + yearOfCentury;
  const time = { year, month, day, hour, minute, second, fraction, offset };
  return settle(time, zone, into, isVerbatim ? text : undefined);
}

/**
 * Seconds, ms, µs or ns since the epoch as decimal digits, with or without a fraction. The number of digits says which: 9 or 10 are seconds, then
 * three more each, so 1973-03-03 to 2286-11-20. Other lengths are something else: a duration, a counter, a date written as 20261120091502.
 */
function readEpoch(text: string, into: TimeFields): boolean {
  const wholeEnd = digitsEnd(text, 0);
  const subseconds = subsecondDigits(wholeEnd);
  if (subseconds === undefined || text.charCodeAt(0) === 0x30) return false;
  let fraction = text.slice(wholeEnd - subseconds, wholeEnd);
  if (wholeEnd < text.length) {
    const end = digitsEnd(text, wholeEnd + 1);
    if (text.charCodeAt(wholeEnd) !== dot || end !== text.length || end === wholeEnd + 1) return false;
    // What is below a nanosecond is noise of a binary fraction.
    fraction = (fraction + text.slice(wholeEnd + 1)).slice(0, 9);
  }
  return place(Number(text.slice(0, wholeEnd - subseconds)) * 1000, fraction, into) === 'time';
}

/** Of an epoch with that many digits, how many of them are below the second; undefined: an epoch has no such length. */
function subsecondDigits(length: number): number | undefined {
  if (length < 9 || length > 19 || length % 3 === 2) return undefined;
  return Math.floor((length - 9) / 3) * 3;
}

const colon = 0x3a;
const dot = 0x2e;
const comma = 0x2c;

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/** The number of two digits, or -1. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 0x30;
  const ones = text.charCodeAt(at + 1) - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}

function digitsEnd(text: string, from: number): number {
  let at = from;
  while (isDigit(text.charCodeAt(at))) at++;
  return at;
}
