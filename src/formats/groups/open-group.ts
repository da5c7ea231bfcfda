import type { LogRecord } from '../../types/record.js';
import type { Format } from '../format.js';
import type { Parsed } from '../parsed.js';
import type { Wrapping } from './part-groups.js';

/** A whole line that is kept: its text, the place of its raw bytes, and what was around it. */
export interface KeptLine {
  readonly start: number;
  readonly end: number;
  readonly text: Buffer;
  readonly from: number;
  readonly to: number;
  readonly wrapping: Wrapping | undefined;
  /** Blank lines before it. */
  readonly blanks: number;
  /** What it is by itself. */
  readonly parsed: Parsed;
}

const smallestBuffer = 4096;

/**
 * Lines that belong together, in the making. As long as they follow each other in the read area they are a stretch of it; lines that do not (wrapped
 * ones, other lines between them) are copied into a buffer of the group's own, with `\n` between them.
 */
export class OpenGroup {
  readonly start: number;
  /** What the first line is by itself, and what was around it. */
  readonly parsed: Parsed;
  readonly wrapping: Wrapping | undefined;
  /** End of the raw bytes of its last line. */
  end: number;
  lines = 1;
  /** Lines in a row that belong to it only because nothing else is known of them. */
  loose = 0;
  /** Its last line is such a one: the next may show that it belongs, as the place below the name of a Go function does. */
  isInDoubt = false;
  /** Blank lines behind its last line: they belong to it if another line does. */
  blanks = 0;
  /** Lines that belong to it if another one does. */
  waiting: KeptLine[] = [];
  text: Buffer;
  from: number;
  to: number;
  private isOwn = false;
  /** End of the last raw line that was seen, blank ones included, as long as they all follow each other. */
  private seen: number;
  private follows = true;

  constructor(
    first: KeptLine,
    /** The format of the first line; undefined: it is text. */
    readonly format: Format | undefined,
  ) {
    this.parsed = first.parsed;
    this.wrapping = first.wrapping;
    this.start = first.start;
    this.end = first.end;
    this.seen = first.end;
    this.text = first.text;
    this.from = first.from;
    this.to = first.to;
  }

  get bytes(): number {
    return this.to - this.from;
  }

  /** Its last line belongs to it for sure, and so do those before. */
  tighten(): void {
    this.loose = 0;
    this.isInDoubt = false;
  }

  /** A blank line came behind it. */
  skip({ start, end }: Pick<LogRecord, 'start' | 'end'>): void {
    this.see(start, end);
    this.blanks += 1;
  }

  /** Takes in a line, after those that waited, with the blank lines before it. */
  append(line: KeptLine): void {
    this.see(line.start, line.end);
    for (const kept of this.waiting) this.join(kept);
    this.waiting = [];
    this.join(line);
    this.blanks = 0;
  }

  /** Keeps a line of which a later one decides whether it belongs to the group. */
  wait(line: KeptLine): void {
    this.see(line.start, line.end);
    this.waiting.push(line);
    this.blanks = 0;
  }

  private see(start: number, end: number): void {
    this.follows &&= start === this.seen;
    this.seen = end;
  }

  private join(line: KeptLine): void {
    if (this.follows && !this.isOwn && line.text === this.text && line.wrapping === undefined) this.to = line.to;
    else this.copy(line);
    this.end = line.end;
    this.lines += 1;
  }

  private copy({ text, from, to, blanks }: KeptLine): void {
    const used = this.to - this.from;
    const needed = used + blanks + 1 + (to - from);
    if (!this.isOwn || needed > this.text.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(smallestBuffer, needed, used * 2));
      this.text.copy(larger, 0, this.from, this.to);
      this.text = larger;
      this.from = 0;
      this.to = used;
      this.isOwn = true;
    }
    this.text.fill(0x0a, used, used + blanks + 1);
    text.copy(this.text, used + blanks + 1, from, to);
    this.to = needed;
  }
}
