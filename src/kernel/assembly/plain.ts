import { colon, isDigit } from './bytes';
import { startsLevel } from './names';

/** Formats look no further for what shows them. */
const evidenceBytes: usize = 128;
const longestLevel: usize = 11;
const equals: u32 = 0x3d;

/** By byte: 1 for a letter or a byte beyond ASCII, with which plain text begins; 2 for a character of a key: a letter, a digit, `_ . - @`. */
const classes: usize = memory.data(256, 8);
const begins: u32 = 1;
const isOfKey: u32 = 2;

/** Fills the table; called once. */
export function prepareClasses(): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    const isLetter = (byte | 0x20) - 0x61 < 26;
    const isMark = isDigit(byte) || byte == 0x5f || byte == 0x2e || byte == 0x2d || byte == 0x40;
    store<u8>(classes + byte, (isLetter || byte >= 0x80 ? begins : 0) | (isLetter || isMark ? isOfKey : 0));
  }
}

/** True when the text [at, to), which is not empty, shows nothing of any format. As `src/formats/plain.ts`. */
export function isPlain(at: usize, to: usize): bool {
  if ((load<u8>(classes + load<u8>(at)) & begins) == 0) return false;
  const end = min(to, at + evidenceBytes);
  let word = at;
  while (word < end && (load<u8>(classes + load<u8>(word)) & isOfKey) != 0) word++;
  if (word == to || load<u8>(word) == equals) return false;
  if (word > at && word - at <= longestLevel && startsLevel(at, word - at)) return false;
  return !hasClock(at + 1, end, to);
}

function digitsAt(at: usize): v128 {
  return i8x16.lt_u(i8x16.sub(v128.load(at), i8x16.splat(0x30)), i8x16.splat(10));
}

/** True when a colon in [at, end) has a digit on each side. A byte is before `at`; the text goes on to `to`. */
function hasClock(at: usize, end: usize, to: usize): bool {
  const colons = i8x16.splat(<i8>colon);
  for (; at < end; at += 16) {
    const between = v128.and(digitsAt(at - 1), digitsAt(at + 1));
    const clocks = v128.and(i8x16.eq(v128.load(at), colons), between);
    if (!v128.any_true(clocks)) continue;
    // The first one decides: those behind it are no nearer.
    const found = at + <usize>ctz(<u32>i8x16.bitmask(clocks));
    return found < end && found + 1 < to;
  }
  return false;
}
