import type { FileSystem } from './file-system.js';

/** The readable bytes of one open file. One per file, shared by all lanes: reads are positioned, so they don't disturb each other. */
export interface Content {
  /** Size now, in readable (unpacked) bytes, and how many names the file has. @throws system errors */
  look(): { readonly size: number; readonly mtimeMs: number; readonly links: number };
  /** Reads up to `length` bytes at `position` of the content into `target[at…]`. 0 at the end. @throws system errors */
  read(target: Buffer, at: number, length: number, position: number): Promise<number>;
  close(): void;
}

export class PlainContent implements Content {
  private reading = 0;
  private closing = false;
  constructor(
    private readonly fs: FileSystem,
    readonly descriptor: number,
  ) {}

  look(): { size: number; mtimeMs: number; links: number } {
    return this.fs.fstat(this.descriptor);
  }

  async read(target: Buffer, at: number, length: number, position: number): Promise<number> {
    this.reading += 1;
    try {
      let total = 0;
      while (total < length) {
        const count = await this.fs.read(this.descriptor, target, at + total, length - total, position + total);
        if (count === 0) break;
        total += count;
        // A short read is not the end of the file. Its size tells, and costs a hundredth of another read that finds nothing.
        if (total < length && position + total >= this.look().size) break;
      }
      return total;
    } finally {
      this.reading -= 1;
      if (this.closing && this.reading === 0) this.fs.close(this.descriptor);
    }
  }

  /** A descriptor number is reused at once, so it is closed only when no read is under way. */
  close(): void {
    if (this.closing) return;
    this.closing = true;
    if (this.reading === 0) this.fs.close(this.descriptor);
  }
}
