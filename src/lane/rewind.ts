import { anchorAt, anchorBytes, noAnchor, type Anchor } from '../files/identity.js';
import type { SourceFile } from '../files/source-file.js';
import type { Ledger, StoredCursor } from '../types/stored.js';

/** What is read at once on the way back to the start of a line. */
const stepBytes = 64 * 1024;

/**
 * The cursor moved back to the start of the line that holds the byte at `wanted`. undefined: the output has not come further than that, and a cursor is
 * never moved on. Which of the bytes taken back were delivered, dead-lettered and so on is not known byte by byte: see `takenBack`.
 * @throws Error when the file can't be read now
 */
export async function rewound(
  file: SourceFile,
  cursor: StoredCursor,
  wanted: number,
): Promise<StoredCursor | undefined> {
  if (wanted >= cursor.offset) return undefined;
  const { offset, hash, length } = await anchorOf(file, await lineStart(file, wanted));
  // Read last: what vouches for the old position vouches for what was read before. A content that is another one by now is never found out without it.
  const old = { offset: cursor.offset, hash: cursor.anchor, length: cursor.anchorLength };
  await readWhole(file, Buffer.alloc(old.length), 0, old);
  const ledger = without(cursor.ledger, takenBack(cursor.ledger, cursor.offset - offset));
  return { offset, anchor: hash, anchorLength: length, lineStart: -1, part: 0, ledger };
}

/**
 * What a rewind by `bytes` takes out of a ledger, so that offset = delivered + dead-lettered + left out + dropped holds again: of what was delivered first,
 * then of what was left out, dead-lettered, dropped. Of a rewind to the beginning that is exact.
 */
export function takenBack(ledger: Readonly<Ledger>, bytes: number): Ledger {
  let rest = bytes;
  const take = (available: number): number => {
    const taken = Math.min(available, rest);
    rest -= taken;
    return taken;
  };
  const delivered = take(ledger.delivered);
  const leftOut = take(ledger.leftOut);
  const deadLettered = take(ledger.deadLettered);
  return { delivered, leftOut, deadLettered, dropped: take(ledger.dropped) };
}

const without = (ledger: Readonly<Ledger>, part: Readonly<Ledger>): Ledger => ({
  delivered: ledger.delivered - part.delivered,
  deadLettered: ledger.deadLettered - part.deadLettered,
  leftOut: ledger.leftOut - part.leftOut,
  dropped: ledger.dropped - part.dropped,
});

/** Offset of the first byte of the line that holds the byte at `wanted`. */
async function lineStart(file: SourceFile, wanted: number): Promise<number> {
  const unit = file.encoding.startsWith('utf-16') ? 2 : 1;
  const bytes = Buffer.alloc(stepBytes);
  for (let end = wanted - (wanted % unit); end > 0;) {
    const length = Math.min(stepBytes, end);
    await readWhole(file, bytes, length, unproven(end - length));
    const after = afterLineEnd(bytes.subarray(0, length), file.encoding);
    if (after >= 0) return end - length + after;
    end -= length;
  }
  return 0;
}

/** Index just after the last line end in `bytes`, -1: there is none. They begin at a character of the file. */
function afterLineEnd(bytes: Buffer, encoding: string): number {
  if (!encoding.startsWith('utf-16')) return bytes.lastIndexOf(0x0a) + 1 || -1;
  const [first, second] = encoding === 'utf-16le' ? [0x0a, 0] : [0, 0x0a];
  for (let at = bytes.length - 2; at >= 0; at -= 2) if (bytes[at] === first && bytes[at + 1] === second) return at + 2;
  return -1;
}

async function anchorOf(file: SourceFile, offset: number): Promise<Anchor> {
  const length = Math.min(anchorBytes, offset);
  if (length === 0) return noAnchor;
  const bytes = Buffer.alloc(length);
  await readWhole(file, bytes, length, unproven(offset - length));
  return anchorAt(bytes, length, offset, length);
}

const unproven = (offset: number): Anchor => ({ offset, hash: '', length: 0 });

/** Reads the anchor's bytes and what follows them into `target`. */
async function readWhole(file: SourceFile, target: Buffer, length: number, anchor: Anchor): Promise<void> {
  const count = await file.read(target, anchor.length, length, anchor);
  if (count !== length) throw new Error(file.problem === '' ? 'its bytes can not be had any more' : file.problem);
}
