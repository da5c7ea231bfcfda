import { dash, digit, dot, hexadecimal, isAt, letter, runEnd, runStart, word } from './characters.js';
import type { Found } from './finding.js';

/** Longest words before a version: `version: 1.2.3.4`. */
const versionWord = /(?:^|[^a-z])(?:v|ver|version|release|build|rev)["']?[ =:/]{0,2}["']?$/i;
const versionWordLength = 16;

/** IPv4 addresses: four numbers up to 255, no more and no fewer. What calls itself a version is none. */
export function findIpv4(text: string, found: Found): void {
  for (let at = text.indexOf('.'); at >= 0;) {
    const from = runStart(text, at, digit | dot);
    const to = runEnd(text, at, digit | dot);
    // A full stop behind an address is not of it.
    let end = to;
    while (end > from && text[end - 1] === '.') end--;
    if (isIpv4(text, from, end) && standsAlone(text, from, end)) found(from, end);
    at = text.indexOf('.', to);
  }
}

function isIpv4(text: string, from: number, to: number): boolean {
  if (to - from < 7 || to - from > 15) return false;
  const parts = text.slice(from, to).split('.');
  return parts.length === 4 && parts.every((part) => part !== '' && part.length <= 3 && Number(part) <= 255);
}

function standsAlone(text: string, from: number, to: number): boolean {
  if (isAt(text, from - 1, word) || isAt(text, to, word)) return false;
  // 1.2.3.4-beta, and a range 10.0.0.1-10.0.0.9; a host name that begins or ends so.
  if (text[to] === '-' && isAt(text, to + 1, letter)) return false;
  if (text[from - 1] === '-' && isAt(text, from - 2, letter)) return false;
  // Browsers say Chrome/120.0.0.0; Java says host/10.0.0.1.
  if (text[from - 1] === '/' && isAt(text, from - 2, letter) && text.slice(from, to).endsWith('.0.0.0')) return false;
  return !versionWord.test(text.slice(Math.max(0, from - versionWordLength), from));
}

/** IPv6 addresses (RFC 4291, 2.2), also with an IPv4 address at their end. Times, MAC addresses, fingerprints and `std::string` are none. */
export function findIpv6(text: string, found: Found): void {
  for (let at = text.indexOf(':'); at >= 0;) {
    let from = groupsStart(text, at);
    const to = groupsEnd(text, at);
    // What is before the first colon may be the end of a word.
    if (isAt(text, from - 1, word | dash)) from = text.indexOf(':', from);
    if (text[from] === ':' && text[from + 1] !== ':') from++;
    let end = to;
    if (text[end - 1] === ':' && text[end - 2] !== ':') end--;
    if (to - at >= 2 && !isAt(text, end, word) && !isAt(text, from - 1, word)) {
      const tail = ipv4Tail(text, from, end);
      if (isIpv6(text.slice(from, tail.groupsEnd), tail.groups))
        found(from, tail.end, text.slice(from, tail.end).toLowerCase());
    }
    at = text.indexOf(':', to);
  }
}

function groupsStart(text: string, at: number): number {
  let start = at;
  while (text[start - 1] === ':' || isAt(text, start - 1, hexadecimal)) start--;
  return start;
}

function groupsEnd(text: string, at: number): number {
  let end = at;
  while (text[end] === ':' || isAt(text, end, hexadecimal)) end++;
  return end;
}

/** `::ffff:10.0.0.1`: the last two groups as four numbers. */
function ipv4Tail(text: string, from: number, end: number): { groupsEnd: number; groups: number; end: number } {
  const none = { groupsEnd: end, groups: 0, end };
  if (text[end] !== '.') return none;
  const start = text.lastIndexOf(':', end - 1) + 1;
  const tailEnd = runEnd(text, start, digit | dot);
  const isTail = start > from && isIpv4(text, start, tailEnd) && !isAt(text, tailEnd, word);
  return isTail ? { groupsEnd: start, groups: 2, end: tailEnd } : none;
}

/** `tailGroups`: groups that follow, in another form; `text` then ends with a colon. */
function isIpv6(text: string, tailGroups: number): boolean {
  if (text.length < 2 || text.length > 40) return false;
  const double = text.indexOf('::');
  if (double >= 0 && (text.indexOf('::', double + 1) >= 0 || text.length === 2)) {
    if (text.length === 2 && tailGroups > 0) return true;
    return false;
  }
  const groups = text.split(':').filter((group) => group !== '');
  if (groups.some((group) => group.length > 4)) return false;
  const count = groups.length + tailGroups;
  // Eight pairs are the number of a device, as six are.
  if (double < 0) return count === 8 && (tailGroups > 0 || groups.some((group) => group.length !== 2));
  if (count > 7) return false;
  if (text === '::1' || count >= 4) return true;
  // a::b and dead::beef are names in code, 1::2 and ::2 are slices.
  return groups.some((group) => group.length >= 3) && groups.some((group) => /\d/.test(group) || text.startsWith('::'));
}
