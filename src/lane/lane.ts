import type { DropReason, Looks, Reader } from '../files/reader.js';
import type { SourceFile } from '../files/source-file.js';
import { placeOf, type Place } from '../files/place.js';
import type { Delivery } from '../delivery/delivery.js';
import type { Pipeline } from '../processing/pipeline.js';
import type { Limits } from '../types/batch.js';
import type { Clock } from '../types/clock.js';
import type { CatchUpMode } from '../types/configuration.js';
import type { Log } from '../types/log.js';
import type { LineParser } from '../types/parser.js';
import { turnBytes } from '../types/lane-size.js';
import { newRecord, type LogRecord } from '../types/record.js';
import { CatchUp } from './catch-up.js';
import { emptyLedger, type Ledger, type StoredCursor } from '../types/stored.js';
import { dropTexts } from './drop-texts.js';
import { lagBytes, lagSeconds, pendingBytes, sumOf } from './figures.js';
import { Filler } from './filler.js';
import type { BytePath } from './byte-path.js';
import type { LaneBatch } from './lane-batch.js';
import type { LaneMemory } from './memory.js';
import { OpenEnds } from './open-ends.js';
import { Pace } from './pace.js';
import { ProcessingFiller } from './processing-filler.js';
import type { ReadArea } from './read-area.js';
import { Tailer, type TailerOptions } from './tailer.js';
import { Wakeup } from './wakeup.js';

export interface LaneOptions {
  readonly name: string;
  readonly type: string;
  readonly limits: Limits;
  readonly makeParser: (remembered: string) => LineParser;
  readonly memory: LaneMemory;
  readonly batchMaxBytes: number;
  readonly batchMaxWaitMs: number;
  readonly maxLineBytes: number;
  readonly partialLineTimeoutMs: number;
  readonly groupTimeoutMs: number;
  /** Left out: `oldest-first`. */
  readonly catchUp?: CatchUpMode | undefined;
  readonly cursors: ReadonlyMap<string, StoredCursor>;
  /** The lane that this one takes over from: what was counted since the start goes on. */
  readonly former?: Lane | undefined;
  readonly putCursor: (fileId: string, cursor: StoredCursor) => void;
  readonly learned: (file: SourceFile) => void;
  readonly looks: Looks;
  /** Log-derived metrics: the counts by level of files at a path. Left out: not counted. */
  readonly levelsOf?: ((path: string) => Float64Array) | undefined;
  /** What is done to records before they are written; left out: nothing. */
  readonly pipeline?: Pipeline | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly delivery: (lane: Lane) => Delivery<LaneBatch>;
}

/** A file that could not be read just now is left alone for so long. */
const unreadablePauseMs = 100;
/** A batch that does not get full by then goes as it is: holes and blank lines may be read for long and give no record. */
const fillMs = 250;
/** So many files keep their parser, 7 KiB each. */
const parsersKept = 256;
/** Work that finds nobody at it for this long means that the lane is wedged. */
const wedgedMs = 60_000;

/**
 * One output's journey: it pulls bytes from the files when it has room for a batch, so nothing is read until the output can take it.
 *
 *     read ─▶ frame ─▶ parse ─▶ batch ─▶ send ─▶ commit        (tailer: read to batch; delivery: send; watermark: commit)
 */
export class Lane implements Reader {
  readonly name: string;
  readonly delivery: Delivery<LaneBatch>;
  /** Lines without a record and bytes dropped, since the start, by reason. */
  readonly leftOut: Map<string, number>;
  readonly dropped: Map<string, number>;
  /** Bytes taken back by rewinds since the start, by the outcome that they had. */
  readonly rewound: Ledger;
  /** Monotonic ms of the last drop; undefined before the first. */
  droppedAt: number | undefined;
  private readonly tailers = new Map<string, Tailer>();
  private ofTailers: TailerOptions | undefined;
  /** Tailers that have a parser, those with the latest turns last. */
  private readonly parsing = new Set<Tailer>();
  /** Cursors of files that no tailer reads now (lost, or not met yet). */
  private readonly resting: Map<string, StoredCursor>;
  private readonly free: LaneBatch[];
  private readonly area: ReadArea;
  private readonly bytePath: BytePath | undefined;
  private readonly filler: Filler;
  private readonly record: LogRecord;
  private readonly pace: Pace;
  private readonly ends: OpenEnds;
  private readonly catchUp: CatchUp;
  private readonly work = new Wakeup();
  private readonly room = new Wakeup();
  private batchBytes: number;
  private bodyBytes = Infinity;
  /** Tailers that have a turn in the present round; in turn order. */
  private round = new Set<Tailer>();
  private waitingForWorkSince: number | undefined;

  constructor(private readonly options: LaneOptions) {
    this.name = options.name;
    this.leftOut = options.former?.leftOut ?? new Map<string, number>();
    this.dropped = options.former?.dropped ?? new Map<string, number>();
    this.rewound = options.former?.rewound ?? emptyLedger();
    this.droppedAt = options.former?.droppedAt;
    this.resting = new Map(options.cursors);
    this.batchBytes = Math.min(options.batchMaxBytes, options.limits.batchBytes);
    const { area, batches, bytePath, encode } = options.memory;
    this.area = area;
    this.free = batches;
    // The kernel does not tell the levels of what it takes, and processing needs fields.
    this.bytePath = options.levelsOf === undefined && options.pipeline === undefined ? bytePath : undefined;
    const { limits, pipeline, clock } = options;
    const batchLimit = (): number => this.batchBytes;
    const bodyLimit = (): number => this.bodyBytes;
    this.filler =
      pipeline === undefined
        ? new Filler(encode, limits, batchLimit, bodyLimit)
        : new ProcessingFiller({ encode, limits, batchBytes: batchLimit, bodyBytes: bodyLimit, pipeline, clock });
    this.pace = new Pace(options.batchMaxWaitMs, options.clock);
    this.ends = new OpenEnds({ ...options, tailers: this.tailers, processing: this.filler.processing });
    this.catchUp = new CatchUp({
      ...options,
      mode: options.catchUp ?? 'oldest-first',
      batchBytes: batchLimit,
      jumped: (ahead) => void this.tailers.set(ahead.file.fileId, ahead),
    });
    this.record = newRecord();
    this.delivery = options.delivery(this);
  }

  // ── the loop ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Ships until `stop` is aborted. Batches under way are then still settled by `delivery`, as long as its own signal lets it. */
  async run(stop: AbortSignal, abandon: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      if (!(await this.waitForWork(stop))) continue;
      const batch = await this.freeBatch(stop);
      if (batch === undefined) return;
      const begun = this.options.clock.monotonic();
      await this.fill(batch, stop);
      if (batch.count === 0) {
        this.release(batch);
        continue;
      }
      this.pace.started(begun);
      await this.delivery.submit(batch, abandon);
    }
  }

  /** True when a batch should be started now. */
  private async waitForWork(stop: AbortSignal): Promise<boolean> {
    const { clock, looks } = this.options;
    const waitMs = this.pace.remainingMs;
    // What grew is of interest when a batch may start, not with each event. That one got full before, the file table's own looks will tell.
    let timerMs = !looks.isLookDue ? Infinity : waitMs > 0 ? waitMs : looks.look();
    this.work.forget(); // what it woke for is looked at now
    const now = clock.monotonic();
    let unread = 0;
    const ready: Tailer[] = [];
    for (const tailer of this.readers()) {
      if (tailer.unread > 0 && tailer.pausedUntil > now) timerMs = Math.min(timerMs, tailer.pausedUntil - now);
      else if (
        tailer.ready ||
        this.ends.isJoinDue(tailer) ||
        this.ends.isFlushDue(tailer, now) ||
        this.ends.summaryDueAt(tailer) <= now
      ) {
        ready.push(tailer);
        unread += tailer.unread;
      } else {
        timerMs = Math.min(timerMs, this.ends.summaryDueAt(tailer) - now);
        if (tailer.stalled && !tailer.unfinished) timerMs = Math.min(timerMs, this.ends.flushDueAt(tailer) - now);
      }
    }
    // A round that is not over goes on at once; who is ready by now joins it behind the others.
    if (this.round.size > 0 || (ready.length > 0 && (waitMs <= 0 || unread >= this.batchBytes))) {
      for (const tailer of ready) this.round.add(tailer);
      this.waitingForWorkSince = undefined;
      return true;
    }
    this.waitingForWorkSince = ready.length > 0 ? (this.waitingForWorkSince ?? now) : undefined;
    await this.work.wait(ready.length > 0 ? Math.min(waitMs, timerMs) : timerMs, stop);
    return false;
  }

  private async freeBatch(stop: AbortSignal): Promise<LaneBatch | undefined> {
    for (;;) {
      const batch = this.free.pop();
      if (batch !== undefined) return batch;
      if (stop.aborted) return undefined;
      await this.room.wait(Infinity, stop);
    }
  }

  /** Gives the files of the round turns, one after the other, until the batch is full, all have nothing more, or it has taken long enough. */
  private async fill(batch: LaneBatch, stop: AbortSignal): Promise<void> {
    const { clock, limits } = this.options;
    const until = clock.monotonic() + fillMs;
    while (!stop.aborted && clock.monotonic() < until) {
      const next = this.catchUp.next(this.round);
      if (next === undefined) return;
      const tailer = await this.ahead(next);
      // Taken out first: a file that has more goes to the end of the round.
      this.round.delete(tailer);
      let flush = this.ends.flushTo(tailer, clock.monotonic());
      tailer.summarize(batch, this.filler, this.ends.summaryDueNow(tailer));
      const successor = flush >= 0 || this.ends.isJoinDue(tailer) ? this.ends.successorOf(tailer) : undefined;
      if (successor !== undefined) {
        const join = await tailer.join(successor, this.area, batch, this.filler, this.record, flush >= 0);
        if (join === 'full') this.round.add(tailer);
        if (join === 'unreadable') tailer.pausedUntil = clock.monotonic() + unreadablePauseMs;
        if (join === 'full' || !batch.hasRoomForTurn || (limits.singleFile && batch.count > 0)) {
          if (join === 'apart') this.round.add(tailer);
          return;
        }
        if (join !== 'apart') continue;
        flush = tailer.openEnd;
      }
      if (!tailer.ready && flush < 0) {
        if (limits.singleFile && batch.count > 0) return;
        continue;
      }
      const turn = await tailer.turn(this.area, batch, this.filler, this.record, flush);
      this.keepParser(tailer);
      const sameFile = limits.singleFile && batch.count > 0;
      // What fits into no batch that others began gets one of its own; a batch of one file is filled from that.
      if (turn === 'no-room' || (turn === 'more' && sameFile)) {
        this.round = new Set([tailer, ...this.round]);
        this.catchUp.pin(tailer);
      } else if (turn === 'more' || turn === 'full') this.round.add(tailer);
      if (turn === 'unreadable') tailer.pausedUntil = clock.monotonic() + unreadablePauseMs;
      if (turn === 'full' || turn === 'no-room' || !batch.hasRoomForTurn || (sameFile && turn !== 'more')) return;
    }
  }

  /** Of thousands of files most rest: the parsers of those that were read last are kept. */
  private keepParser(tailer: Tailer): void {
    this.parsing.delete(tailer);
    this.parsing.add(tailer);
    if (this.parsing.size <= parsersKept) return;
    const [longest] = this.parsing;
    if (longest === undefined) return;
    this.parsing.delete(longest);
    longest.releaseParser();
  }

  /** The one that has the turn: where the lane jumps ahead in the file, the one that goes on there; the other comes after the rest of the round. */
  private async ahead(tailer: Tailer): Promise<Tailer> {
    const ahead = await this.catchUp.jump(tailer, this.area, this.record);
    if (ahead === undefined) return tailer;
    this.round.delete(tailer);
    this.round.add(tailer);
    return ahead;
  }

  /** All who read: of a file in which the lane has jumped ahead, two. */
  private *readers(): Iterable<Tailer> {
    for (const tailer of this.tailers.values()) {
      yield tailer;
      if (tailer.gap !== undefined) yield tailer.gap;
    }
  }

  private release(batch: LaneBatch): void {
    batch.clear();
    this.free.push(batch);
    this.room.wake();
  }

  // ── what delivery reports ──────────────────────────────────────────────────────────────────────────────────────────────────────

  settled(batch: LaneBatch): void {
    this.release(batch);
  }

  /** The records stay without an outcome: the cursor does not pass them, and the next start reads them again. */
  abandoned(): void {
    this.work.wake();
  }

  lowerBatchBytes(bytes: number): void {
    if (bytes >= this.bodyBytes) return;
    this.bodyBytes = Math.max(1, bytes);
    this.batchBytes = Math.min(this.batchBytes, this.bodyBytes);
    this.options.log.warn(
      { output: this.name, bytes: this.batchBytes },
      'the destination refused a body as too large: batches stay smaller from now on',
    );
  }

  // ── draining ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Batches don't wait any more, and an open last line is shipped once its file has been quiet for `quietMs`. */
  hurry(quietMs: number): void {
    this.ends.flushAfterMs = quietMs;
    this.pace.hurry();
    this.work.wake();
  }

  /** The process is about to end: as `hurry`, and a waiting request gets an attempt at once. */
  beginDrain(quietMs: number): void {
    this.hurry(quietMs);
    this.delivery.beginDrain();
  }

  /** Everything that can be read was read and has its final outcome. */
  get isDrained(): boolean {
    for (const { file, isDone, unfinished, watermark } of this.tailers.values())
      if (watermark.busy || this.ends.hasSummaries(file.fileId) || (file.readable && !isDone && !unfinished))
        return false;
    return true;
  }

  // ── what the file table asks and tells ─────────────────────────────────────────────────────────────────────────────────────────

  position(fileId: string): Place | undefined {
    const tailer = this.tailers.get(fileId);
    if (tailer !== undefined) return tailer.watermark.position;
    const cursor = this.resting.get(fileId);
    return cursor && placeOf(cursor);
  }

  isDone(file: SourceFile): boolean {
    const tailer = this.tailers.get(file.fileId);
    if (tailer !== undefined) return tailer.isDone;
    const cursor = this.resting.get(file.fileId);
    // Of a file that was given up before this lane met it, nothing is to be had.
    if (cursor === undefined) return file.state === 'gone';
    return cursor.offset >= file.size;
  }

  added(file: SourceFile): void {
    const tailer = this.tailerOf(file);
    const now = this.options.clock.monotonic();
    if (file.predecessor !== undefined) this.tailers.get(file.predecessor.fileId)?.succeeded(now);
    // Found again after the one that has its name.
    if (file.successor !== undefined && this.tailers.has(file.successor.fileId)) tailer.succeeded(now);
    this.work.wake();
  }

  changed(): void {
    this.work.wake();
  }

  drop(file: SourceFile, reason: DropReason): void {
    const bytes = this.tailerOf(file).drop();
    if (bytes > 0) this.lost(file, bytes, reason);
    this.work.wake();
  }

  lost(file: SourceFile, bytes: number, reason: DropReason): void {
    this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + bytes);
    this.droppedAt = this.options.clock.monotonic();
    this.options.log.error(
      { code: 'BYTES_DROPPED', output: this.name, path: file.path, bytes, reason },
      dropTexts[reason],
    );
  }

  forgotten(file: SourceFile): void {
    const tailer = this.tailers.get(file.fileId);
    if (tailer !== undefined) this.parsing.delete(tailer);
    this.tailers.delete(file.fileId);
    this.resting.delete(file.fileId);
    this.filler.processing?.forget(file.fileId);
  }

  /** START_AT=end: what the file held when it was `size` bytes long counts as left out. */
  async skipTo(file: SourceFile, size: number): Promise<void> {
    await this.tailerOf(file).skipTo(size);
  }

  /** As `storedCursors`, when nothing is under way any more: what was given up of a file that can't be read again is lost. */
  handOver(): Map<string, StoredCursor> {
    for (const tailer of this.tailers.values()) {
      const bytes = tailer.file.state === 'gone' ? tailer.giveUp() : 0;
      if (bytes > 0) this.lost(tailer.file, bytes, 'truncated');
    }
    return this.storedCursors();
  }

  /** The cursors as they are now, for the lane that takes over. */
  storedCursors(): Map<string, StoredCursor> {
    const cursors = new Map(this.resting);
    for (const [fileId, { watermark }] of this.tailers) cursors.set(fileId, watermark.stored());
    return cursors;
  }

  /** Of all tailers: there may be thousands. */
  private tailerOptions(): TailerOptions {
    const { maxLineBytes, makeParser, clock, learned, levelsOf, putCursor } = this.options;
    return {
      maxLineBytes,
      turnBytes,
      longTurns: true,
      makeParser,
      now: () => clock.now(),
      learned,
      moved: (moved) => {
        const { fileId } = moved.file;
        const whole = this.tailers.get(fileId) ?? moved;
        whole.closeGap();
        putCursor(fileId, whole.watermark.stored());
        this.work.wake();
      },
      leftOut: (reason, count) => this.leftOut.set(reason, (this.leftOut.get(reason) ?? 0) + count),
      predecessorDone: (file) => this.predecessorDone(file),
      bytePath: this.bytePath,
      levelsOf,
    };
  }

  private tailerOf(file: SourceFile): Tailer {
    const known = this.tailers.get(file.fileId);
    if (known !== undefined) return known;
    const cursor = this.resting.get(file.fileId);
    this.ofTailers ??= this.tailerOptions();
    const first = new Tailer(file, cursor, this.ofTailers);
    const tailer = cursor?.ahead === undefined ? first : first.jump(cursor.ahead);
    tailer.closeGap();
    this.resting.delete(file.fileId);
    this.tailers.set(file.fileId, tailer);
    return tailer;
  }

  /** A file under an old name starts after the old one's end was reached once; one that can't be read holds nothing up. */
  private predecessorDone({ predecessor }: SourceFile): boolean {
    if (predecessor === undefined || !predecessor.readable || predecessor.problem !== '') return true;
    if (this.catchUp.newestFirst && predecessor.packed) return true;
    const tailer = this.tailers.get(predecessor.fileId);
    return tailer === undefined || tailer.reachedEnd || tailer.unread === 0;
  }

  // ── what health shows ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Offset and lag in bytes of each file that can be read. */
  offsetOf(file: SourceFile): number {
    return this.position(file.fileId)?.offset ?? 0;
  }

  /** Bytes of the file beyond that offset that have their outcome. */
  bytesAhead(file: SourceFile): number {
    return this.tailers.get(file.fileId)?.watermark.bytesAhead ?? 0;
  }

  /** How the file's records were read since this lane met it. */
  readingsOf(file: SourceFile): { readonly records: number; readonly parsed: number } {
    return this.tailers.get(file.fileId)?.readings ?? { records: 0, parsed: 0 };
  }

  get lagBytes(): number {
    return lagBytes(this.tailers.values());
  }

  get pendingBytes(): number {
    return pendingBytes(this.tailers.values());
  }

  /** Bytes that could be shipped and were not; half a character at the end of a file could not. */
  get shortfallBytes(): number {
    let rest = 0;
    for (const tailer of this.tailers.values()) if (tailer.unfinished && !tailer.watermark.busy) rest += tailer.unread;
    return this.lagBytes - rest;
  }

  /** True when `size` bytes of the file have their outcome, or what is left of them can't be shipped. */
  isShipped(file: SourceFile, size: number): boolean {
    const tailer = this.tailers.get(file.fileId);
    return this.offsetOf(file) >= size || (tailer?.unfinished === true && !tailer.watermark.busy);
  }

  get lagSeconds(): number {
    return lagSeconds(this.tailers.values(), this.options.clock.monotonic());
  }

  /** Sum over the files that are known; those that were forgotten are not in it. */
  get ledger(): Ledger {
    const known = [...this.tailers.values()].map(({ watermark }) => watermark.ledger);
    return sumOf([...known, ...[...this.resting.values()].map(({ ledger }) => ledger)]);
  }

  /** There is work, and nobody was at it for a minute although nothing outside is waited for. */
  get isWedged(): boolean {
    const since = this.waitingForWorkSince;
    return since !== undefined && this.options.clock.monotonic() - since > wedgedMs + this.options.batchMaxWaitMs * 2;
  }
}
