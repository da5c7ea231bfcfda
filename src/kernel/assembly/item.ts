import { writeDatedLogger, writeDatedMembers } from './dated-item';
import { datedMessageAt } from './dated';
import { writeAccessMembers, writeAccessMessage } from './access-item';
import { closeBrace, colon, comma, copy, openBrace, quote, writeDigits } from './bytes';
import { fixedBytesWord, opCountWord, opsWord } from './job';
import {
  hasFields,
  hasRooted,
  isAccess,
  isDated,
  isText,
  isUnderSet,
  keyAt,
  keyTo,
  level,
  lineRootOf,
  memberCount,
  messageAt,
  messageHasEscape,
  messageTo,
  movesToFields,
  nameAt,
  rootAt,
  rootTo,
  stays,
  stream,
  textAt,
  textTo,
  valueAt,
  valueTo,
} from './line';
import { copyString, escapeText, repairedBytes } from './text';
import { writeTime } from './time';

/** The steps of a plan, 12 bytes each: what is written, and a literal's address and length. `src/kernel/plan.ts` has the same numbers. */
const opBytes: usize = 12;
const opLiteral: u32 = 0;
const opStart: u32 = 1;
const opEnd: u32 = 2;
const opTime: u32 = 3;
const opMessage: u32 = 4;
const opLevel: u32 = 5;
const opMembers: u32 = 6;
const opLine: u32 = 7;
const opTimeMs: u32 = 8;
/** Members under a root that the agent sets: the literal is the root's number. */
const opUnder: u32 = 9;
/** The same for a root that is written only when there are such members: the literal is the root's name with what is before it; its number in the last byte. */
const opRoot: u32 = 10;

/** Bytes of the last item's line as text, repaired. */
export let lineTextBytes: u32 = 0;

const startDigits: usize = memory.data(32, 8);
const endDigits: usize = memory.data(32, 8);
let startLength: usize = 0;
let endLength: usize = 0;
let endNumber: f64 = -1;

/** The digits of both offsets; a line mostly begins where the one before it ends. */
function prepareOffsets(start: f64, end: f64): void {
  if (start == endNumber) {
    v128.store(startDigits, v128.load(endDigits));
    v128.store(startDigits, v128.load(endDigits, 16), 16);
    startLength = endLength;
  } else startLength = writeDigits(<u64>start, startDigits) - startDigits;
  endLength = writeDigits(<u64>end, endDigits) - endDigits;
  endNumber = end;
}

/**
 * Writes the line that was read last as an item at `at`; returns the address behind it, or 0 when it would come near `end`, or its message is not for
 * the kernel. `timeMs` is the record's time, `fraction` the digits of it that ms don't say, or 0 and 0.
 */
export function writeItem(
  at: usize,
  end: usize,
  start: f64,
  lineEnd: f64,
  timeMs: f64,
  fraction: usize,
  digits: usize,
): usize {
  // An access line's request is written twice.
  const fixed = <usize>load<u32>(fixedBytesWord) + (isAccess ? 2 : 1) * (textTo - textAt);
  if (at + fixed > end) return 0;
  // What comes behind an escaped text needs at most `fixed`.
  const limit = end - fixed;
  prepareOffsets(start, lineEnd);
  let op = <usize>load<u32>(opsWord);
  const opsEnd = op + <usize>load<u32>(opCountWord) * opBytes;
  for (; op < opsEnd; op += opBytes) {
    const kind = load<u32>(op);
    const literal = <usize>load<u32>(op, 4);
    const length = <usize>load<u32>(op, 8);
    if (kind == opLiteral) at = copy(literal, length, at);
    else if (kind == opStart) at = copy(startDigits, startLength, at);
    else if (kind == opEnd) at = copy(endDigits, endLength, at);
    else if (kind == opTime) at = writeTime(timeMs, fraction, digits, at);
    else if (kind == opMessage) at = writeMessage(literal, length, at, limit);
    else if (kind == opLevel) {
      // The literals of the levels are back to back, of one length each: `length` bytes, of which the last says how many count.
      if (level != 0) {
        const text = literal + <usize>(level - 1) * length;
        at = copy(text, <usize>load<u8>(text + length - 1), at);
      }
      if (isDated) at = writeDatedLogger(at);
    } else if (kind == opMembers) at = writeMembers(at);
    else if (kind == opLine) {
      store<u8>(at, quote);
      at = escapeText(textAt, textTo, at + 1, limit);
      if (at == 0) return 0;
      store<u8>(at, quote);
      at++;
      lineTextBytes = <u32>(<i32>(textTo - textAt) + repairedBytes);
    } else if (kind == opTimeMs) at = writeTimeMs(timeMs, at);
    else if (kind == opUnder) {
      if (memberCount != 0 && hasRooted) at = writeUnder(<u32>length, comma, at);
    } else if (kind == opRoot) {
      if (memberCount != 0 && hasRooted) at = writeRoot(literal, length, at);
    }
    if (at == 0) return 0;
  }
  return at;
}

function writeMessage(name: usize, length: usize, at: usize, limit: usize): usize {
  if (!isText && !isAccess && !isDated && messageAt == 0) return at;
  at = copy(name, length, at);
  store<u8>(at, quote);
  at++;
  if (isAccess) at = writeAccessMessage(at);
  else if (isDated) at = escapeText(datedMessageAt, textTo, at, limit);
  else if (isText) at = escapeText(textAt, textTo, at, limit);
  else if (messageHasEscape) at = copyString(messageAt, messageTo, at, true);
  else at = copy(messageAt, messageTo - messageAt, at);
  if (at == 0) return 0;
  store<u8>(at, quote);
  return at + 1;
}

/** `,"stream":"stdout"` and `,"stream":"stderr"`, padded to 24 bytes each. */
const streams: usize = memory.data<u8>([
  0x2c, 0x22, 0x73, 0x74, 0x72, 0x65, 0x61, 0x6d, 0x22, 0x3a, 0x22, 0x73, 0x74, 0x64, 0x6f, 0x75, 0x74, 0x22, 0, 0, 0,
  0, 0, 0, 0x2c, 0x22, 0x73, 0x74, 0x72, 0x65, 0x61, 0x6d, 0x22, 0x3a, 0x22, 0x73, 0x74, 0x64, 0x65, 0x72, 0x72, 0x22,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);
const streamBytes: usize = 24;
const streamLength: usize = 18;

/** Writes the members under a root that the agent sets, each behind a comma; the first one behind `before`. */
function writeUnder(root: u32, before: u32, at: usize): usize {
  for (let member: u32 = 0; member < memberCount; member++) {
    if (!isUnderSet(member, root)) continue;
    at = writeNamed(nameAt(member), member, before, at);
    before = comma;
  }
  return at;
}

function writeRoot(name: usize, length: usize, at: usize): usize {
  const root: u32 = load<u8>(name + length - 1);
  const start = copy(name, length - 1, at);
  const end = writeUnder(root, openBrace, start);
  if (end == start) return at;
  store<u8>(end, closeBrace);
  return end + 1;
}

/** Writes the members of a root that only the line has, from its first one on: `,"root":{"name":value,…}`. */
function writeLineRoot(first: u32, root: u32, at: usize): usize {
  at = writeRun(rootAt(first) - 1, rootTo(first), at);
  store<u8>(at, quote);
  store<u8>(at + 1, colon);
  at += 2;
  let before = openBrace;
  for (let member = first; member < memberCount; member++) {
    if (lineRootOf(member) != root) continue;
    at = writeNamed(nameAt(member), member, before, at);
    before = comma;
  }
  store<u8>(at, closeBrace);
  return at + 1;
}

/** `,"name":value`, with another sign before it than a comma perhaps. */
function writeNamed(name: usize, member: u32, before: u32, at: usize): usize {
  store<u8>(at, before);
  store<u8>(at + 1, quote);
  at = copy(name, keyTo(member) - name, at + 2);
  store<u8>(at, quote);
  store<u8>(at + 1, colon);
  return copy(valueAt(member), valueTo(member) - valueAt(member), at + 2);
}

const fieldsStart: usize = memory.data<u8>([
  0x2c, 0x22, 0x66, 0x69, 0x65, 0x6c, 0x64, 0x73, 0x22, 0x3a, 0, 0, 0, 0, 0, 0,
]);
const fieldsLength: usize = 10;

function writeFields(at: usize): usize {
  at = copy(fieldsStart, fieldsLength, at);
  let before = openBrace;
  for (let member: u32 = 0; member < memberCount; member++) {
    if (!movesToFields(member)) continue;
    at = writeNamed(keyAt(member), member, before, at);
    before = comma;
  }
  store<u8>(at, closeBrace);
  return at + 1;
}

/** The members that were not moved, as they came; those that follow each other without blanks are one copy. */
function writeMembers(at: usize): usize {
  if (isAccess) at = writeAccessMembers(at);
  else if (isDated) at = writeDatedMembers(at);
  let run: usize = 0;
  let runEnd: usize = 0;
  let written: u64 = 0;
  for (let member: u32 = 0; member < memberCount; member++) {
    if (!stays(member)) {
      const root = lineRootOf(member);
      if (root == 0 || (written & (1 << (<u64>root))) != 0) continue;
      written |= 1 << (<u64>root);
      if (run != 0) at = writeRun(run, runEnd, at);
      run = 0;
      at = writeLineRoot(member, root, at);
      continue;
    }
    const key = keyAt(member) - 1;
    const keyEnd = keyTo(member) + 1;
    const value = valueAt(member);
    const valueEnd = valueTo(member);
    const isTight = load<u8>(keyEnd) == colon && value == keyEnd + 1;
    if (isTight && run != 0 && key == runEnd + 1) {
      runEnd = valueEnd;
      continue;
    }
    if (run != 0) at = writeRun(run, runEnd, at);
    run = 0;
    if (isTight) {
      run = key;
      runEnd = valueEnd;
      continue;
    }
    at = writeRun(key, keyEnd, at);
    store<u8>(at, colon);
    at = copy(value, valueEnd - value, at + 1);
  }
  if (run != 0) at = writeRun(run, runEnd, at);
  if (stream != 0) at = copy(streams + <usize>(stream - 1) * streamBytes, streamLength, at);
  if (memberCount != 0 && hasFields) at = writeFields(at);
  return at;
}

function writeRun(from: usize, to: usize, at: usize): usize {
  store<u8>(at, comma);
  return copy(from, to - from, at + 1);
}

/** ms since the epoch in 13 places, with blanks before them. */
function writeTimeMs(timeMs: f64, at: usize): usize {
  const known: u64 = timeMs >= 0 && timeMs < 1e13 ? <u64>timeMs : 0;
  store<u64>(at, 0x2020202020202020);
  store<u64>(at + 8, 0x2020202020202020);
  let length: usize = 1;
  for (let rest = known; rest >= 10; rest /= 10) length++;
  writeDigits(known, at + 13 - length);
  return at + 13;
}
