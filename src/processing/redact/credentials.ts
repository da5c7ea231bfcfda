import { isUtf8 } from 'node:buffer';
import { alphanumeric, base64, base64url, digit, dot, isAt, lower, runEnd, upper, word } from './characters.js';
import type { Find, Found } from './finding.js';

/** A scheme and what is between it and the credentials: blanks, also as `%20`, or a sign and quotes. */
const schemes = /(?<![a-z0-9_-])(bearer|basic)(?:%20|[ \t+]|["']?[:=]["']?[ \t]?){1,4}/gi;
/** A header that has any scheme behind it. */
const headers = /(?:proxy-|proxy_)?authorization["'\\]{0,8}[ \t]?[:=][ \t]?["'\\[]{0,8}/gi;
const anyScheme = /(?:bearer|basic|token|apikey|api-key|negotiate|ntlm|digest|hawk|sso-key|key)[ \t]{1,4}/iy;
const shortestInHeader = 6;
const longestUserinfo = 512;

const tokenCharacters = base64 | base64url | dot;

/**
 * Credentials of HTTP: `Bearer` with a token (RFC 6750), `Basic` with what decodes to `user:password` (RFC 7617), whatever stands behind a scheme in
 * an Authorization header, and `user:password@` of a URL.
 */
export const findCredentials: Find = (text, found, context) => {
  for (const match of text.matchAll(schemes)) {
    const from = match.index + match[0].length;
    const to = tokenEnd(text, from);
    const isCredential = match[1]!.toLowerCase() === 'basic' ? isBasic(text.slice(from, to)) : isToken(text, from, to);
    if (isCredential) found(from, to);
  }
  for (const match of text.matchAll(headers)) findInHeader(text, match.index + match[0].length, found);
  if (context.endsWith('authorization')) findInHeader(text, 0, found);
  findUserinfo(text, found);
};

function tokenEnd(text: string, from: number): number {
  let to = runEnd(text, from, tokenCharacters);
  while (text[to] === '~') to = runEnd(text, to + 1, tokenCharacters);
  while (text[to] === '=') to++;
  // A full stop ends a sentence.
  while (to > from && text[to - 1] === '.') to--;
  return to;
}

/** No word: with digits and letters, and long or in both cases. */
function isToken(text: string, from: number, to: number): boolean {
  if (to - from < 8 || isAt(text, to, word)) return false;
  const token = text.slice(from, to);
  if (to - from >= 32 && has(token, upper) && has(token, lower)) return true;
  if (!has(token, digit) || !has(token, upper | lower)) return false;
  return to - from >= 12 || (has(token, upper) && has(token, lower));
}

function has(text: string, mask: number): boolean {
  for (let at = 0; at < text.length; at++) if (isAt(text, at, mask)) return true;
  return false;
}

function isBasic(token: string): boolean {
  if (token.length < 4) return false;
  const bytes = Buffer.from(token, 'base64');
  return bytes.includes(0x3a) && isUtf8(bytes) && !/[\u0000-\u001f\u007f]/.test(bytes.toString());
}

function findInHeader(text: string, at: number, found: Found): void {
  anyScheme.lastIndex = at;
  if (!anyScheme.test(text)) return;
  const from = anyScheme.lastIndex;
  const to = tokenEnd(text, from);
  if (to - from >= shortestInHeader && has(text.slice(from, to), digit | upper)) found(from, to);
}

function findUserinfo(text: string, found: Found): void {
  for (let at = text.indexOf('://'); at >= 0; at = text.indexOf('://', at + 3)) {
    if (!isAt(text, at - 1, alphanumeric)) continue;
    const from = at + 3;
    let to = from;
    let colon = -1;
    for (; to < text.length && to - from < longestUserinfo; to++) {
      const character = text[to]!;
      if (character === ':' && colon < 0) colon = to;
      else if (' \t\r\n/?#"\'<>\\@,;'.includes(character)) break;
    }
    if (text[to] === '@' && colon >= 0 && to - colon > 1) found(from, to);
  }
}
