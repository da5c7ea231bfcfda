import {
  bar,
  blank,
  closeBrace,
  closeBracket,
  closeParen,
  colon,
  comma,
  dash,
  digitsEnd,
  dot,
  escape,
  greater,
  isBlank,
  isDigit,
  isLetter,
  isUpper,
  isWordCode,
  less,
  lineFeed,
  openBrace,
  openBracket,
  openParen,
  slash,
} from '../characters.js';
import { has, originFile, originFunction, originLine, take, type HeaderFields } from './header-fields.js';

/** The code that closes a group which `code` opens; 0: it opens none. */
export function closerOf(code: number): number {
  if (code === openBracket) return closeBracket;
  if (code === openParen) return closeParen;
  if (code === less) return greater;
  return code === openBrace ? closeBrace : 0;
}

const longestGroup = 120;

/** Place of the code that closes the group opened at `at`, with groups of its kind within; 0 when it is too long, or goes over the line's end. */
export function groupEnd(head: string, at: number): number {
  const open = head.charCodeAt(at);
  const close = closerOf(open);
  let depth = 0;
  const limit = Math.min(head.length, at + longestGroup);
  for (let end = at; end < limit; end++) {
    const code = head.charCodeAt(end);
    if (code === lineFeed) return 0;
    if (code === escape) end = colourEnd(head, end) - 1;
    else if (code === open) depth++;
    else if (code === close && --depth === 0) return end;
  }
  return 0;
}

const longestName = 120;

/**
 * Place behind the word at `at`: it ends at white space, a bar, a group's end, a colour, a bracket that is not empty, and at a colon or comma that
 * something else than a name follows.
 */
export function wordEnd(head: string, at: number): number {
  const limit = Math.min(head.length, at + longestName);
  for (let end = at; end < limit; end++) {
    const code = head.charCodeAt(end);
    if (code <= blank || code === bar || code === closeBracket || code === closeParen || code === escape) return end;
    if (code === closeBrace || (code === openBracket && end > at)) return end;
    // vdsm's `Thread-1::DEBUG::2026-11-20`.
    if (code === colon && head.charCodeAt(end + 1) === colon && isField(head, end + 2)) return end;
    if ((code === colon || code === comma) && !continuesName(head.charCodeAt(end + 1))) return end;
  }
  return limit;
}

/** A word in capitals or a number: no name goes on with it. */
const isField = (head: string, at: number): boolean =>
  isDigit(head.charCodeAt(at)) || (isUpper(head.charCodeAt(at)) && isUpper(head.charCodeAt(at + 1)));

const continuesName = (code: number): boolean => isWordCode(code) || code === colon || code === slash || code === less;

/** A name of code, as loggers have: letters, digits and marks of names, with a letter or underscore first. */
export function isName(head: string, at: number, end: number): boolean {
  const first = head.charCodeAt(at);
  if (end === at || !(isLetter(first) || first === 0x5f)) return false;
  for (let place = at + 1; place < end; place++) {
    const code = head.charCodeAt(place);
    // - . / : @ $ # ~
    if (isWordCode(code) || (code >= dash && code <= slash) || code === colon || code === 0x40) continue;
    if (code !== 0x24 && code !== 0x23 && code !== 0x7e) return false;
  }
  return isWordCode(head.charCodeAt(end - 1));
}

/** A name that no prose has: with a dot, `::`, `$`, `/` or `@` within, in two underscores, or with a capital behind a small letter. */
export function isCodeName(head: string, at: number, end: number): boolean {
  if (!isName(head, at, end) || namesFault(head, at, end)) return false;
  if (head.charCodeAt(at) === 0x5f) return true;
  for (let place = at + 1; place < end; place++) {
    const code = head.charCodeAt(place);
    if (code === dot || code === slash || code === 0x24 || code === 0x40) return true;
    if (code === colon && head.charCodeAt(place - 1) === colon) return true;
    if (isUpper(code) && !isUpper(head.charCodeAt(place - 1)) && isLetter(head.charCodeAt(place - 1))) return true;
  }
  return false;
}

/** The type of an error before its message is the message's. */
function namesFault(head: string, at: number, end: number): boolean {
  const name = head.slice(Math.max(at, end - 9), end);
  return name.endsWith('Error') || name.endsWith('Exception') || name.endsWith('Failure') || name.endsWith('Warning');
}

/** A name with a dot or `::`, which a logger's is and a thread's is not. */
export function isDottedName(head: string, at: number, end: number): boolean {
  if (!isName(head, at, end)) return false;
  for (let place = at + 1; place < end; place++) {
    const code = head.charCodeAt(place);
    if (code === dot || (code === colon && head.charCodeAt(place - 1) === colon)) return true;
  }
  return false;
}

/** `default-dispatcher-3`, `pool-1-thread-2`: what ends in a number behind a dash. */
export function isNumberedThread(head: string, at: number, end: number): boolean {
  let place = end;
  while (place > at && isDigit(head.charCodeAt(place - 1))) place--;
  return place < end && (head.charCodeAt(place - 1) === dash || head.charCodeAt(place - 1) === 0x23);
}

const threadWords = ['thread', 'main', 'pool', 'exec', 'worker', 'nio', 'dispatcher', 'scheduler', 'timer', 'qtp'];

/** Looks like the name of a thread: has a word that such names have, or is a name with a number at its end. */
export function isThreadName(head: string, at: number, end: number): boolean {
  const text = head.slice(at, end);
  if (/^[a-zA-Z][^ =]*[-#]\d+$/.test(text)) return true;
  if (text.includes(' ') && !/[-#]\d+$/.test(text)) return /^[\w -]*thread[\w -]*$/i.test(text);
  const lower = text.toLowerCase();
  return threadWords.some((word) => lower.includes(word)) && !/[,;=]/.test(lower);
}

/**
 * Takes `path/file.ext:123` at `at`, with `:function()` behind it, for the place in the source. Returns the place behind it, 0 when there is none.
 */
export function takeOrigin(head: string, at: number, fields: HeaderFields): number {
  if (has(fields, originFile)) return 0;
  let lastDot = 0;
  let end = at;
  for (const limit = Math.min(head.length, at + longestName); end < limit; end++) {
    const code = head.charCodeAt(end);
    if (code === dot) lastDot = end;
    else if (!isWordCode(code) && code !== dash && code !== slash && code !== 0x40) break;
  }
  // An extension has letters: 10.0.0.1:80 is an address. A host has a port behind it, and no extension that code has.
  if (head.charCodeAt(end) !== colon || lastDot <= at || !isExtension(head.slice(lastDot + 1, end))) return 0;
  const lineEnd = digitsEnd(head, end + 1);
  if (lineEnd === end + 1 || lineEnd > end + 7 || isWordCode(head.charCodeAt(lineEnd))) return 0;
  take(fields, originFile, at, end);
  take(fields, originLine, end + 1, lineEnd);
  if (head.charCodeAt(lineEnd) !== colon || !isLetter(head.charCodeAt(lineEnd + 1))) return lineEnd;
  const functionEnd = wordEnd(head, lineEnd + 1);
  const nameEnd =
    head.startsWith('(', functionEnd) || head.charCodeAt(functionEnd - 1) !== openParen ? functionEnd : functionEnd - 1;
  if (!isName(head, lineEnd + 1, nameEnd)) return lineEnd;
  take(fields, originFunction, lineEnd + 1, nameEnd);
  return nameEnd === functionEnd ? nameEnd : functionEnd + 1;
}

const extensions = new Set(
  'go py java kt kts scala groovy js mjs cjs ts tsx jsx rb rs c cc cpp cxx h hpp cs fs vb php pl pm lua ex exs erl hrl swift m mm dart clj hs ml zig nim r sh'.split(
    ' ',
  ),
);
const isExtension = (text: string): boolean => text.length <= 6 && extensions.has(text);

/**
 * Passes what stands between the fields of a header: blanks, colours, bars, commas, colons, semicolons, dashes with a blank behind them, and the
 * end of the group that the time stands in.
 */
export function passMarks(head: string, from: number, closer: number): number {
  let at = from;
  while (at < head.length) {
    const code = head.charCodeAt(at);
    if (code === escape) {
      at = colourEnd(head, at);
      continue;
    }
    if (isBlank(code) || code === bar || code === comma || code === colon || code === 0x3b || code === closer) at++;
    else if (code === dash) {
      const end = dashesEnd(head, at);
      if (end === 0) return at;
      at = end;
    } else return at;
  }
  return at;
}

/** Place behind the dashes at `at` when a blank or nothing is behind them, else 0. */
export function dashesEnd(head: string, at: number): number {
  let end = at;
  while (head.charCodeAt(end) === dash) end++;
  return end > at && (end >= head.length || isBlank(head.charCodeAt(end))) ? end : 0;
}

/** Place behind the ANSI sequence at `at`; at least one further. */
export function colourEnd(head: string, at: number): number {
  if (head.charCodeAt(at + 1) !== openBracket) return at + 1;
  let end = at + 2;
  while (
    end < head.length &&
    (isDigit(head.charCodeAt(end)) || head.charCodeAt(end) === 0x3b || head.charCodeAt(end) === colon)
  )
    end++;
  // What is no letter is no part of the sequence; cut in two, it would be no character either.
  return isLetter(head.charCodeAt(end)) ? end + 1 : end;
}

/** Passes blanks and colours. */
export function passBlanks(head: string, from: number): number {
  let at = from;
  while (at < head.length) {
    const code = head.charCodeAt(at);
    if (isBlank(code)) at++;
    else if (code === escape) at = colourEnd(head, at);
    else return at;
  }
  return at;
}
