import { backslash, closeBrace, colon, comma, dot, isDigit, openBrace, quote, sequenceAt } from './bytes';

/**
 * A check of JSON text (RFC 8259, as `JSON.parse` has it) that walks over one line. All functions take the address of what they are to pass and
 * return the address behind it, or 0 when it is not valid, or not for the kernel. None looks for the line's end: the line feed behind it is
 * a byte that no part of JSON takes.
 */

const openBracket: u32 = 0x5b;
const closeBracket: u32 = 0x5d;
const minus: u32 = 0x2d;
const maxDepth: u32 = 64;

/** Set by `passString`: the last string has escapes. */
export let hadEscape: bool = false;

/** Passes blanks and tabs. A carriage return between tokens would have to be replaced, so it is not for the kernel. */
export function passBlanks(at: usize): usize {
  while (true) {
    const byte: u32 = load<u8>(at);
    if (byte != 0x20 && byte != 0x09) return at;
    at++;
  }
}

function isHex(byte: u32): bool {
  return byte - 0x30 < 10 || (byte | 0x20) - 0x61 < 6;
}

/** Passes a string; `at` is behind its opening quote. */
export function passString(at: usize, to: usize): usize {
  const quotes = i8x16.splat(<i8>quote);
  const slashes = i8x16.splat(<i8>backslash);
  const spaces = i8x16.splat(0x20);
  hadEscape = false;
  while (true) {
    const bytes = v128.load(at);
    const special = v128.or(v128.or(i8x16.eq(bytes, quotes), i8x16.eq(bytes, slashes)), i8x16.lt_s(bytes, spaces));
    const mask: u32 = i8x16.bitmask(special);
    if (mask == 0) {
      at += 16;
      continue;
    }
    at += <usize>ctz(mask);
    let byte: u32 = load<u8>(at);
    if (byte == quote) return at + 1;
    if (byte < 0x20) return 0;
    if (byte == backslash) {
      hadEscape = true;
      const letter: u32 = load<u8>(at + 1);
      if (letter == 0x75) {
        const digits = load<u32>(at + 2);
        if (
          !isHex(digits & 0xff) ||
          !isHex((digits >> 8) & 0xff) ||
          !isHex((digits >> 16) & 0xff) ||
          !isHex(digits >> 24)
        )
          return 0;
        at += 6;
      } else if (isEscapeLetter(letter)) at += 2;
      else return 0;
      continue;
    }
    // Broken UTF-8 would have to be repaired. Text beyond ASCII comes in runs.
    do {
      const length = sequenceAt(at, to);
      if (length < 0) return 0;
      at += <usize>length;
      byte = load<u8>(at);
    } while (byte >= 0x80);
  }
}

/** `" \ / b f n r t` */
function isEscapeLetter(letter: u32): bool {
  return (
    letter == quote ||
    letter == backslash ||
    letter == 0x2f ||
    letter == 0x62 ||
    letter == 0x66 ||
    letter == 0x6e ||
    letter == 0x72 ||
    letter == 0x74
  );
}

export function passDigits(at: usize): usize {
  while (isDigit(load<u8>(at))) at++;
  return at;
}

function passNumber(at: usize): usize {
  if (load<u8>(at) == minus) at++;
  const first: u32 = load<u8>(at);
  if (!isDigit(first)) return 0;
  at++;
  if (first != 0x30) at = passDigits(at);
  if (load<u8>(at) == dot) {
    if (!isDigit(load<u8>(at + 1))) return 0;
    at = passDigits(at + 2);
  }
  if (((<u32>load<u8>(at)) | 0x20) == 0x65) {
    at++;
    const sign: u32 = load<u8>(at);
    if (sign == minus || sign == 0x2b) at++;
    if (!isDigit(load<u8>(at))) return 0;
    at = passDigits(at + 1);
  }
  return at;
}

/** Passes a number, `true`, `false` or `null`. */
function passScalar(at: usize): usize {
  const word = load<u32>(at);
  if (word == 0x65757274 || word == 0x6c6c756e) return at + 4;
  if (word == 0x736c6166) return load<u8>(at + 4) == 0x65 ? at + 5 : 0;
  return passNumber(at);
}

/** Passes any value. */
export function passValue(at: usize, to: usize): usize {
  const first: u32 = load<u8>(at);
  if (first == quote) return passString(at + 1, to);
  if (first == openBrace || first == openBracket) return passNested(at, to);
  return passScalar(at);
}

/** Passes an object or an array. Which of the two is open at each depth is a bit: nothing recurses. */
function passNested(at: usize, to: usize): usize {
  let kinds: u64 = 0;
  let depth: u32 = 0;
  while (true) {
    // At the opening of an object or array.
    const isObject = load<u8>(at) == openBrace;
    if (depth == maxDepth) return 0;
    kinds = (kinds << 1) | u64(isObject);
    depth++;
    at = passBlanks(at + 1);
    const isEmpty = load<u8>(at) == (isObject ? closeBrace : closeBracket);
    if (!isEmpty) {
      if (isObject) at = passKey(at, to);
      if (at == 0) return 0;
      const first: u32 = load<u8>(at);
      if (first == openBrace || first == openBracket) continue;
      at = first == quote ? passString(at + 1, to) : passScalar(at);
      if (at == 0) return 0;
    } else {
      at++;
      kinds >>= 1;
      depth--;
      if (depth == 0) return at;
    }
    // Behind a value that lies in an object or array.
    while (true) {
      at = passBlanks(at);
      const byte: u32 = load<u8>(at);
      const inObject = (kinds & 1) != 0;
      if (byte == comma) {
        at = passBlanks(at + 1);
        if (inObject) at = passKey(at, to);
        if (at == 0) return 0;
        const first: u32 = load<u8>(at);
        if (first == openBrace || first == openBracket) break;
        at = first == quote ? passString(at + 1, to) : passScalar(at);
        if (at == 0) return 0;
        continue;
      }
      if (byte != (inObject ? closeBrace : closeBracket)) return 0;
      at++;
      kinds >>= 1;
      depth--;
      if (depth == 0) return at;
    }
  }
}

/** Passes a key, its colon and the blanks around; behind it comes the value. */
function passKey(at: usize, to: usize): usize {
  if (load<u8>(at) != quote) return 0;
  at = passString(at + 1, to);
  if (at == 0) return 0;
  at = passBlanks(at);
  if (load<u8>(at) != colon) return 0;
  return passBlanks(at + 1);
}
