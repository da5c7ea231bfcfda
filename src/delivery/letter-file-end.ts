import { letterId } from './dead-letter.js';
import type { OpenFile } from './disk.js';
import { letterLines } from './letter-lines.js';

/** This much of the end of a file is looked at for a line's start at once, and is the longest line that may lack its end only. */
const tailBytes = 1024 * 1024;
/** This much of the end of a file is read for the ids of its last letters. */
const idsBytes = 16 * 1024 * 1024;

/**
 * Cuts the last line of a file of letters off when it is torn (the process died while it wrote), and ends it when it is whole but for its line end (a person's
 * editor). Returns the size then.
 */
export async function mendLastLine(handle: OpenFile, size: number): Promise<number> {
  const start = await lineStart(handle, size);
  if (start === size) return size;
  if (size - start <= tailBytes && letterId((await readRange(handle, start, size)).toString('utf8')) !== undefined) {
    await handle.write(Buffer.from('\n'), 0, 1);
    return size + 1;
  }
  await handle.truncate(start);
  return start;
}

/** The ids of the last letters of a file of `size` bytes, oldest first: `most` of them, and those within its last 16 MiB. */
export async function lastIds(handle: OpenFile, size: number, most: number): Promise<string[]> {
  const ids: string[] = [];
  // The first line may have begun before the part that is read: then it is no letter.
  for await (const { letter } of letterLines(handle, Math.max(0, size - idsBytes), size)) {
    if (letter === undefined) continue;
    ids.push(letter.id);
    if (ids.length >= 2 * most) ids.splice(0, most);
  }
  return ids.slice(-most);
}

/** Where the line begins that the last byte before `size` belongs to; `size` when that byte is a line end, or there is none. */
async function lineStart(handle: OpenFile, size: number): Promise<number> {
  for (let to = size; to > 0;) {
    const from = Math.max(0, to - tailBytes);
    const newline = (await readRange(handle, from, to)).lastIndexOf(10);
    if (newline >= 0) return from + newline + 1;
    to = from;
  }
  return 0;
}

/** Bytes [from, to) of a file; fewer when it has become shorter. */
async function readRange(handle: OpenFile, from: number, to: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(to - from);
  for (let done = 0; done < bytes.length;) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, from + done);
    if (bytesRead === 0) return bytes.subarray(0, done);
    done += bytesRead;
  }
  return bytes;
}
