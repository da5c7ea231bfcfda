import type { LogRecord, Member } from '../../types/record.js';
import type { Reading } from '../format.js';
import { contentStart } from '../line-bytes.js';

/** What a wrapper (CRI, Docker) says of the line it carries. */
export interface Wrapping {
  /** 'stdout', 'stderr' or '': the lines of each are joined apart from the others. */
  readonly stream: Stream;
  /** ms since the epoch, NaN when the wrapper has no time. */
  readonly timeMs: number;
  readonly timeText: string;
  /** True when this is a part of a line and more of it is to come. */
  readonly isPartial: boolean;
  /** Members for the record that are the wrapper's own. */
  readonly members: readonly Member[];
  readonly errorMessage: string | undefined;
}
export type Stream = 'stdout' | 'stderr' | '';

/**
 * Joins the parts that a container runtime cut a line into, per stream, and reads the whole as a line of its own.
 *
 * A stream has no group, or one that is open: a partial line opens or continues it; a full one, or reaching `maxGroupBytes`, closes it into a
 * record. What comes after a group that was closed for its size begins a group of its own. There are at most three streams, so memory is
 * at most three times `maxGroupBytes` and one line.
 */
export class PartGroups {
  readonly #maxGroupBytes: number;
  /** Fills a record from its text: the payload's own format. */
  readonly #readPayload: (record: LogRecord) => void;
  /** In the order in which they were opened. */
  readonly #open = new Map<Stream, Group>();
  /** The buffer of a group that is closed, for the next one. */
  #spare: Buffer = nothing;

  readonly #takeLine: TakeLine | undefined;

  /** `takeLine`: takes each whole payload instead, to join those that belong together. */
  constructor(maxGroupBytes: number, readPayload: (record: LogRecord) => void, takeLine?: TakeLine) {
    this.#maxGroupBytes = maxGroupBytes;
    this.#readPayload = readPayload;
    this.#takeLine = takeLine;
  }

  /** End of the oldest open group so far; -1 when none is open. */
  get openEnd(): number {
    for (const group of this.#open.values()) return group.end;
    return -1;
  }

  /** Offset of the oldest open group; Infinity when none is open. */
  get openStart(): number {
    for (const group of this.#open.values()) return group.start;
    return Infinity;
  }

  /** Takes the payload `source[from, to)` of the line `record`. Answers as LineParser's `parse`. */
  add(record: LogRecord, wrapping: Wrapping, source: Buffer, from: number, to: number): Reading {
    // A part of a line that was too long for one record is a record already.
    if (record.part === undefined) {
      let group = this.#open.get(wrapping.stream);
      if (group === undefined && wrapping.isPartial && to > from) {
        group = new Group(record.start, wrapping, this.#takeSpare());
        this.#open.set(wrapping.stream, group);
      }
      if (group !== undefined) return this.#append(group, record, wrapping, source, from, to);
    }
    record.text = source;
    record.from = from;
    record.to = to;
    return this.#complete(record, wrapping, record.start);
  }

  /** Closes the oldest open group as it is and fills `record`; false when none is open that ends at `upTo` or before. */
  flush(record: LogRecord, upTo: number): boolean {
    for (const [stream, group] of this.#open) {
      if (group.end > upTo) return false;
      this.#close(stream, group, record);
      record.part = undefined;
      this.#fill(record, group.wrapping);
      return true;
    }
    return false;
  }

  /** Forgets all groups and gives their memory back: a file that is at rest costs none. */
  reset(): void {
    this.#open.clear();
    this.#spare = nothing;
  }

  #append(group: Group, record: LogRecord, wrapping: Wrapping, source: Buffer, from: number, to: number): Reading {
    group.append(source, from, to);
    group.end = record.end;
    if (wrapping.isPartial && group.length < this.#maxGroupBytes) return 'open';
    const { start } = record;
    this.#close(wrapping.stream, group, record);
    return this.#complete(record, group.wrapping, start);
  }

  #close(stream: Stream, group: Group, record: LogRecord): void {
    this.#open.delete(stream);
    // A line that waits for the next one keeps its bytes.
    if (this.#takeLine === undefined) this.#spare = group.bytes;
    record.start = group.start;
    record.end = group.end;
    record.text = group.bytes;
    record.from = 0;
    record.to = group.length;
  }

  /** A line that is blank inside its wrapper is left out, as a blank line without one is. */
  #complete(record: LogRecord, wrapping: Wrapping, lineStart: number): Reading {
    if (this.#takeLine !== undefined && record.part === undefined) return this.#takeLine(record, lineStart, wrapping);
    if (contentStart(record) >= record.to) return 'left-out';
    this.#fill(record, wrapping);
    return 'record';
  }

  #fill(record: LogRecord, wrapping: Wrapping): void {
    this.#readPayload(record);
    addWrapping(record, wrapping);
  }

  #takeSpare(): Buffer {
    const spare = this.#spare;
    this.#spare = nothing;
    return spare;
  }
}

/** The payload's own time, level, message and members count; the wrapper adds what they lack. */
export function addWrapping(record: LogRecord, wrapping: Wrapping): void {
  if (Number.isNaN(record.timeMs)) {
    record.timeMs = wrapping.timeMs;
    record.timeText = wrapping.timeText;
  }
  record.errorMessage ??= wrapping.errorMessage;
  const taken = new Set(record.members.map(({ key }) => key));
  record.members = [...record.members, ...wrapping.members.filter(({ key }) => !taken.has(key))];
}

/** Takes a whole payload; `lineStart`: where the line began with which it was complete. */
export type TakeLine = (record: LogRecord, lineStart: number, wrapping: Wrapping) => Reading;

const nothing = Buffer.alloc(0);
const smallestGroup = 4096;

/** One line in the making: its payloads joined, the place of its raw bytes, and what the wrapper said of its first part. */
class Group {
  readonly start: number;
  readonly wrapping: Wrapping;
  end: number;
  bytes: Buffer;
  length = 0;

  constructor(start: number, wrapping: Wrapping, bytes: Buffer) {
    this.start = start;
    this.end = start;
    this.wrapping = wrapping;
    this.bytes = bytes;
  }

  append(source: Buffer, from: number, to: number): void {
    const needed = this.length + (to - from);
    if (needed > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(smallestGroup, needed, this.bytes.length * 2));
      this.bytes.copy(larger, 0, 0, this.length);
      this.bytes = larger;
    }
    source.copy(this.bytes, this.length, from, to);
    this.length = needed;
  }
}
