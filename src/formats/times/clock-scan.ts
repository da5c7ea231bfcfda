import { blank, colon, comma, digitsEnd, dot, isDigit, isWordCode, numberOf, twoDigits } from '../characters.js';
import type { CivilDraft } from './civil-time.js';

/**
 * Reads a time of day at `at`: `h:mm:ss` or `hh:mm:ss`, a fraction of one to nine digits behind a dot or comma (of three or six also behind a
 * colon), and `AM` or `PM`. Returns the place behind it, 0 when there is none. `dotted`: DB2's `hh.mm.ss` counts too.
 */
export function scanClock(text: string, at: number, draft: CivilDraft, dotted = false): number {
  const hourEnd = isDigit(text.charCodeAt(at + 1)) ? at + 2 : at + 1;
  const mark = text.charCodeAt(hourEnd);
  if (!isDigit(text.charCodeAt(at)) || (mark !== colon && !(dotted && mark === dot))) return 0;
  const minute = twoDigits(text, hourEnd + 1);
  const second = twoDigits(text, hourEnd + 4);
  if (minute < 0 || second < 0 || text.charCodeAt(hourEnd + 3) !== mark) return 0;
  draft.hour = numberOf(text, at, hourEnd);
  draft.minute = minute;
  draft.second = second;
  const end = scanFraction(text, hourEnd + 6, draft);
  return end === 0 ? 0 : scanHalf(text, end, draft);
}

/** Reads `hhmmss` and a fraction at `at`. */
export function scanCompactClock(text: string, at: number, draft: CivilDraft): number {
  if (digitsEnd(text, at) !== at + 6) return 0;
  draft.hour = twoDigits(text, at);
  draft.minute = twoDigits(text, at + 2);
  draft.second = twoDigits(text, at + 4);
  return scanFraction(text, at + 6, draft);
}

/** Returns the place behind the fraction, `at` when there is none, 0 when what is there makes it no time of day. */
function scanFraction(text: string, at: number, draft: CivilDraft): number {
  draft.fraction = '';
  const mark = text.charCodeAt(at);
  if (isDigit(mark)) return 0;
  if (mark !== dot && mark !== comma && mark !== colon) return at;
  const end = digitsEnd(text, at + 1);
  const digits = end - at - 1;
  if (digits === 0) return at;
  if (mark === colon && ((digits !== 3 && digits !== 6) || text.charCodeAt(end) === colon)) return at;
  if (digits > 9) return 0;
  draft.fraction = text.slice(at + 1, end);
  return end;
}

/** Half a day: `AM` and `PM`, with a blank before them or the narrow one that Java writes, whose UTF-8 bytes may stand for it. */
function scanHalf(text: string, at: number, draft: CivilDraft): number {
  const code = text.charCodeAt(at);
  let start = at;
  if (code === blank || code === 0x202f) start = at + 1;
  else if (code === 0xe2 && text.charCodeAt(at + 1) === 0x80 && text.charCodeAt(at + 2) === 0xaf) start = at + 3;
  const half = text.charCodeAt(start) | 0x20;
  if ((half !== 0x61 && half !== 0x70) || (text.charCodeAt(start + 1) | 0x20) !== 0x6d) return at;
  if (isWordCode(text.charCodeAt(start + 2))) return at;
  // 13 PM is no time: 24 makes it impossible.
  if (draft.hour < 1 || draft.hour > 12) draft.hour = 24;
  else draft.hour = (draft.hour % 12) + (half === 0x70 ? 12 : 0);
  return start + 2;
}
