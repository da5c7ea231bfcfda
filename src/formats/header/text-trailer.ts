import type { LogRecord } from '../../types/record.js';
import { blank, closeParen, dot, isWordCode, openParen } from '../characters.js';

const longestLogger = 120;

/**
 * The logger that Kafka's layout has at the end of a line of one: ` (kafka.log.Log)`. Returns the place of its name, counted from the text's
 * beginning, or 0; the name ends before the last byte.
 */
export function trailingLogger({ text, from, to }: LogRecord): number {
  if (text[to - 1] !== closeParen) return 0;
  let hasDot = false;
  const limit = Math.max(from + 2, to - longestLogger);
  for (let at = to - 2; at > limit; at--) {
    const byte = text[at] ?? 0;
    if (byte === dot) hasDot = true;
    else if (byte === openParen) return hasDot && text[at - 1] === blank && at + 2 < to ? at + 1 - from : 0;
    else if (!isWordCode(byte) && byte !== 0x24 && byte !== 0x2d) return 0;
  }
  return 0;
}
