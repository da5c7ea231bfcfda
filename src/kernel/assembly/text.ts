import { backslash, quote, sequenceAt } from './bytes';

/** Per control character 8 bytes: its escape, then in the last one the length of that. */
const escapes: usize = memory.data(256, 8);

/** Fills the table; called once. */
export function prepareEscapes(): void {
  for (let byte: u32 = 0; byte < 32; byte++) {
    const at = escapes + (byte << 3);
    const short: u32 =
      byte == 8 ? 0x62 : byte == 9 ? 0x74 : byte == 10 ? 0x6e : byte == 12 ? 0x66 : byte == 13 ? 0x72 : 0;
    store<u8>(at, backslash);
    store<u8>(at + 1, short != 0 ? short : 0x75);
    store<u8>(at + 7, short != 0 ? 2 : 6);
    if (short != 0) continue;
    store<u8>(at + 2, 0x30);
    store<u8>(at + 3, 0x30);
    store<u8>(at + 4, 0x30 + (byte >> 4));
    store<u8>(at + 5, (byte & 15) < 10 ? 0x30 + (byte & 15) : 0x57 + (byte & 15));
  }
}

/** Bytes that the text of the last `escapeText` has more than its source, by U+FFFD; may be below zero. */
export let repairedBytes: i32 = 0;

/** Writes the escape of an ASCII character, or the character itself; returns the address behind. Takes up to 8 bytes. */
export function writeEscaped(byte: u32, at: usize): usize {
  if (byte >= 0x20 && byte != quote && byte != backslash) {
    store<u8>(at, byte);
    return at + 1;
  }
  if (byte >= 0x20) {
    store<u8>(at, backslash);
    store<u8>(at + 1, byte);
    return at + 2;
  }
  const escape = load<u64>(escapes + (byte << 3));
  store<u64>(at, escape);
  return at + <usize>(escape >> 56);
}

/**
 * Copies [from, to) to `at` as the content of a JSON string, as `escapeJson` in `src/kernel/escape.ts`; returns the address behind it, or 0 when
 * that would come within 32 bytes of `end`.
 */
export function escapeText(from: usize, to: usize, at: usize, end: usize): usize {
  const quotes = i8x16.splat(<i8>quote);
  const slashes = i8x16.splat(<i8>backslash);
  const spaces = i8x16.splat(0x20);
  const limit = end - 32;
  repairedBytes = 0;
  while (from < to) {
    if (at > limit) return 0;
    const bytes = v128.load(from);
    v128.store(at, bytes);
    if (to - from >= 32) {
      // Most of a text has nothing to escape: two loads share one test.
      const more = v128.load(from, 16);
      const least = i8x16.min_s(bytes, more);
      const marks = v128.or(
        v128.or(i8x16.eq(bytes, quotes), i8x16.eq(more, quotes)),
        v128.or(i8x16.eq(bytes, slashes), i8x16.eq(more, slashes)),
      );
      if (!v128.any_true(v128.or(marks, i8x16.lt_s(least, spaces)))) {
        v128.store(at, more, 16);
        from += 32;
        at += 32;
        continue;
      }
    }
    // Signed: control characters and all bytes from 0x80 on are less than a blank.
    const special = v128.or(v128.or(i8x16.eq(bytes, quotes), i8x16.eq(bytes, slashes)), i8x16.lt_s(bytes, spaces));
    const rest = to - from;
    const mask: u32 = i8x16.bitmask(special) | (rest < 16 ? 1 << (<u32>rest) : 0x10000);
    const plain = <usize>ctz(mask);
    from += plain;
    at += plain;
    if (plain == 16 || from >= to) continue;
    let byte: u32 = load<u8>(from);
    if (byte < 0x80) {
      at = writeEscaped(byte, at);
      from++;
      continue;
    }
    // Text beyond ASCII comes in runs.
    do {
      if (at > limit) return 0;
      const length = sequenceAt(from, to);
      if (length > 0) {
        store<u32>(at, load<u32>(from));
        at += <usize>length;
        from += <usize>length;
      } else {
        store<u32>(at, 0xbdbfef);
        at += 3;
        from += <usize>-length;
        repairedBytes += 3 + length;
      }
      byte = from < to ? load<u8>(from) : 0;
    } while (byte >= 0x80);
  }
  return at;
}

function hexValue(byte: u32): u32 {
  if (byte - 0x30 < 10) return byte - 0x30;
  return (byte | 0x20) - 0x57;
}

/** The code unit of `\uXXXX` whose digits begin at `at`; they are known to be hexadecimal. */
function unitAt(at: usize): u32 {
  return (
    (hexValue(load<u8>(at)) << 12) |
    (hexValue(load<u8>(at + 1)) << 8) |
    (hexValue(load<u8>(at + 2)) << 4) |
    hexValue(load<u8>(at + 3))
  );
}

/** The character that a simple escape stands for. */
function escapedCharacter(letter: u32): u32 {
  if (letter == 0x6e) return 10;
  if (letter == 0x74) return 9;
  if (letter == 0x72) return 13;
  if (letter == 0x62) return 8;
  if (letter == 0x66) return 12;
  return letter;
}

/** Bytes of the source that the last `writeCharacter` took; 0: half a surrogate pair, which is not for the kernel. */
export let takenBytes: usize = 0;

/** Writes what the escape at `from` (its backslash) stands for: escaped again, or as it is. Returns the address behind; takes up to 8 bytes. */
export function writeCharacter(from: usize, at: usize, again: bool): usize {
  const letter: u32 = load<u8>(from + 1);
  let code: u32;
  takenBytes = 2;
  if (letter != 0x75) code = escapedCharacter(letter);
  else {
    code = unitAt(from + 2);
    takenBytes = 6;
    if ((code & 0xf800) == 0xd800) {
      if (code >= 0xdc00 || load<u16>(from + 6) != 0x755c) {
        takenBytes = 0;
        return at;
      }
      const low = unitAt(from + 8);
      if ((low & 0xfc00) != 0xdc00) {
        takenBytes = 0;
        return at;
      }
      code = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
      takenBytes = 12;
    }
  }
  if (code < 0x80) {
    if (again) return writeEscaped(code, at);
    store<u8>(at, code);
    return at + 1;
  }
  if (code < 0x800) {
    store<u8>(at, 0xc0 | (code >> 6));
    store<u8>(at + 1, 0x80 | (code & 0x3f));
    return at + 2;
  }
  if (code < 0x10000) {
    store<u8>(at, 0xe0 | (code >> 12));
    store<u8>(at + 1, 0x80 | ((code >> 6) & 0x3f));
    store<u8>(at + 2, 0x80 | (code & 0x3f));
    return at + 3;
  }
  store<u8>(at, 0xf0 | (code >> 18));
  store<u8>(at + 1, 0x80 | ((code >> 12) & 0x3f));
  store<u8>(at + 2, 0x80 | ((code >> 6) & 0x3f));
  store<u8>(at + 3, 0x80 | (code & 0x3f));
  return at + 4;
}

/**
 * Copies the content of a valid JSON string: `again` true, as `JSON.stringify` would write the text it stands for; false, as that text. Returns the
 * address behind it, or 0 for half a surrogate pair. It never takes more room than the source, but for 16 bytes of slack.
 */
export function copyString(from: usize, to: usize, at: usize, again: bool): usize {
  const slashes = i8x16.splat(<i8>backslash);
  while (from < to) {
    const bytes = v128.load(from);
    v128.store(at, bytes);
    const rest = to - from;
    const mask: u32 = i8x16.bitmask(i8x16.eq(bytes, slashes)) | (rest < 16 ? 1 << (<u32>rest) : 0x10000);
    const plain = <usize>ctz(mask);
    from += plain;
    at += plain;
    if (plain == 16 || from >= to) continue;
    at = writeCharacter(from, at, again);
    if (takenBytes == 0) return 0;
    from += takenBytes;
  }
  return at;
}
