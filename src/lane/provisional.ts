/**
 * What a turn made since it last had no group open: all of it is provisional, because a group that does not end within the turn is read again from
 * its start, and what is behind that with it. Records of several streams end in another order than they begin, so the place to return to is not simply
 * where the group opened: no record may lie across it.
 */
export class Provisional {
  /** Of each record: its range in the file, and the number of records in the batch before it. */
  private starts: number[] = [];
  private ends: number[] = [];
  private counts: number[] = [];
  /** Lines without a record, and holes: where they are, and how many. */
  private leftAt: number[] = [];
  private leftCount: number[] = [];

  /** No group is open: what was made is final. */
  clear(): void {
    if (this.starts.length > 0) {
      this.starts = [];
      this.ends = [];
      this.counts = [];
    }
    if (this.leftAt.length > 0) {
      this.leftAt = [];
      this.leftCount = [];
    }
  }

  /** A record was made; the batch had `count` records before it. */
  made(start: number, end: number, count: number): void {
    this.starts.push(start);
    this.ends.push(end);
    this.counts.push(count);
  }

  /** Lines (above zero) or holes (below) at `offset` made no record. */
  left(offset: number, count: number): void {
    this.leftAt.push(offset);
    this.leftCount.push(count);
  }

  /**
   * The place, at `offset` or before it, that no record lies across, with all records before it in the batch ahead of all behind it; and how many records the
   * batch keeps, `count` if all.
   */
  safe(offset: number, count: number): { readonly offset: number; readonly count: number } {
    const { starts, ends } = this;
    for (;;) {
      let first = 0;
      while (first < ends.length && ends[first]! <= offset) first += 1;
      let lowest = offset;
      for (let record = first; record < starts.length; record += 1) lowest = Math.min(lowest, starts[record]!);
      if (lowest === offset) return { offset, count: this.counts[first] ?? count };
      offset = lowest;
    }
  }

  /** What was left out at `offset` and behind, and will be again. */
  leftFrom(offset: number): { readonly blanks: number; readonly nuls: number } {
    let blanks = 0;
    let nuls = 0;
    this.leftAt.forEach((at, i) => {
      const count = this.leftCount[i]!;
      if (at < offset) return;
      if (count > 0) blanks += count;
      else nuls -= count;
    });
    return { blanks, nuls };
  }
}
