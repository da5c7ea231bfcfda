import type { OpenFile } from './disk.js';
import { readLetter, type StoredLetter } from './stored-letter.js';

/** A letter and where its line stands in the file, line end included. `letter` is undefined where the line can't be read. */
export interface LetterLine {
  readonly start: number;
  readonly end: number;
  readonly letter: StoredLetter | undefined;
}

/** So much of a file is read at once, in bytes. */
const blockBytes = 256 * 1024;
const lineFeed = 0x0a;
const blank = 0x20;

/**
 * The letters of [from, to) of a file, in order, a line in memory at a time. Left out: lines that were blanked (`LetterPass`), and a last line without
 * its end, which somebody is just writing. What comes in between and is no letter is given without one, so that nobody loses it.
 */
export async function* letterLines(file: OpenFile, from: number, to: number): AsyncGenerator<LetterLine> {
  let start = from;
  let begun: Buffer[] = [];
  for (let at = from; at < to;) {
    const block = Buffer.allocUnsafe(Math.min(blockBytes, to - at));
    const { bytesRead } = await file.read(block, 0, block.length, at);
    if (bytesRead === 0) return;
    let used = 0;
    for (let end = block.indexOf(lineFeed); end !== -1 && end < bytesRead; end = block.indexOf(lineFeed, used)) {
      const piece = block.subarray(used, end);
      const line = begun.length === 0 ? piece : Buffer.concat([...begun, piece]);
      begun = [];
      used = end + 1;
      const next = at + used;
      const letter = readLetter(line.toString('utf8'));
      // A line that was only half blanked when the machine stopped begins with a blank and is no letter any more.
      if (letter !== undefined || (line.length > 0 && line[0] !== blank)) yield { start, end: next, letter };
      start = next;
    }
    if (used < bytesRead) begun.push(block.subarray(used, bytesRead));
    at += bytesRead;
  }
}
