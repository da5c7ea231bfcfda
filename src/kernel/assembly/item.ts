import { colon, comma, copy, quote, writeDigits } from './bytes';
import { fixedBytesWord, opCountWord, opsWord } from './job';
import {
  isMoved,
  isText,
  keyAt,
  keyTo,
  level,
  memberCount,
  messageAt,
  messageHasEscape,
  messageTo,
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
  const fixed = <usize>load<u32>(fixedBytesWord) + (textTo - textAt);
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
    } else if (kind == opMembers) at = writeMembers(at);
    else if (kind == opLine) {
      store<u8>(at, quote);
      at = escapeText(textAt, textTo, at + 1, limit);
      if (at == 0) return 0;
      store<u8>(at, quote);
      at++;
      lineTextBytes = <u32>(<i32>(textTo - textAt) + repairedBytes);
    } else if (kind == opTimeMs) at = writeTimeMs(timeMs, at);
    if (at == 0) return 0;
  }
  return at;
}

function writeMessage(name: usize, length: usize, at: usize, limit: usize): usize {
  if (!isText && messageAt == 0) return at;
  at = copy(name, length, at);
  store<u8>(at, quote);
  at++;
  if (isText) at = escapeText(textAt, textTo, at, limit);
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

/** The members that were not moved, as they came; those that follow each other without blanks are one copy. */
function writeMembers(at: usize): usize {
  let run: usize = 0;
  let runEnd: usize = 0;
  for (let member: u32 = 0; member < memberCount; member++) {
    if (isMoved(member)) continue;
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
