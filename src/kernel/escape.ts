import { escapedSize } from './json-escapes.js';
import { sequenceAt } from '../types/utf8.js';

/** Where a copy ended, filled anew by each call. */
export interface Copied {
  /** One past the last byte written into the target. */
  end: number;
  /** UTF-8 bytes of the text before escaping, U+FFFD included. */
  textBytes: number;
}

/**
 * Copies `source[from, to)` into `target[at, end)` as the content of a JSON string, quotes not included: the bytes of
 * `JSON.stringify(new TextDecoder().decode(source))`. Invalid UTF-8 becomes U+FFFD as WHATWG says.
 * False when it does not fit: then `copied` is untouched, nothing at or after `end` is written, and what lies in `[at, end)` is undefined.
 */
export function escapeJson(
  source: Buffer,
  from: number,
  to: number,
  target: Buffer,
  at: number,
  end: number,
  copied: Copied,
): boolean {
  return copyText(source, from, to, target, at, end, escapedSize, copied);
}

/** As `escapeJson`, but only invalid UTF-8 is replaced: nothing is escaped. */
export function repairUtf8(
  source: Buffer,
  from: number,
  to: number,
  target: Buffer,
  at: number,
  end: number,
  copied: Copied,
): boolean {
  return copyText(source, from, to, target, at, end, unescapedSize, copied);
}

const unescapedSize = Uint8Array.from(escapedSize, (size) => Math.min(size, 1));

/** The escape of each ASCII byte that needs one, e.g. `\u001b`. */
const escapes: readonly Buffer[] = Array.from(escapedSize, (size, byte) =>
  Buffer.from(size > 1 ? JSON.stringify(String.fromCharCode(byte)).slice(1, -1) : ''),
);
const replacement = Buffer.from('\ufffd');

/** `sizes` says which bytes pass as they are (1), are escaped (more), or begin a sequence (0). */
function copyText(
  source: Buffer,
  from: number,
  to: number,
  target: Buffer,
  at: number,
  end: number,
  sizes: Uint8Array,
  copied: Copied,
): boolean {
  // No byte takes less room than it had (even a broken sequence has at most the 3 bytes of U+FFFD), so most overflows are seen at once.
  if (to - from > end - at) return false;
  let position = at;
  let textBytes = to - from;
  let run = from;
  let i = from;
  while (i < to) {
    const byte = source[i]!;
    const size = sizes[byte]!;
    if (size === 1) {
      i++;
      continue;
    }
    let sequence = 1;
    if (size === 0) {
      sequence = sequenceAt(source, i, to);
      if (sequence > 0) {
        i += sequence;
        continue;
      }
      textBytes += replacement.length + sequence;
    }
    const instead = size === 0 ? replacement : escapes[byte]!;
    if (i - run + instead.length > end - position) return false;
    position = copyRun(source, run, i, target, position);
    position = copyRun(instead, 0, instead.length, target, position);
    i += Math.abs(sequence);
    run = i;
  }
  if (to - run > end - position) return false;
  copied.end = copyRun(source, run, to, target, position);
  copied.textBytes = textBytes;
  return true;
}

/** Below this length the call into native code costs more than a loop. */
const shortRun = 32;

function copyRun(source: Buffer, from: number, to: number, target: Buffer, at: number): number {
  if (to - from > shortRun) {
    source.copy(target, at, from, to);
    return at + to - from;
  }
  let position = at;
  for (let i = from; i < to; i++) target[position++] = source[i]!;
  return position;
}
