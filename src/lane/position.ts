import type { Part } from '../types/record.js';

/**
 * Where in a line the reading stands. Mostly at the start of one; or inside one (`lineStart >= 0`) whose beginning was shipped already, because it is
 * longer than the limit or stayed unterminated past its time-out. What follows is then a numbered part of the same line.
 */
export class LinePosition {
  constructor(
    public lineStart: number,
    public part: number,
  ) {}

  get inside(): boolean {
    return this.lineStart >= 0;
  }

  /** The line ended: the next byte starts another. */
  end(): void {
    this.lineStart = -1;
    this.part = 0;
  }

  /** The piece at `offset` was shipped, and the line goes on. */
  goOn(offset: number): void {
    if (!this.inside) this.lineStart = offset;
    this.part += 1;
  }

  /**
   * `log.part` of the piece at `offset`. A whole line has none; neither has the first piece of an unterminated line (`open`): it mostly turns
   * out to have been the whole.
   */
  partOf(offset: number, piece: 'whole' | 'cut' | 'open'): Part | undefined {
    if (!this.inside && piece !== 'cut') return undefined;
    return { offset: this.inside ? this.lineStart : offset, index: this.part, last: piece === 'whole' };
  }
}
