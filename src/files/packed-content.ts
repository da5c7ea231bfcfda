import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Content } from './content.js';
import { unpackZstd } from './zstd/unpack.js';

/** How a rotator compressed a file. */
export type Packing = 'gzip' | 'zstd';

/** A name that rotators give to what they compressed. Whether it is that, its first bytes say. */
export const isPackedName = (path: string): boolean => /\.(?:gz|zst)$/.test(path);

/** By the first four bytes; undefined: neither. */
export function packingOf(magic: Buffer): Packing | undefined {
  if (magic[0] === 0x1f && magic[1] === 0x8b) return 'gzip';
  // A zstd frame, or one of those to be skipped before it.
  const isZstd = magic.readUInt32LE(0) === 0xfd2fb528 || (magic.readUInt32LE(0) & 0xfffffff0) >>> 0 === 0x184d2a50;
  return isZstd ? 'zstd' : undefined;
}

/** The unpacked bytes as a stream; errors when the data is wrong or ends too early. @throws RefusedError (in the stream) */
export const unpack = (packed: Content, packing: Packing): Readable =>
  packing === 'gzip' ? unpackGzip(packed) : unpackZstd(packed);

/**
 * A finished compressed file, read unpacked. Positions mostly go forward, so one decompressor is kept where it stands; a step back starts it anew.
 * `size` is known from a whole pass that proved it whole (`examinePacked`).
 */
export class PackedContent implements Content {
  private stream: AsyncIterator<Buffer> | undefined;
  private source: Readable | undefined;
  private position = 0;
  private rest: Buffer = Buffer.alloc(0);
  private turn: Promise<unknown> = Promise.resolve();
  constructor(
    private readonly packed: Content,
    private readonly size: number,
    private readonly packing: Packing,
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
    if (this.stream === undefined || position < this.position) this.begin();
    let total = 0;
    while (total < length) {
      if (this.rest.length === 0) {
        const next = await this.next();
        if (next === undefined) break;
        this.rest = next;
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

  private begin(): void {
    this.source?.destroy();
    this.source = unpack(this.packed, this.packing);
    this.stream = this.source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    this.position = 0;
    this.rest = Buffer.alloc(0);
  }

  /** The next unpacked bytes; undefined at the end. */
  private async next(): Promise<Buffer | undefined> {
    try {
      const next = await this.stream?.next();
      return next?.done === false ? next.value : undefined;
    } catch (error) {
      // A stream that failed says ever after that it is at its end, which would look like a file that was cut off.
      this.stream = undefined;
      throw error;
    }
  }
}

/** Members one after the other; errors when the data or a trailer (length, CRC) is wrong. */
function unpackGzip(packed: Content): Readable {
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
