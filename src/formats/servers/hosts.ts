import { isDigit } from '../members/field-members.js';

/** True for an IP address, with or without brackets and a port: digits and dots only, or IPv6's letters with two colons or more. */
export function isAddress(text: string, from: number, to: number): boolean {
  let digits = 0;
  let dots = 0;
  let colons = 0;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === colon) colons++;
    else if (code === 0x2e) dots++;
    else if (isDigit(code)) digits++;
    else if (code === percent && colons > 1) break;
    else if (code !== 0x5b && code !== 0x5d && !((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66)) return false;
    // Letters are IPv6's alone, and there are colons around them.
    else if (dots > 0 && colons < 2) return false;
  }
  if (colons >= 2) return true;
  return dots === 3 && digits >= 4 && isDigit(text.charCodeAt(from));
}

/** True for what can name a host: letters, digits and `-._`, with or without `:` and a port; an address; `-`; `unix:`. */
export function isHost(text: string, from: number, to: number): boolean {
  if (to <= from || to - from > longestHost) return false;
  const end = portColon(text, from, to);
  const nameEnd = end === -1 ? to : end;
  for (let at = from; at < nameEnd; at++) {
    const code = text.charCodeAt(at);
    const isLetter = ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a) || code >= 0x80;
    if (isLetter || isDigit(code) || code === 0x2d || code === 0x2e || code === 0x5f) continue;
    return isAddress(text, from, to) || text.slice(from, to) === 'unix:';
  }
  return nameEnd > from;
}

/** Place of the colon before a port at the end of `text[from, to)`; -1 when there is none, as in a bare IPv6 address. */
export function portColon(text: string, from: number, to: number): number {
  let at = to - 1;
  while (at > from && isDigit(text.charCodeAt(at))) at--;
  if (at === to - 1 || at <= from || to - at > 6 || text.charCodeAt(at) !== colon) return -1;
  const isBracketed = text.charCodeAt(at - 1) === 0x5d;
  return isBracketed || text.lastIndexOf(':', at - 1) < from ? at : -1;
}

/** A name in the DNS has at most 253 characters; the port comes on top. */
const longestHost = 260;

const colon = 0x3a;
const percent = 0x25;
