/** Codes of characters, and what kind they are, for scanners that go over a text by code. */
export const tab = 0x09;
export const lineFeed = 0x0a;
export const escape = 0x1b;
export const blank = 0x20;
export const quote = 0x22;
export const openParen = 0x28;
export const closeParen = 0x29;
export const plus = 0x2b;
export const comma = 0x2c;
export const dash = 0x2d;
export const dot = 0x2e;
export const slash = 0x2f;
export const colon = 0x3a;
export const less = 0x3c;
export const greater = 0x3e;
export const openBracket = 0x5b;
export const closeBracket = 0x5d;
export const underscore = 0x5f;
export const openBrace = 0x7b;
export const bar = 0x7c;
export const closeBrace = 0x7d;

// A place behind a text's end has the code NaN, which is of no kind.
export const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
export const isUpper = (code: number): boolean => code >= 0x41 && code <= 0x5a;
export const isLetter = (code: number): boolean => (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
export const isWordCode = (code: number): boolean => isLetter(code) || isDigit(code) || code === underscore;
export const isBlank = (code: number): boolean => code === blank || code === tab;

/** Place behind the digits that begin at `from`. */
export function digitsEnd(text: string, from: number): number {
  let at = from;
  while (isDigit(text.charCodeAt(at))) at++;
  return at;
}

/** The number of two digits, or -1. */
export function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 0x30;
  const ones = text.charCodeAt(at + 1) - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}

/** The number that the digits `[from, to)` are, at most nine of them. */
export function numberOf(text: string, from: number, to: number): number {
  let number = 0;
  for (let at = from; at < to; at++) number = number * 10 + text.charCodeAt(at) - 0x30;
  return number;
}
