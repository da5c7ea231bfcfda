/** Memory of fixed size, given out once and never given back: for one lane all there is. */
export interface Arena {
  bytes(length: number): Buffer;
  /** Columns of numbers, all zero. */
  uint32(length: number): Uint32Array;
  float64(length: number): Float64Array;
}

/** Each piece its own allocation: where the kernel can't be had, and for what it never writes. */
export const heapArena: Arena = {
  // Not filled and not of the shared pool: the system gives pages only as they are written.
  bytes: (length) => Buffer.allocUnsafeSlow(length),
  uint32: (length) => new Uint32Array(length),
  float64: (length) => new Float64Array(length),
};

/** Behind every piece: the kernel loads and stores 16 bytes at a time and may pass a piece's end by less than this. It means nothing. */
export const slackBytes = 64;

/** What a piece of so many bytes takes of a `MemoryArena`. */
export const piece = (bytes: number): number => Math.ceil(bytes / 16) * 16 + slackBytes;

/** Pieces of one buffer, from `at` on. */
export class MemoryArena implements Arena {
  constructor(
    private readonly memory: ArrayBuffer,
    private at: number,
  ) {}

  bytes(length: number): Buffer {
    return Buffer.from(this.memory, this.take(length), length);
  }

  uint32(length: number): Uint32Array {
    return new Uint32Array(this.memory, this.take(length * 4), length);
  }

  float64(length: number): Float64Array {
    return new Float64Array(this.memory, this.take(length * 8), length);
  }

  private take(bytes: number): number {
    const start = this.at;
    this.at += piece(bytes);
    if (this.at > this.memory.byteLength)
      throw new RangeError(`the lane's memory is ${this.at - this.memory.byteLength} bytes too small`);
    return start;
  }
}
