import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
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

/**
 * A finished gzip file, read unpacked. Positions mostly go forward, so one decompressor is kept where it stands; a step back starts it anew.
 * `size` is known from a whole pass that checked the trailer (`inspectGzip`).
 */
export class GzipContent implements Content {
  private stream: AsyncIterator<Buffer> | undefined;
  private source: Readable | undefined;
  private position = 0;
  private rest: Buffer = Buffer.alloc(0);
  private turn: Promise<unknown> = Promise.resolve();
  constructor(
    private readonly packed: PlainContent,
    private readonly size: number,
  ) {}

  look(): { size: number; mtimeMs: number; links: number } {
    const { mtimeMs, links } = this.packed.look();
    return { size: this.size, mtimeMs, links };
  }

  read(target: Buffer, at: number, length: number, position: number): Promise<number> {
    const next = this.turn.then(() => this.readInTurn(target, at, length, position));
    this.turn = next.catch(() => {});
    return next;
  }

  close(): void {
    this.source?.destroy();
    this.packed.close();
  }

  private async readInTurn(target: Buffer, at: number, length: number, position: number): Promise<number> {
    if (this.stream === undefined || position < this.position) {
      this.source?.destroy();
      this.source = unpack(this.packed);
      this.stream = this.source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
      this.position = 0;
      this.rest = Buffer.alloc(0);
    }
    let total = 0;
    while (total < length) {
      if (this.rest.length === 0) {
        const next = await this.stream.next();
        if (next.done === true) break;
        this.rest = next.value;
      }
      const skip = Math.min(this.rest.length, Math.max(0, position - this.position));
      const take = Math.min(this.rest.length - skip, length - total);
      this.rest.copy(target, at + total, skip, skip + take);
      this.position += skip + take;
      this.rest = this.rest.subarray(skip + take);
      total += take;
    }
    return total;
  }
}

/** The unpacked bytes of a gzip file as a stream; errors when the data or its trailer (length, CRC) is wrong. */
export function unpack(packed: PlainContent): Readable {
  async function* chunks(): AsyncGenerator<Buffer> {
    let position = 0;
    for (;;) {
      const chunk = Buffer.allocUnsafe(65_536);
      const count = await packed.read(chunk, 0, chunk.length, position);
      if (count === 0) return;
      position += count;
      yield chunk.subarray(0, count);
    }
  }
  const source = Readable.from(chunks(), { objectMode: false, highWaterMark: 65_536 });
  const gunzip = createGunzip({ chunkSize: 65_536 });
  source.on('error', (error) => gunzip.destroy(error));
  gunzip.on('close', () => source.destroy());
  return source.pipe(gunzip);
}
