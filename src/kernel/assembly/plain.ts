import { colon, isDigit } from './bytes';
import { startsLevel } from './names';

/** Formats look no further for what shows them. */
const evidenceBytes: usize = 128;
const longestLevel: usize = 11;
const equals: u32 = 0x3d;

function isLetter(byte: u32): bool {
  return (byte | 0x20) - 0x61 < 26;
}

/** A character of a key: a letter, a digit, `_ . - @`. */
function isWord(byte: u32): bool {
  return isLetter(byte) || isDigit(byte) || byte == 0x5f || byte == 0x2e || byte == 0x2d || byte == 0x40;
}

/** True when the text [at, to), which is not empty, shows nothing of any format. As `src/formats/plain.ts`. */
export function isPlain(at: usize, to: usize): bool {
  const first: u32 = load<u8>(at);
  if (!isLetter(first) && first < 0x80) return false;
  const end = min(to, at + evidenceBytes);
  let word = at;
  while (word < end && isWord(load<u8>(word))) word++;
  if (word == to || load<u8>(word) == equals) return false;
  if (word > at && word - at <= longestLevel && startsLevel(at, word - at)) return false;
  return !hasClock(at + 1, end, to);
}

/** True when a colon in [at, end) has a digit on each side. A byte is before `at`; the text goes on to `to`. */
function hasClock(at: usize, end: usize, to: usize): bool {
  const colons = i8x16.splat(<i8>colon);
  for (; at < end; at += 16) {
    let mask: u32 = i8x16.bitmask(i8x16.eq(v128.load(at), colons));
    while (mask != 0) {
      const found = at + <usize>ctz(mask);
      mask &= mask - 1;
      if (found >= end) return false;
      if (isDigit(load<u8>(found - 1)) && found + 1 < to && isDigit(load<u8>(found + 1))) return true;
    }
  }
  return false;
}
