/**
 * Loops over bytes. Loads and stores of 16 bytes may pass the end of what they are about: every area has slack behind it (`Arena`), which counts as
 * part of it.
 */

export const lineFeed: u32 = 0x0a;
export const carriageReturn: u32 = 0x0d;
export const quote: u32 = 0x22;
export const backslash: u32 = 0x5c;
export const openBrace: u32 = 0x7b;
export const closeBrace: u32 = 0x7d;
export const colon: u32 = 0x3a;
export const comma: u32 = 0x2c;
export const dot: u32 = 0x2e;
export const space: u32 = 0x20;

/** Address of the first line feed in [at, to), or `to`. */
export function findLineFeed(at: usize, to: usize): usize {
  const feeds = i8x16.splat(<i8>lineFeed);
  while (at + 64 <= to) {
    const first = v128.or(i8x16.eq(v128.load(at), feeds), i8x16.eq(v128.load(at, 16), feeds));
    const second = v128.or(i8x16.eq(v128.load(at, 32), feeds), i8x16.eq(v128.load(at, 48), feeds));
    if (v128.any_true(v128.or(first, second))) break;
    at += 64;
  }
  while (at < to) {
    const mask = i8x16.bitmask(i8x16.eq(v128.load(at), feeds));
    if (mask != 0) {
      const found = at + <usize>ctz(mask);
      return found < to ? found : to;
    }
    at += 16;
  }
  return to;
}

/** Copies `length` bytes, and up to 15 more that mean nothing; returns the address behind them. */
export function copy(from: usize, length: usize, at: usize): usize {
  const end = at + length;
  while (at < end) {
    v128.store(at, v128.load(from));
    at += 16;
    from += 16;
  }
  return end;
}

export function isWhiteSpace(byte: u32): bool {
  return byte == space || byte - 9 < 5;
}

/** Address of the first byte in [at, to) that is not ASCII white space, or `to`. */
export function skipWhiteSpace(at: usize, to: usize): usize {
  while (at < to && isWhiteSpace(load<u8>(at))) at++;
  return at;
}

/** What begins at `at`: n > 0 is a valid UTF-8 sequence of n bytes; -n is n bytes that become one U+FFFD. As `sequenceAt` in `src/types/utf8.ts`. */
export function sequenceAt(at: usize, to: usize): i32 {
  const lead: u32 = load<u8>(at);
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return -1;
  const second: u32 = at + 1 < to ? load<u8>(at + 1) : 0;
  if (lead < 0xe0) return (second & 0xc0) == 0x80 ? 2 : -1;
  const low: u32 = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const high: u32 = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return -1;
  const third: u32 = at + 2 < to ? load<u8>(at + 2) : 0;
  if ((third & 0xc0) != 0x80) return -2;
  if (lead < 0xf0) return 3;
  const fourth: u32 = at + 3 < to ? load<u8>(at + 3) : 0;
  return (fourth & 0xc0) == 0x80 ? 4 : -3;
}

const pairs: usize = memory.data(200, 8);

/** Fills the tables; called once. */
export function prepareDigits(): void {
  for (let i: u32 = 0; i < 100; i++) {
    store<u8>(pairs + i * 2, 0x30 + i / 10);
    store<u8>(pairs + i * 2 + 1, 0x30 + (i % 10));
  }
}

/** Two digits of a number below 100. */
export function writePair(value: u32, at: usize): void {
  store<u16>(at, load<u16>(pairs + (value << 1)));
}

/** A number in decimal digits; returns the address behind them. */
export function writeDigits(value: u64, at: usize): usize {
  let length: usize = 1;
  for (let rest = value; rest >= 10; rest /= 10) length++;
  let end = at + length;
  let rest = value;
  while (rest >= 0x100000000) {
    const next = rest / 100;
    end -= 2;
    writePair(<u32>(rest - next * 100), end);
    rest = next;
  }
  let small = <u32>rest;
  while (small >= 100) {
    const next = small / 100;
    end -= 2;
    writePair(small - next * 100, end);
    small = next;
  }
  if (small >= 10) writePair(small, end - 2);
  else store<u8>(end - 1, 0x30 + small);
  return at + length;
}

export function isDigit(byte: u32): bool {
  return byte - 0x30 < 10;
}
