import { anchorBytes } from '../files/identity.js';

/** The lane's one read area: the anchor's bytes, then what is read. Nothing in it outlives a turn. */
export class ReadArea {
  /** Where what is read begins; the anchor lies just before. */
  static readonly start = anchorBytes;
  readonly bytes: Buffer;
  readonly capacity: number;

  constructor(turnBytes: number, maxLineBytes: number) {
    // Room for the longest line, its end, and a byte that shows that a line is longer.
    this.capacity = Math.max(turnBytes, maxLineBytes + 16);
    this.bytes = Buffer.allocUnsafeSlow(ReadArea.start + this.capacity);
  }
}
