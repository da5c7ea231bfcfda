import { colon, dot, isDigit, space } from './bytes';
import { passDigits } from './json';
import { levelAt, startsLevel } from './names';
import { readTime } from './time';

/**
 * Text with a time and a level at its beginning, those lines of it that are surely one of these, where the message begins as prose does:
 *
 *     time [" [" thread "]"] " " level " " [ "[" thread "] " ] [ logger (" - " | " : " | ": ") ] message      log4j, logback
 *     time " " level " " pid " --- [" thread "] " logger " : " message                                        Spring Boot
 *     time " - " logger " - " level " - " message                                                             Python
 *
 * Levels are in capitals. All that `src/formats/text.ts` could understand in another way is for it.
 */
export let datedLevel: u32 = 0;
/** Pieces of the header: address and end; equal when there is none. */
export let datedPidAt: usize = 0;
export let datedPidTo: usize = 0;
export let datedThreadAt: usize = 0;
export let datedThreadTo: usize = 0;
export let datedLoggerAt: usize = 0;
export let datedLoggerTo: usize = 0;
export let datedMessageAt: usize = 0;

const longestHeader: usize = 180;
const longestThread: usize = 32;
const longestPid: usize = 9;
const dash: u32 = 0x2d;
const openBracket: u32 = 0x5b;
const closeBracket: u32 = 0x5d;
/** ` - `, ` --- [` and their bits. */
const between: u32 = 0x202d20;
const betweenBits: u32 = 0xffffff;
const springs: u64 = 0x5b202d2d2d20;
const springsBits: u64 = 0xffffffffffff;

/** Reads the line [at, to), behind which lies a line end. False: it is for the object path. */
export function readDated(at: usize, to: usize, zoneless: bool): bool {
  datedPidAt = datedPidTo;
  datedThreadAt = datedThreadTo;
  datedLoggerAt = datedLoggerTo;
  const timeEnd = passTime(at, to);
  if (timeEnd == 0) return false;
  let next = passSpaces(timeEnd);
  if (load<u8>(next) == dash) {
    if (load<u8>(at + 10) != space || next != timeEnd + 1 || !readPython(timeEnd)) return false;
  } else {
    if (load<u8>(next) == openBracket) {
      next = passThread(next);
      if (next == 0) return false;
    }
    const levelEnd = passLevel(next);
    if (levelEnd == 0 || load<u8>(levelEnd) != space || !readTail(passSpaces(levelEnd), to)) return false;
  }
  if (datedMessageAt >= to || datedMessageAt - at > longestHeader) return false;
  return readTime(at, timeEnd - at, zoneless);
}

/** Passes what has the form of a time with a blank behind it. */
function passTime(at: usize, to: usize): usize {
  if (to - at < 28 || load<u8>(at + 4) != dash || load<u8>(at + 13) != colon) return 0;
  let end = at + 19;
  const mark: u32 = load<u8>(end);
  if (mark == dot || mark == 0x2c) end = passDigits(end + 1);
  const zone: u32 = load<u8>(end);
  if (zone == 0x5a) end++;
  else if (zone == 0x2b || zone == dash) end += load<u8>(end + 3) == colon ? 6 : 5;
  return end < to && load<u8>(end) == space ? end : 0;
}

function passSpaces(at: usize): usize {
  while (load<u8>(at) == space) at++;
  return at;
}

function isLetter(byte: u32): bool {
  return (byte | 0x20) - 0x61 < 26;
}

function isWordByte(byte: u32): bool {
  return isLetter(byte) || isDigit(byte) || byte == 0x5f;
}

/** Passes a level in capitals and sets it; 0: there is none. */
function passLevel(from: usize): usize {
  let at = from;
  while (<u32>load<u8>(at) - 0x41 < 26) at++;
  if (at - from < 3) return 0;
  datedLevel = levelAt(from, at - from);
  return datedLevel == 0 ? 0 : at;
}

/** Passes `[main] ` or `[pool-1-thread-2] ` and the blanks behind it: a name that a thread's is for sure; 0: it is another. */
function passThread(at: usize): usize {
  if (datedThreadAt != datedThreadTo) return 0;
  const from = at + 1;
  let end = from;
  while (isWordByte(load<u8>(end)) || load<u8>(end) == dash) end++;
  if (load<u8>(end) != closeBracket || load<u8>(end + 1) != space || end - from > longestThread) return 0;
  if (end - from != 4 || load<u32>(from) != 0x6e69616d) {
    let digits = end;
    while (digits > from && isDigit(load<u8>(digits - 1))) digits--;
    if (digits == end || digits < from + 2 || load<u8>(digits - 1) != dash || !isLetter(load<u8>(from))) return 0;
    // `pid-17` is a process.
    if (((<u32>load<u8>(from)) | 0x20) == 0x70 && ((<u32>load<u8>(from + 1)) | 0x20) == 0x69) return 0;
  }
  datedThreadAt = from;
  datedThreadTo = end;
  return passSpaces(end + 1);
}

/** Passes a logger's name; 0: it is none. */
function passName(from: usize): usize {
  let at = from;
  if (!isLetter(load<u8>(at)) && load<u8>(at) != 0x5f) return 0;
  while (isWordByte(load<u8>(at)) || load<u8>(at) == dot || load<u8>(at) == 0x24) at++;
  return isWordByte(load<u8>(at - 1)) && at - from < 100 ? at : 0;
}

/** A name with a dot that does not end as one of an error does. */
function isCodeName(at: usize, to: usize): bool {
  let hasDot = false;
  for (let byte = at; byte < to; byte++) hasDot = hasDot || load<u8>(byte) == dot;
  if (!hasDot || to - at < 6) return false;
  const last: u32 = load<u32>(to - 4);
  // Error, Exception, Failure, Warning
  if (last == 0x6e6f6974) return load<u8>(to - 5) != 0x70;
  return last != 0x726f7272 && last != 0x6572756c && last != 0x676e696e;
}

/** ` - name - LEVEL - message` */
function readPython(at: usize): bool {
  if ((load<u32>(at) & betweenBits) != between) return false;
  const name = at + 3;
  const nameEnd = passName(name);
  if (nameEnd == 0 || (load<u32>(nameEnd) & betweenBits) != between) return false;
  // A short word could be a level.
  const isSure = nameEnd - name >= 5 || load<u32>(name) == 0x746f6f72 || load<u32>(name) == 0x6e69616d;
  if (nameEnd - name < 4 || !isSure || (isLetter(load<u8>(name)) && startsLevel(name, nameEnd - name))) return false;
  datedLoggerAt = name;
  datedLoggerTo = nameEnd;
  const levelEnd = passLevel(nameEnd + 3);
  if (levelEnd == 0 || (load<u32>(levelEnd) & betweenBits) != between) return false;
  datedMessageAt = passSpaces(levelEnd + 3);
  return isWordByte(load<u8>(datedMessageAt)) && isProse(datedMessageAt);
}

/** What is behind the level: thread or process, logger, message. */
function readTail(at: usize, to: usize): bool {
  const digits = passDigits(at);
  if (digits > at && (load<u64>(digits) & springsBits) == springs) {
    at = passSpring(at, digits);
    if (at == 0) return false;
  } else if (load<u8>(at) == openBracket) {
    at = passThread(at);
    if (at == 0) return false;
  }
  if (at >= to) return false;
  const nameEnd = passName(at);
  if (nameEnd != 0) {
    const mark = passSpaces(nameEnd);
    const byte: u32 = load<u8>(mark);
    const hasBlank = load<u8>(mark + 1) == space && load<u8>(mark + 2) != 0x1b;
    const isNamed =
      byte == colon
        ? mark > nameEnd || isCodeName(at, nameEnd)
        : byte == dash && mark > nameEnd && (datedThreadAt != datedThreadTo || isCodeName(at, nameEnd));
    if (hasBlank && isNamed) {
      datedLoggerAt = at;
      datedLoggerTo = nameEnd;
      datedMessageAt = mark + 2;
      return true;
    }
  }
  datedMessageAt = at;
  return isWordByte(load<u8>(at)) && isProse(at);
}

/** Passes `1 --- [thread] ` and sets both; 0: there is more in it. */
function passSpring(at: usize, digits: usize): usize {
  if (load<u8>(at) == 0x30 || digits - at > longestPid || datedThreadAt != datedThreadTo) return 0;
  const from = passSpaces(digits + 6);
  let end = from;
  while (isWordByte(load<u8>(end)) || load<u8>(end) == dash || load<u8>(end) == dot) end++;
  const close = passSpaces(end);
  if (end == from || end - from > longestThread || load<u8>(close) != closeBracket) return 0;
  if (load<u8>(close + 1) != space) return 0;
  const next = passSpaces(close + 1);
  if (passName(next) == 0) return 0;
  datedPidAt = at;
  datedPidTo = digits;
  datedThreadAt = from;
  datedThreadTo = end;
  return next;
}

/** True when the word at `at` can't be a logger, a place in the source, or another part of a header: the message begins with it. */
function isProse(at: usize): bool {
  let end = at;
  while (true) {
    const byte: u32 = load<u8>(end);
    if (!isWordByte(byte) && byte != 0x27 && byte != 0x2f && byte != dash && byte < 0x80) break;
    end++;
  }
  const byte: u32 = load<u8>(end);
  // The end of the line, too.
  if (byte == 0x0a || byte == 0x0d) return end > at && end - at < 100;
  if (byte != space || end - at > 100) return false;
  const next: u32 = load<u8>(passSpaces(end));
  return next != colon && next != 0x7c && next != dash && next != openBracket && next != 0x1b && next != 9;
}
