import { dot } from './bytes';

/**
 * Names that mean something: the keys of members that become time, level or message, the roots that are the agent's and what it sets under them,
 * and the words for levels. A table of 1024 places each; a place is 16 bytes: hash, address, length and meaning.
 */
const placeBytes: usize = 16;
const places: u32 = 1024;
const keys: usize = memory.data(16384, 8);
const words: usize = memory.data(16384, 8);
const levelStarts: usize = memory.data(16384, 8);

/** Meanings of a key, one bit each; `src/kernel/kernel.ts` has the same. */
export const meansTime: u32 = 1;
export const meansLevel: u32 = 2;
export const meansMessage: u32 = 4;
/** The member that a wrapper adds. */
export const meansStream: u32 = 8;
/** A root of the agent; the plan has a step for members under it when it is set. */
export const meansRoot: u32 = 16;
export const meansSetRoot: u32 = 32;
/** What stands at this root, or under it, is for the object path. */
export const meansAskAt: u32 = 64;
export const meansAskUnder: u32 = 128;
/** The agent says something there already. */
export const meansTaken: u32 = 256;
/** A line with a member of this name, or with one under a root, is for the object path. */
export const meansAsk: u32 = 512;
/** It may be the id of a trace or a span. */
export const meansTrace: u32 = 1024;
export const meansSpan: u32 = 2048;
/** Of keys for one thing the lowest rank counts. */
export const rankShift: u32 = 12;
/** Number of a root, which is less than 1024. */
const rootShift: u32 = 16;
export function rootNumber(meaning: u32): u32 {
  return (meaning >> rootShift) & 0x3ff;
}
/** With a member of this name no other one becomes `trace.id`, or `span.id`. */
export const meansHasTrace: u32 = 1 << 28;
export const meansHasSpan: u32 = 1 << 29;
export const meansIds: u32 = meansTrace | meansSpan | meansHasTrace | meansHasSpan;

/** A hash of [at, at + length). Of up to 16 bytes it depends on all, of more on the first and last 8 and the length. */
export function hashOf(at: usize, length: usize): u32 {
  let first: u64;
  let last: u64 = 0;
  if (length >= 8) {
    first = load<u64>(at);
    last = load<u64>(at + length - 8);
  } else first = length == 0 ? 0 : load<u64>(at) & (~(<u64>0) >> ((8 - length) << 3));
  const mixed = (first ^ rotl<u64>(last, 29) ^ (<u64>length)) * 0x9e3779b97f4a7c15;
  return <u32>(mixed >> 32);
}

/** True when the two texts of one length are equal. */
export function isSame(one: usize, other: usize, length: usize): bool {
  while (length >= 8) {
    if (load<u64>(one) != load<u64>(other)) return false;
    one += 8;
    other += 8;
    length -= 8;
  }
  while (length > 0) {
    if (load<u8>(one) != load<u8>(other)) return false;
    one++;
    other++;
    length--;
  }
  return true;
}

/** The place of a name in a table, or of the free place where it would be. */
function placeOf(table: usize, at: usize, length: usize): usize {
  const hash = hashOf(at, length);
  let index = hash & (places - 1);
  while (true) {
    const place = table + <usize>index * placeBytes;
    const address = <usize>load<u32>(place + 4);
    if (address == 0) return place;
    if (load<u32>(place) == hash && <usize>load<u32>(place + 8) == length && isSame(address, at, length)) return place;
    index = (index + 1) & (places - 1);
  }
}

function add(table: usize, at: usize, length: usize, meaning: u32): void {
  const place = placeOf(table, at, length);
  store<u32>(place, hashOf(at, length));
  store<u32>(place + 4, <u32>at);
  store<u32>(place + 8, <u32>length);
  store<u32>(place + 12, load<u32>(place + 12) | meaning);
}

/** Adds a meaning to the key [at, at + length). At most 768 keys: the caller counts. */
export function addKey(at: usize, length: usize, meaning: u32): void {
  add(keys, at, length, meaning);
}

/** Adds a word for level `level` - 1. At most 768 words. */
export function addWord(at: usize, length: usize, level: u32): void {
  add(words, at, length, level);
}

/** By the low five bits of a first byte: those of second bytes with which some level start goes on, as bits; 0 is none. Most words end here. */
const seconds: usize = memory.data(128, 8);

/** Adds what a word begins with that may be a level: up to three bytes, in lower case. At most 768. */
export function addLevelStart(at: usize, length: usize): void {
  add(levelStarts, at, length, 1);
  const place = seconds + ((load<u8>(at) & 31) << 2);
  store<u32>(place, load<u32>(place) | secondOf(at, length));
}

function secondOf(at: usize, length: usize): u32 {
  return 1 << (length > 1 ? load<u8>(at + 1) & 31 : 0);
}

/** What a member's key means. */
export function meaningOf(at: usize, length: usize): u32 {
  return load<u32>(placeOf(keys, at, length) + 12);
}

/** Length of what is before the first dot in [at, at + length); `length` when there is none. */
export function beforeDot(at: usize, length: usize): usize {
  const dots = i8x16.splat(<i8>dot);
  for (let passed: usize = 0; passed < length; passed += 16) {
    const mask: u32 = i8x16.bitmask(i8x16.eq(v128.load(at + passed), dots));
    if (mask != 0) return min(length, passed + <usize>ctz(mask));
  }
  return length;
}

const word: usize = memory.data(24, 8);

/** Writes [at, at + length) to `word` in lower case. At most 16 bytes. */
function lower(at: usize, length: usize): void {
  for (let i: usize = 0; i < length; i++) {
    const byte: u32 = load<u8>(at + i);
    store<u8>(word + i, byte - 0x41 < 26 ? byte | 0x20 : byte);
  }
}

/** The level that [at, at + length) means, from 1; 0 when it is no known word. Any case. */
export function levelAt(at: usize, length: usize): u32 {
  if (length == 0 || length > 16) return 0;
  lower(at, length);
  return load<u32>(placeOf(words, word, length) + 12);
}

/** True when the word [at, at + length) begins as a level does. Any case. */
export function startsLevel(at: usize, length: usize): bool {
  if ((load<u32>(seconds + ((load<u8>(at) & 31) << 2)) & secondOf(at, length)) == 0) return false;
  const start = min<usize>(3, length);
  lower(at, start);
  return load<u32>(placeOf(levelStarts, word, start) + 12) != 0;
}
