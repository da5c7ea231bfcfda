import type { SourceFile } from '../files/source-file.js';
import type { Clock } from '../types/clock.js';
import type { Processing } from './filler.js';
import type { Tailer } from './tailer.js';

export interface OpenEndsOptions {
  readonly partialLineTimeoutMs: number;
  readonly groupTimeoutMs: number;
  readonly clock: Clock;
  readonly tailers: ReadonlyMap<string, Tailer>;
  /** Undefined: nothing is held back. */
  readonly processing: Processing | undefined;
}

/** A renamed or deleted file's open last line waits this long for more. */
const movedLineTimeoutMs = 5000;
/** A group at the end of a file whose name another file has waits this long for more of it; the other file waits with it. */
const succeededGroupMs = 1000;

/** When what waits at the ends of a lane's files (open lines and groups, summaries) is shipped as it is. Times are monotonic ms. */
export class OpenEnds {
  /** Open last lines count as finished after this quiet time, ms, while draining. */
  flushAfterMs: number | undefined;

  constructor(private readonly options: OpenEndsOptions) {}

  /** When what is open at the end of a file is shipped as it is. */
  flushDueAt(tailer: Tailer): number {
    return Math.min(this.groupDueAt(tailer), this.lineDueAt(tailer));
  }

  isFlushDue(tailer: Tailer, now: number): boolean {
    return tailer.stalled && !tailer.unfinished && this.flushDueAt(tailer) <= now;
  }

  /** Up to which offset what is open is shipped now: Infinity for the open line as well, -1 for nothing. */
  flushTo(tailer: Tailer, now: number): number {
    if (tailer.stalled && !tailer.unfinished && this.lineDueAt(tailer) <= now) return Infinity;
    return this.groupDueAt(tailer) <= now ? tailer.openEnd : -1;
  }

  /** The one whose first lines may belong to the group at the end of this one. */
  successorOf(tailer: Tailer): Tailer | undefined {
    if (!tailer.endsOpen || tailer.jointSize === Infinity) return undefined;
    const { file } = tailer;
    if (file.successor?.predecessor !== file) return undefined;
    const known = this.options.tailers.get(file.successor.fileId);
    const next = known?.gap ?? known;
    return next?.isFresh === true ? next : undefined;
  }

  /** There is more to see of the file's successor than when it was last asked whether the group goes on there. */
  isJoinDue(tailer: Tailer): boolean {
    const next = this.successorOf(tailer);
    return next !== undefined && next.file.size > tailer.jointSize;
  }

  /** When what was held back of a file is told of: at once when it is quiet and the process is about to end. */
  summaryDueAt(tailer: Tailer): number {
    const dueAt = this.options.processing?.summaryDueAt(tailer.file.fileId) ?? Infinity;
    if (dueAt === Infinity || this.flushAfterMs === undefined || tailer.ready) return dueAt;
    return Math.min(dueAt, tailer.file.grownAt + this.flushAfterMs);
  }

  hasSummaries(fileId: string): boolean {
    return (this.options.processing?.summaryDueAt(fileId) ?? Infinity) < Infinity;
  }

  /** The time for which summaries are asked: all are due when the file's are brought forward. */
  summaryDueNow(tailer: Tailer): number {
    const now = this.options.clock.monotonic();
    return this.flushAfterMs !== undefined && this.summaryDueAt(tailer) <= now ? Infinity : now;
  }

  /** An open group waits for its own stream: other lines may come all the time. */
  private groupDueAt(tailer: Tailer): number {
    const { file, openEnd, succeededAt } = tailer;
    const { groupTimeoutMs } = this.options;
    if (openEnd < 0) return Infinity;
    const next = tailer.jointEnd < 0 ? undefined : this.successorOf(tailer);
    if (next !== undefined) {
      const nextGrownAt = next.file.seenAt(tailer.jointEnd - 1) ?? next.file.grownAt;
      return Math.min(nextGrownAt + groupTimeoutMs, this.quietAt(next.file));
    }
    const grownAt = file.seenAt(openEnd - 1) ?? file.grownAt;
    return Math.min(grownAt + groupTimeoutMs, succeededAt + succeededGroupMs, this.quietAt(file));
  }

  private lineDueAt({ file, hasOpenLine }: Tailer): number {
    return hasOpenLine ? Math.min(file.grownAt + this.options.partialLineTimeoutMs, this.quietAt(file)) : Infinity;
  }

  /** When a file that does not grow is taken as finished, because it has another name now or the process is about to end. */
  private quietAt(file: SourceFile): number {
    const moved = file.state === 'open' ? Infinity : movedLineTimeoutMs;
    return file.grownAt + Math.min(moved, this.flushAfterMs ?? Infinity);
  }
}
