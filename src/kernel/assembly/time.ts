import { comma, dot, space, writePair } from './bytes';
import { passDigits } from './json';

/** What `readTime` found: ms since the epoch, and the digits of its fraction as far as ms do not say it all. */
export let timeMs: f64 = 0;
export let fractionAt: usize = 0;
export let fractionLength: usize = 0;

const dayMs: i64 = 86_400_000;
/** 9999-12-31T23:59:59.999Z: no time of a line is later, but the file's own may be. */
const lastMs: f64 = 253402300799999.0;

/** Two digits as a number, or one of 256 and above when they are none. */
function pairAt(at: usize): u32 {
  const tens: u32 = <u32>load<u8>(at) - 0x30;
  const ones: u32 = <u32>load<u8>(at + 1) - 0x30;
  return tens < 10 && ones < 10 ? tens * 10 + ones : 0x100;
}

/** Days from 1970-01-01 to a date of the Gregorian calendar. Source: Howard Hinnant, "chrono-compatible low-level date algorithms". */
function daysFrom(year: i32, month: i32, day: i32): i32 {
  const y = month <= 2 ? year - 1 : year;
  const era = y / 400;
  const yearOfEra = y - era * 400;
  const dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146097 + (yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear) - 719468;
}

function daysIn(year: u32, month: u32): u32 {
  if (month == 2) return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/** The digits at `fractionAt` as ms, of a second. Digits beyond the third that are all zero are forgotten. */
function settleFraction(at: usize, length: usize): i64 {
  let ms: u32 = 0;
  for (let i: usize = 0; i < 3; i++) ms = ms * 10 + (i < length ? <u32>load<u8>(at + i) - 0x30 : 0);
  fractionAt = at;
  fractionLength = 0;
  for (let i: usize = 3; i < length; i++) if (load<u8>(at + i) != 0x30) fractionLength = length;
  return <i64>ms;
}

/**
 * Reads a time: RFC 3339 with `T` or a blank, UTC or with an offset (without one only when `zoneless`), or an epoch of 9 to 19 digits. False
 * when it is another, or none: the object path knows more of them. `[at, at + length)` has no escapes. As `src/formats/times/timestamps.ts`.
 */
export function readTime(at: usize, length: usize, zoneless: bool): bool {
  if (length < 9 || length > 35) return false;
  if (length >= 19 && load<u8>(at + 4) == 0x2d) return readDate(at, at + length, zoneless);
  return readEpoch(at, at + length);
}

function readDate(at: usize, to: usize, zoneless: bool): bool {
  const century = pairAt(at);
  const yearOfCentury = pairAt(at + 2);
  const month = pairAt(at + 5);
  const day = pairAt(at + 8);
  const hour = pairAt(at + 11);
  const minute = pairAt(at + 14);
  const second = pairAt(at + 17);
  if ((century | yearOfCentury | month | day | hour | minute | second) >= 0x100) return false;
  const separator: u32 = load<u8>(at + 10);
  if (load<u8>(at + 7) != 0x2d || load<u8>(at + 13) != 0x3a || load<u8>(at + 16) != 0x3a) return false;
  if (separator != 0x54 && separator != space) return false;
  let end = at + 19;
  let digits: usize = 0;
  if (end < to && (load<u8>(end) == dot || load<u8>(end) == comma)) {
    const digitsEnd = passDigits(end + 1);
    digits = digitsEnd - end - 1;
    if (digits == 0 || digits > 9) return false;
    end = digitsEnd;
  }
  let offsetMinutes: i32 = 0;
  if (end >= to) {
    if (!zoneless || end > to) return false;
  } else if (load<u8>(end) != 0x5a) {
    const sign: u32 = load<u8>(end);
    const hours = pairAt(end + 1);
    const minutesAt = load<u8>(end + 3) == 0x3a ? end + 4 : end + 3;
    const minutes = pairAt(minutesAt);
    if ((sign != 0x2b && sign != 0x2d) || hours > 23 || minutes > 59 || minutesAt + 2 != to) return false;
    offsetMinutes = <i32>(hours * 60 + minutes);
    if (sign == 0x2d) offsetMinutes = -offsetMinutes;
  } else if (end + 1 != to) return false;
  const date = dayOf(century * 100 + yearOfCentury, month, day);
  return settle(date, hour, minute, second, offsetMinutes, at + 20, digits);
}

/** The day since 1970, or -1 when there is none such. */
function dayOf(year: u32, month: u32, day: u32): i64 {
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return -1;
  return <i64>daysFrom(<i32>year, <i32>month, <i32>day);
}

/** False when there is no such day or time of day, or it is outside of 1970 to 9999. */
function settle(day: i64, hour: u32, minute: u32, second: u32, offset: i32, fraction: usize, digits: usize): bool {
  // A leap second is rare enough for the object path.
  if (day < 0 || hour > 23 || minute > 59 || second > 59) return false;
  const seconds = (day * 1440 + <i64>(hour * 60 + minute) - <i64>offset) * 60 + <i64>second;
  if (seconds < 0) return false;
  timeMs = <f64>(seconds * 1000 + settleFraction(fraction, digits));
  return timeMs <= lastMs;
}

/** Three letters as a number: `Jan` is 0x6e614a. */
function monthOf(letters: u32): u32 {
  if (letters == 0x6e614a) return 1;
  if (letters == 0x626546) return 2;
  if (letters == 0x72614d) return 3;
  if (letters == 0x727041) return 4;
  if (letters == 0x79614d) return 5;
  if (letters == 0x6e754a) return 6;
  if (letters == 0x6c754a) return 7;
  if (letters == 0x677541) return 8;
  if (letters == 0x706553) return 9;
  if (letters == 0x74634f) return 10;
  if (letters == 0x766f4e) return 11;
  return letters == 0x636544 ? 12 : 0;
}

/** The day that was read last, its 12 bytes, and what it is; lines mostly share it. */
let serverDate: u64 = 0;
let serverYear: u32 = 0;
let serverDay: i64 = -1;

/** Reads the 26 bytes of a web server's time, `20/Nov/2026:09:15:02 +0000`. False when it is another, or none. */
export function readServerTime(at: usize): bool {
  if (load<u8>(at + 14) != 0x3a || load<u8>(at + 17) != 0x3a || load<u8>(at + 20) != space) return false;
  const hour = pairAt(at + 12);
  const minute = pairAt(at + 15);
  const second = pairAt(at + 18);
  const sign: u32 = load<u8>(at + 21);
  const hours = pairAt(at + 22);
  const minutes = pairAt(at + 24);
  if ((hour | minute | second | hours | minutes) >= 0x100 || hours > 23 || minutes > 59) return false;
  if (sign != 0x2b && sign != 0x2d) return false;
  if (load<u64>(at) != serverDate || load<u32>(at + 8) != serverYear) {
    const day = pairAt(at);
    const century = pairAt(at + 7);
    const yearOfCentury = pairAt(at + 9);
    if (load<u8>(at + 2) != 0x2f || load<u8>(at + 6) != 0x2f || load<u8>(at + 11) != 0x3a) return false;
    if ((day | century | yearOfCentury) >= 0x100) return false;
    serverDate = load<u64>(at);
    serverYear = load<u32>(at + 8);
    serverDay = dayOf(century * 100 + yearOfCentury, monthOf(load<u32>(at + 3) & 0xffffff), day);
  }
  const offset = <i32>(hours * 60 + minutes);
  return settle(serverDay, hour, minute, second, sign == 0x2d ? -offset : offset, at, 0);
}

const epochFraction: usize = memory.data(32, 8);

/** Seconds, ms, µs or ns, told apart by the number of digits, perhaps with a fraction. */
function readEpoch(at: usize, to: usize): bool {
  const wholeEnd = passDigits(at);
  const whole = <u32>(wholeEnd - at);
  if (wholeEnd > to || load<u8>(at) == 0x30 || whole < 9 || whole > 19 || whole % 3 == 2) return false;
  const subseconds = ((whole - 9) / 3) * 3;
  const secondsEnd = wholeEnd - subseconds;
  let seconds: i64 = 0;
  for (let i = at; i < secondsEnd; i++) seconds = seconds * 10 + <i64>(<u32>load<u8>(i) - 0x30);
  let digits: usize = 0;
  for (let i = secondsEnd; i < wholeEnd; i++) store<u8>(epochFraction + digits++, load<u8>(i));
  if (wholeEnd < to) {
    const end = passDigits(wholeEnd + 1);
    if (load<u8>(wholeEnd) != dot || end != to || end == wholeEnd + 1) return false;
    // What is below a nanosecond is noise of a binary fraction.
    for (let i = wholeEnd + 1; i < end && digits < 9; i++) store<u8>(epochFraction + digits++, load<u8>(i));
  }
  if (digits > 9) digits = 9;
  timeMs = <f64>(seconds * 1000 + settleFraction(epochFraction, digits));
  return timeMs <= lastMs;
}

const dateText: usize = memory.data(24, 8);
let dateDay: i64 = -1;

/** Writes a time, moved into 1970 to 9999, as RFC 3339 in UTC: with the digits of a fraction, or with ms where there are none. Takes up to 35 bytes; returns the address behind. */
export function writeTime(ms: f64, fraction: usize, digits: usize, at: usize): usize {
  const whole = <i64>min(max(ms, 0), lastMs);
  const day = whole / dayMs;
  if (day != dateDay) writeDate(day);
  const msOfDay = <u32>(whole - day * dayMs);
  const second = msOfDay / 1000;
  v128.store(at, v128.load(dateText));
  writePair(second / 3600, at + 11);
  store<u8>(at + 13, 0x3a);
  writePair((second / 60) % 60, at + 14);
  store<u8>(at + 16, 0x3a);
  writePair(second % 60, at + 17);
  store<u8>(at + 19, dot);
  at += 20;
  if (digits == 0) {
    const rest = msOfDay - second * 1000;
    writePair(rest / 10, at);
    store<u8>(at + 2, 0x30 + (rest % 10));
    at += 3;
  } else {
    for (let i: usize = 0; i < digits; i++) store<u8>(at + i, load<u8>(fraction + i));
    at += digits;
  }
  store<u8>(at, 0x5a);
  return at + 1;
}

/** The date of a day since 1970 as `2026-11-20T`; lines mostly share it. Source: as `daysFrom`. */
function writeDate(day: i64): void {
  dateDay = day;
  const z = <i32>day + 719468;
  const era = z / 146097;
  const dayOfEra = z - era * 146097;
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const shifted = (5 * dayOfYear + 2) / 153;
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  writePair(<u32>year / 100, dateText);
  writePair(<u32>year % 100, dateText + 2);
  store<u8>(dateText + 4, 0x2d);
  writePair(<u32>month, dateText + 5);
  store<u8>(dateText + 7, 0x2d);
  writePair(<u32>(dayOfYear - (153 * shifted + 2) / 5 + 1), dateText + 8);
  store<u8>(dateText + 10, 0x54);
}
