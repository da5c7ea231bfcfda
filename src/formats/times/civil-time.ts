import type { Zone } from './zone.js';

/** Where a time that was read goes; a LogRecord has these. Left as it is unless the reading is 'time'. */
export interface TimeFields {
  /** ms since the epoch. */
  timeMs: number;
  /** RFC 3339 in UTC with 4 to 9 fraction digits, or '' when ms say it all. */
  timeText: string;
}

/** 'impossible': it has the form of a time, but no calendar or clock shows it, or it is outside 1970..9999. 'none': it is no time. */
export type TimeReading = 'time' | 'impossible' | 'none';

/** A date and a time of day as they were written. Numbers may be out of range: `settle` judges them. */
export interface CivilTime {
  readonly year: number;
  /** 1 is January. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** The digits of the fraction of a second, at most nine. */
  readonly fraction: string;
  /** Minutes east of Greenwich; undefined: none was written, the zone decides. NaN: written, but impossible. */
  readonly offset: number | undefined;
}

/** A time as a scanner writes it down. */
export type CivilDraft = { -readonly [Key in keyof CivilTime]: CivilTime[Key] };

export const newDraft = (): CivilDraft => ({
  year: 0,
  month: 0,
  day: 0,
  hour: 0,
  minute: 0,
  second: 0,
  fraction: '',
  offset: undefined,
});

const maxMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const minuteMs = 60_000;
const lastMinuteOfDay = 1439;

/** Turns a written time into an instant. `verbatim`: its text, when that is already RFC 3339 in UTC. */
export function settle(time: CivilTime, zone: Zone, into: TimeFields, verbatim?: string): TimeReading {
  const { year, month, day, hour, minute, second, offset } = time;
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return 'impossible';
  if (hour > 23 || minute > 59 || second > 60 || Number.isNaN(offset)) return 'impossible';
  const local = Date.UTC(year, month - 1, day, hour, minute, 0);
  const utcMinute = offset === undefined ? zone.toUtc(local) : local - offset * minuteMs;
  // A leap second is the last of a UTC day (RFC 3339, 5.7); POSIX time has no number for it, so it is the one after.
  const isLeap = second === 60;
  if (isLeap && Math.floor(utcMinute / minuteMs) % 1440 !== lastMinuteOfDay) return 'impossible';
  return place(utcMinute + second * 1000, time.fraction, into, isLeap ? undefined : verbatim);
}

/** Stores the instant `secondMs` (whole seconds, in ms) plus a fraction of up to nine digits. */
export function place(secondMs: number, fraction: string, into: TimeFields, verbatim?: string): TimeReading {
  const timeMs = secondMs + Number(fraction.slice(0, 3).padEnd(3, '0'));
  if (!(timeMs >= 0 && timeMs <= maxMs)) return 'impossible';
  into.timeMs = timeMs;
  if (fraction.length <= 3 || isZeros(fraction, 3)) into.timeText = '';
  else into.timeText = verbatim ?? `${new Date(secondMs).toISOString().slice(0, 19)}.${fraction}Z`;
  return 'time';
}

function isZeros(digits: string, from: number): boolean {
  for (let at = from; at < digits.length; at++) if (digits.charCodeAt(at) !== 0x30) return false;
  return true;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
