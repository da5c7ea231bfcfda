/** Classes of characters, as bits, for text that is looked at code by code. What is no ASCII has the class `other`. */
export const digit = 1;
export const lower = 2;
export const upper = 4;
/** a to f, in either case. */
const hexLetter = 8;
export const dash = 16;
export const underscore = 32;
export const dot = 64;
/** `+` and `/` of base64. */
const base64Sign = 128;
export const other = 256;

export const letter = lower | upper;
export const alphanumeric = letter | digit;
export const word = alphanumeric | underscore;
export const hexadecimal = hexLetter | digit;
export const base64 = alphanumeric | base64Sign;
export const base64url = word | dash;

const classes = new Uint16Array(128);
for (let code = 0; code < 128; code++) {
  const character = String.fromCharCode(code);
  if (/\d/.test(character)) classes[code] = digit;
  else if (/[a-z]/.test(character)) classes[code] = lower;
  else if (/[A-Z]/.test(character)) classes[code] = upper;
  else if (character === '-') classes[code] = dash;
  else if (character === '_') classes[code] = underscore;
  else if (character === '.') classes[code] = dot;
  else if (character === '+' || character === '/') classes[code] = base64Sign;
  if (/[a-fA-F]/.test(character)) classes[code]! |= hexLetter;
}

/** The classes of the character at `at`; 0 outside of the text and for ASCII of none. */
export function classAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code < 128) return classes[code]!;
  return code >= 128 ? other : 0;
}

export const isAt = (text: string, at: number, mask: number): boolean => (classAt(text, at) & mask) !== 0;

/** Where the run of characters of these classes that begins at `at` ends; at `limit` at the latest. */
export function runEnd(text: string, at: number, mask: number, limit = Infinity): number {
  let end = at;
  while (end < limit && (classAt(text, end) & mask) !== 0) end++;
  return end;
}

/** Where the run of characters of these classes that ends at `at` begins; at `limit` at the earliest. */
export function runStart(text: string, at: number, mask: number, limit = 0): number {
  let start = at;
  while (start > limit && (classAt(text, start - 1) & mask) !== 0) start--;
  return start;
}
