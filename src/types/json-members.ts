import type { Member } from './record.js';

/**
 * Splits the text of one JSON object into its own members: keys decoded, values as the text they came in (numbers keep their digits).
 * Blanks around values are cut. Of duplicate keys the last value counts, at the place of the first, as with `JSON.parse`. `__proto__` is a
 * key like any other. Undefined when the text is not valid JSON or not an object. Never throws; linear time.
 */
export function splitMembers(json: string): Member[] | undefined {
  let at = skipBlanks(json, 0);
  if (json.charCodeAt(at) !== openBrace || !isValid(json)) return undefined;
  // From here on the text is known to be valid: the scanner only has to find where things end.
  const members: Member[] = [];
  const places = new Map<string, number>();
  at = skipBlanks(json, at + 1);
  while (json.charCodeAt(at) !== closeBrace) {
    const keyEnd = stringEnd(json, at);
    const key = decodeKey(json, at, keyEnd);
    const valueStart = skipBlanks(json, skipBlanks(json, keyEnd) + 1);
    const end = valueEnd(json, valueStart);
    const member = { key, json: json.slice(valueStart, end) };
    const place = places.get(key);
    if (place === undefined) {
      places.set(key, members.length);
      members.push(member);
    } else members[place] = member;
    at = skipBlanks(json, end);
    if (json.charCodeAt(at) === comma) at = skipBlanks(json, at + 1);
  }
  return members;
}

const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

function isValid(json: string): boolean {
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

function skipBlanks(json: string, from: number): number {
  let at = from;
  while (isBlank(json.charCodeAt(at))) at++;
  return at;
}

function decodeKey(json: string, from: number, to: number): string {
  const text = json.slice(from + 1, to - 1);
  if (!text.includes('\\')) return text;
  const decoded: unknown = JSON.parse(json.slice(from, to));
  return typeof decoded === 'string' ? decoded : text;
}

/** One past the closing quote of the string that opens at `from`. */
function stringEnd(json: string, from: number): number {
  let at = from;
  for (;;) {
    at = json.indexOf('"', at + 1);
    // The runs of backslashes before two quotes never overlap, so counting them stays linear.
    let run = at;
    while (json.charCodeAt(run - 1) === backslash) run--;
    if ((at - run) % 2 === 0) return at + 1;
  }
}

/** One past the last character of the value that starts at `from`. */
function valueEnd(json: string, from: number): number {
  const first = json.charCodeAt(from);
  if (first === quote) return stringEnd(json, from);
  if (first === openBrace || first === openBracket) return nestedEnd(json, from);
  let at = from;
  for (;;) {
    const code = json.charCodeAt(at);
    if (code === comma || code === closeBrace || isBlank(code)) return at;
    at++;
  }
}

/** Counts instead of recursing: a line of a million brackets must not end the stack. */
function nestedEnd(json: string, from: number): number {
  let depth = 0;
  let at = from;
  for (;;) {
    const code = json.charCodeAt(at);
    if (code === quote) {
      at = stringEnd(json, at);
      continue;
    }
    if (code === openBrace || code === openBracket) depth++;
    else if (code === closeBrace || code === closeBracket) depth--;
    at++;
    if (depth === 0) return at;
  }
}
