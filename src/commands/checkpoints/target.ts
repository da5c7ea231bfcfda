import { parseDuration } from '../../../config/values.js';

/** Where to go back to: an offset in bytes, or a time in ms since the epoch. */
export type Target =
  { readonly kind: 'offset'; readonly offset: number } | { readonly kind: 'time'; readonly ms: number };

const timeForm = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)$/;

/** Reads `--to`: digits are an offset, `-2h` is a time ago, else an RFC 3339 time with its zone. A text says why it is none of them. */
export function readTarget(given: string, nowMs: number): Target | string {
  const text = given.trim();
  if (/^\d+$/.test(text)) {
    const offset = Number(text);
    return Number.isSafeInteger(offset) ? { kind: 'offset', offset } : `--to ${text} is further than any file is long`;
  }
  if (/^-\s*\d/.test(text)) {
    const ago = parseDuration(text.slice(1).trim());
    if ('value' in ago) return { kind: 'time', ms: nowMs - ago.value };
  }
  const ms = timeForm.test(text) ? Date.parse(text.toUpperCase().replace(' ', 'T')) : Number.NaN;
  if (!Number.isNaN(ms)) return { kind: 'time', ms };
  return `--to ${JSON.stringify(text)} is no offset in bytes (4096), no time (2026-11-20T09:15:00Z, with its zone) and no time ago (-2h)`;
}
