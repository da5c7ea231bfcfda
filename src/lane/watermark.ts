import assert from 'node:assert/strict';
import type { Anchor } from '../files/identity.js';
import type { SourceFile } from '../files/source-file.js';
import { emptyLedger, type Ledger, type StoredCursor } from '../types/stored.js';

/**
 * A stretch of a file that one turn read, in file order without gaps. Its records settle in any order; it is resolved when none of them is
 * pending. What belongs to no record (blank lines, a byte-order mark, swallowed line ends) is left out.
 */
export interface Stretch {
  readonly from: number;
  readonly to: Anchor;
  /** The open line at `to` whose beginning was shipped already, and the number of its next part; -1 and 0 when there is none. */
  readonly lineStart: number;
  readonly part: number;
  pending: number;
  deliveredBytes: number;
  deadBytes: number;
  droppedBytes: number;
  /** Its one record goes on in the file's successor. */
  readonly joint?: Joint | undefined;
}

/** The other end of a record that begins at the end of one file and goes on in the next. */
export interface Joint {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
  /** Their text in the file, see `Tailer.reread`. */
  readonly reread: () => Promise<Buffer | undefined>;
  /** The cursor of the first file passes its end of the record, so that of the other may do the same, with the same outcome. */
  readonly passed: (outcome: Readonly<Pick<Stretch, 'deliveredBytes' | 'deadBytes'>>) => void;
}

/**
 * The low watermark of one file in one lane: the cursor stands at the start of the first stretch that is not resolved, whatever later ones
 * are. The ledger counts positions: every byte once, when the cursor passes it.
 */
export class Watermark {
  private readonly stretches: Stretch[] = [];
  private cursorAt: Anchor;
  private lineStart: number;
  private part: number;
  readonly ledger: Ledger;

  constructor(cursor: StoredCursor | undefined) {
    this.cursorAt = { offset: cursor?.offset ?? 0, hash: cursor?.anchor ?? '', length: cursor?.anchorLength ?? 0 };
    this.lineStart = cursor?.lineStart ?? -1;
    this.part = cursor?.part ?? 0;
    this.ledger = { ...(cursor?.ledger ?? emptyLedger()) };
  }

  /** First byte without a final outcome. */
  get cursor(): Anchor {
    return this.cursorAt;
  }

  /** True while something that was read has no outcome yet. */
  get busy(): boolean {
    return this.stretches.length > 0;
  }

  /** Adds what a turn read. A stretch without records moves the cursor at once when nothing is before it. */
  add(stretch: Stretch): boolean {
    const end = this.stretches.at(-1)?.to.offset ?? this.cursorAt.offset;
    assert(stretch.from === end && stretch.to.offset >= end, 'stretches follow each other without gaps');
    this.stretches.push(stretch);
    return this.advance();
  }

  /** Moves the cursor over all resolved stretches at the front. True when it moved. */
  advance(): boolean {
    let moved = false;
    for (;;) {
      const first = this.stretches[0];
      if (first === undefined || first.pending > 0) return moved;
      this.stretches.shift();
      const bytes = first.to.offset - first.from;
      // Groups of interleaved streams overlap: the bytes of the stretch are counted once all the same.
      const dropped = Math.min(first.droppedBytes, bytes);
      const dead = Math.min(first.deadBytes, bytes - dropped);
      const delivered = Math.min(first.deliveredBytes, bytes - dropped - dead);
      this.ledger.dropped += dropped;
      this.ledger.deadLettered += dead;
      this.ledger.delivered += delivered;
      this.ledger.leftOut += bytes - dropped - dead - delivered;
      this.cursorAt = first.to;
      this.lineStart = first.lineStart;
      this.part = first.part;
      first.joint?.passed(first);
      moved = true;
    }
  }

  stored(): StoredCursor {
    const { offset, hash, length } = this.cursorAt;
    return {
      offset,
      anchor: hash,
      anchorLength: length,
      lineStart: this.lineStart,
      part: this.part,
      ledger: { ...this.ledger },
    };
  }
}
