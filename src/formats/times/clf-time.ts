import type { LogRecord } from '../../types/record.js';
import { settle, type TimeFields, type TimeReading } from './civil-time.js';
import { readTime } from './timestamps.js';
import type { Zone } from './zone.js';

/**
 * Place of the `[` of a server's time in brackets, `[20/Nov/2026:…` or `[2026-11-…`, that begins the line or comes after a blank within the
 * first `limit` bytes; -1 when there is none. Looks at bytes only: this is asked of lines of all kinds.
 */
export function timeBracket({ text, from, to }: LogRecord, limit: number): number {
  const end = Math.min(to, from + limit) - 11;
  for (let at = from; at < end; at++) {
    if (text[at] !== 0x5b || (at > from && text[at - 1] !== 0x20)) continue;
    if (!isDigit(text[at + 1]) || !isDigit(text[at + 2])) continue;
    if (text[at + 3] === slash && text[at + 7] === slash) return at;
    if (text[at + 5] === dash && text[at + 8] === dash && isDigit(text[at + 3])) return at;
  }
  return -1;
}

/** The same of a text. */
export function bracketOf(text: string, limit: number): number {
  for (let at = text.indexOf('['); at !== -1 && at < limit; at = text.indexOf('[', at + 1)) {
    if ((at === 0 || text.charCodeAt(at - 1) === blank) && isServerTimeAt(text, at)) return at;
  }
  return -1;
}

/** True when a time in brackets begins here, as far as its date's form shows. */
export function isServerTimeAt(text: string, at: number): boolean {
  if (text.charCodeAt(at) !== 0x5b || pair(text, at + 1) < 0) return false;
  if (text.charCodeAt(at + 3) === slash) return text.charCodeAt(at + 7) === slash;
  return text.charCodeAt(at + 5) === dash && text.charCodeAt(at + 8) === dash && pair(text, at + 3) >= 0;
}

/**
 * Reads the time `line[from, to)` of the common log format: `20/Nov/2026:09:15:02 +0000`, with or without a fraction and the zone; Python's
 * servers write a blank after the year. ISO times are read too.
 */
export function readServerTime(line: string, from: number, to: number, zone: Zone, into: TimeFields): TimeReading {
  const month = line.charCodeAt(from + 2) === slash ? monthAt(line, from + 3) : 0;
  const separator = line.charCodeAt(from + 11);
  if (month === 0 || (separator !== colon && separator !== blank)) return readTime(line.slice(from, to), zone, into);
  if (to < from + 20 || line.charCodeAt(from + 6) !== slash) return 'none';
  if (line.charCodeAt(from + 14) !== colon || line.charCodeAt(from + 17) !== colon) return 'none';
  const day = pair(line, from);
  const century = pair(line, from + 7);
  const yearOfCentury = pair(line, from + 9);
  const hour = pair(line, from + 12);
  const minute = pair(line, from + 15);
  const second = pair(line, from + 18);
  if ((day | century | yearOfCentury | hour | minute | second) < 0) return 'none';
  let at = from + 20;
  const mark = line.charCodeAt(at);
  const fractionStart = mark === 0x2e || mark === 0x2c ? at + 1 : at;
  if (fractionStart > at) for (at = fractionStart; at < to && isDigit(line.charCodeAt(at)); at++);
  if (at - fractionStart > 9) return 'none';
  const offset = at === to ? undefined : offsetAt(line, at, to);
  if (offset === 'none') return 'none';
  const fraction = line.slice(fractionStart, at);
  return settle(
    { year: century * 100 + yearOfCentury, month, day, hour, minute, second, fraction, offset },
    zone,
    into,
  );
}

/** The month whose first three letters, in any case, are at `at`: 1 is January, 0 is none. */
export function monthAt(line: string, at: number): number {
  const a = line.charCodeAt(at) | 0x20;
  const b = line.charCodeAt(at + 1) | 0x20;
  const c = line.charCodeAt(at + 2) | 0x20;
  if ((a | b | c) > 0x7f) return 0;
  return months.get((a << 16) | (b << 8) | c) ?? 0;
}

const names = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const months: ReadonlyMap<number, number> = new Map(
  names.map((name, index) => [(name.charCodeAt(0) << 16) | (name.charCodeAt(1) << 8) | name.charCodeAt(2), index + 1]),
);

/** ` +0000` or `+00:00` from `at` to the end: minutes east, NaN when out of range. */
function offsetAt(line: string, from: number, to: number): number | 'none' {
  const at = line.charCodeAt(from) === blank ? from + 1 : from;
  const sign = line.charCodeAt(at);
  const hours = pair(line, at + 1);
  const minutesAt = line.charCodeAt(at + 3) === colon ? at + 4 : at + 3;
  const minutes = pair(line, minutesAt);
  if ((sign !== 0x2b && sign !== dash) || (hours | minutes) < 0 || minutesAt + 2 !== to) return 'none';
  if (hours > 23 || minutes > 59) return Number.NaN;
  return (sign === dash ? -1 : 1) * (hours * 60 + minutes);
}

/** The number of two digits, below zero when they are none. */
export function pair(line: string, at: number): number {
  const tens = line.charCodeAt(at) - 0x30;
  const ones = line.charCodeAt(at + 1) - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}

const isDigit = (code: number | undefined): boolean => code !== undefined && code >= 0x30 && code <= 0x39;
const blank = 0x20;
const dash = 0x2d;
const slash = 0x2f;
const colon = 0x3a;
