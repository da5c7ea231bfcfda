import { escapedSize } from '../types/json-escapes.js';
import { sequenceAt } from '../types/utf8.js';

const replacementBytes = 3;

/**
 * Length of the longest beginning of a UTF-8 text `[from, to)` that takes at most `maxEncoded` bytes inside a JSON string, repaired where it is not
 * UTF-8. It ends between characters (a broken sequence counts as one) and holds at least one, if the text is not empty.
 */
export function partLength(bytes: Buffer, from: number, to: number, maxEncoded: number): number {
  let room = maxEncoded;
  let at = from;
  while (at < to) {
    let size = escapedSize[bytes[at]!]!;
    let length = 1;
    if (size === 0) {
      const sequence = sequenceAt(bytes, at, to);
      length = Math.abs(sequence);
      size = sequence > 0 ? length : replacementBytes;
    }
    room -= size;
    if (room < 0 && at > from) break;
    at += length;
  }
  return at - from;
}
