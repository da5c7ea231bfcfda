import { heapArena, piece, type Arena } from '../kernel/arena.js';
import { anchorBytes } from '../files/identity.js';

/** The lane's one read area: the anchor's bytes, then what is read. Nothing in it outlives a turn. */
export class ReadArea {
  /** Where what is read begins; the anchor lies just before. */
  static readonly start = anchorBytes;
  readonly bytes: Buffer;
  readonly capacity: number;

  constructor(turnBytes: number, maxLineBytes: number, arena: Arena = heapArena) {
    this.capacity = ReadArea.capacityFor(turnBytes, maxLineBytes);
    this.bytes = arena.bytes(ReadArea.start + this.capacity);
  }

  /** What it takes of a `MemoryArena`, in bytes. */
  static size(turnBytes: number, maxLineBytes: number): number {
    return piece(ReadArea.start + ReadArea.capacityFor(turnBytes, maxLineBytes));
  }

  /** Room for the longest line, its end, and a byte that shows that a line is longer. */
  private static capacityFor(turnBytes: number, maxLineBytes: number): number {
    return Math.max(turnBytes, maxLineBytes + 16);
  }
}
