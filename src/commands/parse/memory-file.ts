import { anchorBytes } from '../../files/identity.js';
import { SourceFile } from '../../files/source-file.js';

/** What is piped or pasted, as a file that a tailer reads: only what it may still read is kept. */
export class MemoryFile {
  readonly source: SourceFile;
  /** Bytes from offset `base` on. */
  private window: Buffer = Buffer.alloc(0);
  private base = 0;
  /** A place in the window and the number of its line, so that counting goes on from there. */
  private countedAt = 0;
  private countedLine = 1;

  constructor(name: string, nowMs: number) {
    const stat = { device: '', inode: '', birthNs: '', size: 0, mtimeMs: nowMs, kind: 'file' as const };
    this.source = new SourceFile('0'.repeat(24), name, stat, { length: 0, hash: '' }, nowMs, 0, {
      contentOf: (file) => Promise.resolve(file.content),
      changed: () => {},
      failed: (_file, error) => {
        throw error;
      },
    });
    this.source.content = {
      look: () => ({ size: this.source.size, mtimeMs: nowMs, links: 1 }),
      read: (target, at, length, position) => {
        const from = position - this.base;
        return Promise.resolve(this.window.copy(target, at, from, Math.min(this.window.length, from + length)));
      },
      close: () => {},
    };
  }

  append(bytes: Buffer): void {
    this.window = this.window.length === 0 ? bytes : Buffer.concat([this.window, bytes]);
    this.source.grow(this.source.size + bytes.length, 0);
  }

  /** Nothing before `offset` is read again, but for what vouches for the place. */
  forget(offset: number): void {
    const keep = Math.max(this.base, offset - anchorBytes);
    this.lineAt(keep);
    this.window = this.window.subarray(keep - this.base);
    this.base = keep;
  }

  /** Number of the line, from 1, that the byte at `offset` is in. */
  lineAt(offset: number): number {
    const from = Math.min(this.countedAt, offset) - this.base;
    const to = Math.max(this.countedAt, offset) - this.base;
    const ends = countLineEnds(this.window, from, to);
    this.countedLine += offset < this.countedAt ? -ends : ends;
    this.countedAt = offset;
    return this.countedLine;
  }

  /** A copy of the bytes. */
  bytes(from: number, to: number): Buffer {
    return Buffer.from(this.window.subarray(from - this.base, to - this.base));
  }
}

export function countLineEnds(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a, from); at !== -1 && at < to; at = bytes.indexOf(0x0a, at + 1)) count++;
  return count;
}
