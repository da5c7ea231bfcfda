import assert from 'node:assert/strict';
import type { Anchor } from '../files/identity.js';
import type { Place } from '../files/place.js';
import type { SourceFile } from '../files/source-file.js';
import { emptyLedger, type Ledger, type StoredCursor, type StoredRange } from '../types/stored.js';

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
 *
 * A lane that has jumped ahead in the file (`CATCH_UP=newest-first`) has two: this one begins where the jump came down, and `behind` is what follows from
 * before. Until that has come as far, cursor and ledger are those of `behind`, and what this one has passed is a range above the cursor.
 */
export class Watermark {
  private readonly stretches: Stretch[] = [];
  private reached: Anchor;
  private lineStart: number;
  private part: number;
  private readonly counted: Ledger;
  /** Where it began: not 0 only above a gap. */
  private readonly start: number;
  /** The watermark of the gap below `start`; undefined: there is none. */
  private below: Watermark | undefined;

  /** @param behind what `cursor` begins above; a range without it would leave bytes out */
  constructor(cursor: StoredCursor | StoredRange | undefined, behind?: Watermark) {
    this.reached = { offset: cursor?.offset ?? 0, hash: cursor?.anchor ?? '', length: cursor?.anchorLength ?? 0 };
    this.lineStart = cursor?.lineStart ?? -1;
    this.part = cursor?.part ?? 0;
    this.counted = { ...(cursor?.ledger ?? emptyLedger()) };
    this.start = behind !== undefined && cursor !== undefined && 'start' in cursor ? cursor.start : 0;
    this.below = behind;
  }

  /** First byte without a final outcome. */
  get cursor(): Anchor {
    return this.below?.cursor ?? this.reached;
  }

  /** The cursor, and the range above it that has its outcome. */
  get position(): Place {
    const { below, start, reached } = this;
    return below === undefined ? reached : { ...below.cursor, ahead: { start, offset: reached.offset } };
  }

  /** Where what is read next begins when nothing is under way: beyond `cursor` while there is a gap. */
  get top(): Anchor {
    return this.reached;
  }

  /** Outcomes of the bytes before `cursor`. */
  get ledger(): Readonly<Ledger> {
    return this.below?.ledger ?? this.counted;
  }

  /** Bytes above the cursor that have their outcome. */
  get bytesAhead(): number {
    return this.below === undefined ? 0 : this.reached.offset - this.start;
  }

  /** True while something that was read has no outcome yet. */
  get busy(): boolean {
    return this.stretches.length > 0 || this.below?.busy === true;
  }

  /** True when the gap has come as far as the place above it: the range is then part of what the cursor has passed. Once. */
  merge(): boolean {
    const { below, counted } = this;
    if (below === undefined || below.busy || below.cursor.offset < this.start) return false;
    assert(below.cursor.offset === this.start, 'a gap ends where the range above it begins');
    counted.delivered += below.counted.delivered;
    counted.deadLettered += below.counted.deadLettered;
    counted.leftOut += below.counted.leftOut;
    counted.dropped += below.counted.dropped;
    this.below = undefined;
    return true;
  }

  /** Adds what a turn read. A stretch without records moves the cursor at once when nothing is before it. */
  add(stretch: Stretch): boolean {
    const end = this.stretches.at(-1)?.to.offset ?? this.reached.offset;
    assert(stretch.from === end && stretch.to.offset >= end, 'stretches follow each other without gaps');
    this.stretches.push(stretch);
    return this.advance();
  }

  /** Moves over all resolved stretches at the front. True when it moved. */
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
      this.counted.dropped += dropped;
      this.counted.deadLettered += dead;
      this.counted.delivered += delivered;
      this.counted.leftOut += bytes - dropped - dead - delivered;
      this.reached = first.to;
      this.lineStart = first.lineStart;
      this.part = first.part;
      first.joint?.passed(first);
      moved = true;
    }
  }

  /** What is under way got no outcome, and its bytes are not to be had again: they count as dropped once `advance` passes them. Returns how many. */
  giveUp(): number {
    let bytes = this.below?.giveUp() ?? 0;
    for (const [index, stretch] of this.stretches.entries()) {
      const { from, to, pending, deliveredBytes, deadBytes, droppedBytes } = stretch;
      if (pending === 0) continue;
      const lost = Math.max(0, to.offset - from - deliveredBytes - deadBytes - droppedBytes);
      // The other end of a joint may well be read again.
      this.stretches[index] = { ...stretch, pending: 0, droppedBytes: droppedBytes + lost, joint: undefined };
      bytes += lost;
    }
    return bytes;
  }

  stored(): StoredCursor {
    if (this.below === undefined) return this.place;
    // A range of no bytes is a place to go on from all the same: a jump is made once.
    return { ...this.below.stored(), ahead: { start: this.start, ...this.place } };
  }

  private get place(): Omit<StoredCursor, 'ahead'> {
    const { offset, hash, length } = this.reached;
    const { lineStart, part } = this;
    return { offset, anchor: hash, anchorLength: length, lineStart, part, ledger: { ...this.counted } };
  }
}
