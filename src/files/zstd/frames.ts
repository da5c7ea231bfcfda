import { Decompress } from 'fzstd';
import { Xxh64 } from './xxh64.js';

/** The frame is well, perhaps, but not to be unpacked here. */
export class UnsuitableFrame extends Error {}

/** More than `zstd -19` asks for; a window is memory, of which a sidecar has little. */
export const mostWindowBytes = 8 * 1024 * 1024;
const mostBlockBytes = 128 * 1024;

const frameMagic = 0xfd2fb528;
const skippableMagic = 0x184d2a50;

interface Frame {
  readonly decoder: Decompress;
  /** What the header says that the content is long; undefined: it does not. */
  readonly contentBytes: number | undefined;
  readonly blockBytes: number;
  /** undefined: the frame ends without a checksum. */
  readonly sum: Xxh64 | undefined;
  out: number;
}

/**
 * Unpacks zstd frames block by block, so that a small input that stands for a huge output costs no more memory than any other. fzstd decodes the blocks;
 * it verifies neither the content's checksum nor its size, and grants any window: that is done here. Between `put` and the end of `blocks` nothing more is
 * put. (RFC 8878.)
 * @throws UnsuitableFrame; any other Error when the data is broken
 */
export class ZstdFrames {
  private pending: Uint8Array = new Uint8Array(0);
  private frame: Frame | undefined;
  private skip = 0;
  private frames = 0;
  private produced: Uint8Array[] = [];

  put(bytes: Uint8Array): void {
    const joined = new Uint8Array(this.pending.length + bytes.length);
    joined.set(this.pending);
    joined.set(bytes, this.pending.length);
    this.pending = joined;
  }

  /** The content of the blocks that are there as a whole. */
  *blocks(): Generator<Uint8Array, void, undefined> {
    for (;;) {
      const taken = this.frame === undefined ? this.takeHeader() : this.takeBlock(this.frame);
      if (!taken) return;
      for (const block of this.produced.splice(0)) if (block.length > 0) yield block;
    }
  }

  /** Nothing more will come. @throws when a frame is not complete, or there was none */
  end(): void {
    if (this.frame !== undefined || this.pending.length > 0 || this.skip > 0 || this.frames === 0)
      throw new Error('the zstd data ends in the middle of a frame');
  }

  /** Takes a frame's header, or what is to be skipped. False: more bytes are needed. */
  private takeHeader(): boolean {
    if (this.skip > 0) {
      const skipped = Math.min(this.skip, this.pending.length);
      this.advance(skipped);
      this.skip -= skipped;
      return skipped > 0;
    }
    if (this.pending.length < 8) return false;
    const view = viewOf(this.pending);
    const magic = view.getUint32(0, true);
    if ((magic & 0xfffffff0) >>> 0 === skippableMagic) {
      this.skip = view.getUint32(4, true);
      this.advance(8);
      return true;
    }
    if (magic !== frameMagic) throw new Error('no zstd frame');
    const descriptor = view.getUint8(4);
    if ((descriptor & 8) !== 0) throw new Error('a reserved bit is set');
    const isSingle = (descriptor & 32) !== 0;
    const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
    const sizeBytes = descriptor >> 6 === 0 ? (isSingle ? 1 : 0) : 1 << (descriptor >> 6);
    const length = 5 + (isSingle ? 0 : 1) + dictionaryBytes + sizeBytes;
    if (this.pending.length < length) return false;
    if (dictionaryBytes > 0) throw new UnsuitableFrame('it was compressed with a dictionary');
    const contentBytes = sizeBytes === 0 ? undefined : sizeAt(view, length - sizeBytes, sizeBytes);
    const exponent = view.getUint8(5);
    const base = 2 ** (10 + (exponent >> 3));
    const window = isSingle ? contentBytes! : base + (base / 8) * (exponent & 7);
    if (window > mostWindowBytes)
      throw new UnsuitableFrame(
        `it asks for a window of ${Math.ceil(window / 1024 ** 2)} MiB, and 8 MiB is the most (compress without --long and --ultra)`,
      );
    const header = this.pending.slice(0, length);
    // The checksum is looked at here: to fzstd the frame has none, so that its last block is its end.
    header[4] = descriptor & ~4;
    const decoder = new Decompress((block) => this.produced.push(block));
    decoder.push(header);
    const sum = (descriptor & 4) === 0 ? undefined : new Xxh64();
    this.frame = { decoder, contentBytes, blockBytes: Math.min(mostBlockBytes, window), sum, out: 0 };
    this.advance(length);
    return true;
  }

  private takeBlock(frame: Frame): boolean {
    if (this.pending.length < 3) return false;
    const [low = 0, middle = 0, high = 0] = this.pending;
    const isLast = (low & 1) !== 0;
    const kind = (low >> 1) & 3;
    const size = (low >> 3) | (middle << 5) | (high << 13);
    if (kind === 3 || size > frame.blockBytes) throw new Error('a block that can not be');
    const length = 3 + (kind === 1 ? 1 : size);
    const atEnd = isLast && frame.sum !== undefined ? 4 : 0;
    if (this.pending.length < length + atEnd) return false;
    frame.decoder.push(this.pending.slice(0, length), isLast);
    for (const block of this.produced) {
      frame.out += block.length;
      frame.sum?.add(block);
    }
    if (isLast) this.close(frame, length);
    this.advance(length + atEnd);
    return true;
  }

  private close(frame: Frame, at: number): void {
    if (frame.contentBytes !== undefined && frame.out !== frame.contentBytes) throw new Error('not as long as it says');
    if (frame.sum !== undefined && frame.sum.low32() !== viewOf(this.pending).getUint32(at, true))
      throw new Error('the checksum does not fit');
    this.frame = undefined;
    this.frames += 1;
  }

  private advance(bytes: number): void {
    this.pending = this.pending.subarray(bytes);
  }
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function sizeAt(view: DataView, at: number, bytes: number): number {
  if (bytes === 1) return view.getUint8(at);
  if (bytes === 2) return view.getUint16(at, true) + 256;
  return bytes === 4 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true));
}
