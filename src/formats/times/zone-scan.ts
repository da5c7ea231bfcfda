import {
  blank,
  closeBracket,
  closeParen,
  colon,
  dash,
  digitsEnd,
  isDigit,
  isLetter,
  isUpper,
  isWordCode,
  openBracket,
  openParen,
  plus,
  slash,
  twoDigits,
} from '../characters.js';
import type { CivilDraft } from './civil-time.js';

/**
 * Hours east of Greenwich of the abbreviations that are taken for a zone: those of RFC 5322 (so CST is American, not Chinese), and those that one
 * zone alone uses. IST (India, Israel, Ireland), BST and the like could be several: they are no zone.
 */
const abbreviations: ReadonlyMap<string, number> = new Map([
  ...(['UTC', 'GMT', 'UT', 'Z', 'WET'] as const).map((name) => [name, 0] as const),
  ...([['EST', -5], ['EDT', -4], ['CST', -6], ['CDT', -5], ['MST', -7], ['MDT', -6], ['PST', -8], ['PDT', -7]] as const),
  ...([['AKST', -9], ['AKDT', -8], ['HST', -10], ['WEST', 1], ['CET', 1], ['CEST', 2], ['EET', 2], ['EEST', 3]] as const),
  ...([['MSK', 3], ['SGT', 8], ['HKT', 8], ['JST', 9], ['KST', 9], ['AEST', 10], ['AEDT', 11]] as const),
  ...([['NZST', 12], ['NZDT', 13]] as const),
]); // prettier-ignore
const longestAbbreviation = 4;

/**
 * Reads the zone at `at`, with at most one blank before it: `Z`, `±hh`, `±hhmm`, `±hh:mm`, an abbreviation, `GMT+1:00`; behind an offset also the
 * name of it (`+0000 UTC`, `+0100 (CET)`, `+01:00[Europe/Paris]`). Sets `draft.offset`. Returns the place behind it; `at` when there is none.
 */
export function scanZone(text: string, at: number, draft: CivilDraft): number {
  draft.offset = undefined;
  const hasBlank = text.charCodeAt(at) === blank;
  const start = hasBlank ? at + 1 : at;
  const first = text.charCodeAt(start);
  if (first === plus || first === dash) {
    const end = scanOffset(text, start, draft, hasBlank);
    return end === 0 ? at : scanName(text, end);
  }
  if (!isLetter(first) || (hasBlank && !isUpper(first))) return at;
  let end = start;
  while (isLetter(text.charCodeAt(end)) && end <= start + longestAbbreviation) end++;
  const hours = isWordCode(text.charCodeAt(end)) ? undefined : hoursOf(text.slice(start, end));
  if (hours === undefined) return at;
  draft.offset = hours * 60;
  const sign = text.charCodeAt(end);
  if (hours !== 0 || (sign !== plus && sign !== dash)) return end;
  return scanShortOffset(text, end, draft) || end;
}

const hoursOf = (name: string): number | undefined =>
  name.length > longestAbbreviation ? undefined : abbreviations.get(name.toUpperCase());

/** `±hh`, `±hhmm` or `±hh:mm`; behind a blank two digits alone are one only at the end of the text or of a field: `- 10 items` is none. */
function scanOffset(text: string, at: number, draft: CivilDraft, hasBlank: boolean): number {
  const hours = twoDigits(text, at + 1);
  if (hours < 0) return 0;
  const minutesAt = text.charCodeAt(at + 3) === colon ? at + 4 : at + 3;
  const minutes = twoDigits(text, minutesAt);
  if (minutes >= 0) {
    if (isWordCode(text.charCodeAt(minutesAt + 2))) return 0;
    setOffset(draft, text.charCodeAt(at), hours, minutes);
    return minutesAt + 2;
  }
  const end = at + 3;
  if (!endsField(text, end, hasBlank)) return 0;
  setOffset(draft, text.charCodeAt(at), hours, 0);
  return end;
}

function endsField(text: string, at: number, isStrict: boolean): boolean {
  const code = text.charCodeAt(at);
  if (at >= text.length || code === closeBracket || code === closeParen) return true;
  if (isStrict) return code === blank && text.charCodeAt(at + 1) === openBracket;
  return !isWordCode(code) && code !== 0x2e;
}

/** `+1`, `+01` or `+1:00` behind GMT or UTC. */
function scanShortOffset(text: string, at: number, draft: CivilDraft): number {
  const hoursEnd = digitsEnd(text, at + 1);
  const digits = hoursEnd - at - 1;
  if (digits === 4) return scanOffset(text, at, draft, false);
  if (digits !== 1 && digits !== 2) return 0;
  const hasMinutes = text.charCodeAt(hoursEnd) === colon && twoDigits(text, hoursEnd + 1) >= 0;
  setOffset(
    draft,
    text.charCodeAt(at),
    Number(text.slice(at + 1, hoursEnd)),
    hasMinutes ? twoDigits(text, hoursEnd + 1) : 0,
  );
  return hasMinutes ? hoursEnd + 3 : hoursEnd;
}

function setOffset(draft: CivilDraft, sign: number, hours: number, minutes: number): void {
  const offset = hours > 23 || minutes > 59 ? Number.NaN : hours * 60 + minutes;
  draft.offset = sign === dash ? -offset : offset;
}

/** Passes the name of an offset behind it. */
function scanName(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first === openBracket) return bracketedEnd(text, at, closeBracket);
  if (first !== blank) return at;
  if (text.charCodeAt(at + 1) === openParen) return bracketedEnd(text, at + 1, closeParen, at);
  let end = at + 1;
  while (isUpper(text.charCodeAt(end)) && end <= at + 1 + longestAbbreviation) end++;
  return isWordCode(text.charCodeAt(end)) || hoursOf(text.slice(at + 1, end)) === undefined ? at : end;
}

/** No zone of IANA has a longer name. */
const longestName = 40;

/** A name with a slash, or an abbreviation, in brackets that begin at `at`; `otherwise` when it is something else. */
function bracketedEnd(text: string, at: number, close: number, otherwise = at): number {
  let end = at + 1;
  let hasSlash = false;
  for (; end <= at + longestName; end++) {
    const code = text.charCodeAt(end);
    hasSlash ||= code === slash;
    if (!isWordCode(code) && code !== slash && code !== dash && code !== plus) break;
  }
  if (text.charCodeAt(end) !== close || isDigit(text.charCodeAt(at + 1))) return otherwise;
  return hasSlash || hoursOf(text.slice(at + 1, end)) !== undefined ? end + 1 : otherwise;
}
