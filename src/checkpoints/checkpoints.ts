import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { systemClock } from '../types/clock.js';
import type { Clock } from '../types/clock.js';
import type { Log } from '../types/log.js';
import { emptyLedger } from '../types/stored.js';
import type { Checkpoints, CheckpointStatus, Ledger, StoredCursor, StoredFile, StoredState } from '../types/stored.js';
import { Contents } from './contents.js';
import { openDatabase } from './database.js';
import type { Opened, Place } from './database.js';
import { Doubt } from './doubt.js';
import { cursorKey, fileKey, outputKey } from './keys.js';
import { addsUp } from './reading.js';
import { removePid } from './state-dir.js';
import { levelDatabase } from './store.js';
import type { Database, Store } from './store.js';

export interface CheckpointOptions {
  /** Made when missing; the database is in its folder `checkpoints`. */
  readonly stateDir: string;
  /** ms from a change to its synced write, which it shares with all changes in between. */
  readonly commitIntervalMs: number;
  readonly log: Log;
  readonly clock?: Clock;
  /** The port for faults. */
  readonly database?: Database;
}

/**
 * Opens the checkpoints of a state directory. A directory that can't be used is no error: then positions live in memory (`status.durable` is
 * false, `state.fresh` is 'rebuilt', since nobody can say that this start is the first), and it is tried again every 30 s.
 * @throws AgentError STATE_LOCKED when another agent has the directory.
 */
export async function openCheckpoints(options: CheckpointOptions): Promise<Checkpoints> {
  const { stateDir, commitIntervalMs, log, clock = systemClock, database = levelDatabase } = options;
  const place: Place = { stateDir, database, log, now: () => clock.now() };
  const kept = new KeptCheckpoints(place, clock, commitIntervalMs, await openDatabase(place));
  await kept.begin();
  return kept;
}

/** How long to wait before a directory that could not be opened at the start is tried again; the longest wait after a failed write. */
const reopenMs = 30_000;

/**
 * Durable: the database is open, changes wait up to a commit interval. A failed write or opening leads to memory: the database is closed,
 * changes collect by key, and a retry (after the commit interval, then twice as long each time, at most 30 s) opens it again and writes all
 * that differs. Closed: disposed of, after a last attempt.
 */
class KeptCheckpoints implements Checkpoints {
  readonly state: StoredState;
  readonly #place: Place;
  readonly #clock: Clock;
  readonly #commitIntervalMs: number;
  readonly #contents: Contents;
  readonly #status = { durable: true, lastCommitMs: undefined as number | undefined, problem: '', errors: 0 };
  /** Keys whose record differs from what is on the disk, or may. */
  #unsaved = new Set<string>();
  readonly #doubt: Doubt;
  /** How many identities ended, and how many of these the disk knows of. */
  #ends = 0;
  #endsStored = 0;
  #store: Store | undefined;
  #retryMs: number;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #timerSet = false;
  readonly #closed = new AbortController();

  constructor(place: Place, clock: Clock, commitIntervalMs: number, opened: Opened) {
    this.#place = place;
    this.#clock = clock;
    this.#commitIntervalMs = commitIntervalMs;
    this.#retryMs = reopenMs;
    const open = opened.kind === 'open';
    const contents = open ? opened.contents : new Contents();
    this.#contents = contents;
    this.#store = open ? opened.store : undefined;
    this.#unsaved = new Set(open ? opened.stale : contents.keys());
    this.#doubt = new Doubt(place.stateDir);
    const isDoubtful = this.#doubt.isRaised;
    if (isDoubtful) this.#disbelieve();
    this.state = {
      get files() {
        return [...contents.files.values()];
      },
      cursors: contents.cursors,
      forgotten: contents.forgotten,
      // A cursor says the same: a damaged log may have kept the one record and lost the other.
      outputs: new Set([...contents.outputs.keys(), ...contents.cursors.keys()]),
      fresh: open && !isDoubtful ? opened.fresh : 'rebuilt',
    };
    if (!open) this.#suffer(opened.problem);
  }

  get status(): CheckpointStatus {
    return this.#status;
  }

  /** Writes what opening has changed: a directory that can't be written is seen now and not with the first commit. */
  async begin(): Promise<void> {
    if (this.#store !== undefined && this.#unsaved.size > 0) await this.#flush();
    else if (this.#store !== undefined) this.#doubt.settle();
    this.#schedule();
  }

  /** What is stored of files is not believed: all of them are new, and read from their beginning. */
  #disbelieve(): void {
    const { log, stateDir } = this.#place;
    log.warn({ stateDir }, 'files changed while the disk was full, and then the agent was killed: all are read again');
    for (const fileId of [...this.#contents.files.keys()])
      for (const key of this.#contents.forget(fileId)) this.#unsaved.add(key);
  }

  /** An identity ended. Where the disk does not take it, a doubt is left there. */
  #end(): void {
    this.#ends += 1;
    if (this.#store === undefined) this.#doubt.raise();
  }

  putFiles(files: readonly StoredFile[]): Promise<void> {
    for (const file of files) {
      this.#contents.files.set(file.fileId, file);
      this.#unsaved.add(fileKey(file.fileId));
      if (file.gone) this.#end();
    }
    return this.commit();
  }

  putCursor(output: string, fileId: string, cursor: StoredCursor): void {
    assert(addsUp(cursor), `the ledger of ${output} does not add up to its offset ${cursor.offset}`);
    // A copy, since the write comes later: a ledger that its lane counts on would no longer fit the offset.
    this.#contents.putCursor(output, fileId, { ...cursor, ledger: { ...cursor.ledger } });
    this.#change([cursorKey(output, fileId)]);
  }

  forget(fileId: string): void {
    this.#change(this.#contents.forget(fileId));
    this.#end();
  }

  forgetOutput(output: string): void {
    this.#change(this.#contents.forgetOutput(output));
  }

  nameOutputs(outputs: readonly string[], forgetAfterMs: number): void {
    const now = this.#clock.now();
    for (const output of outputs) this.#contents.outputs.set(output, now);
    this.#change(outputs.map(outputKey));
    for (const [output, lastUsed] of this.#contents.outputs)
      if (!outputs.includes(output) && now - lastUsed >= forgetAfterMs) this.forgetOutput(output);
  }

  forgottenLedger(output: string): Readonly<Ledger> {
    return this.#contents.forgotten.get(output) ?? emptyLedger();
  }

  /** While positions live in memory this resolves at once: the retry writes them, and nobody waits for a disk that is known to be bad. */
  async commit(): Promise<void> {
    if (this.#store !== undefined && this.#unsaved.size > 0) await this.#flush();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort();
    if (this.#unsaved.size > 0 || this.#store === undefined) await this.#flush();
    else await this.#running;
    const store = this.#store;
    this.#store = undefined;
    if (store === undefined) return;
    try {
      await removePid(this.#place.stateDir);
      await store.close();
    } catch (error) {
      this.#place.log.warn(
        { error: String(error) },
        'the checkpoints could not be closed; all that was written is safe',
      );
    }
  }

  #change(keys: readonly string[]): void {
    for (const key of keys) this.#unsaved.add(key);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#timerSet || this.#closed.signal.aborted) return;
    if (this.#status.durable && this.#unsaved.size === 0) return;
    this.#timerSet = true;
    const waitMs = this.#status.durable ? this.#commitIntervalMs : this.#retryMs;
    void this.#clock.wait(waitMs, this.#closed.signal).then(async () => {
      this.#timerSet = false;
      if (!this.#closed.signal.aborted) await this.#flush();
    });
  }

  /** One write at a time; whoever comes while one runs, or in the same turn of the event loop, shares the next. Never rejects. */
  #flush(): Promise<void> {
    this.#next ??= (async () => {
      await Promise.all([this.#running, setImmediate()]);
      this.#next = undefined;
      this.#running = this.#attempt();
      await this.#running;
    })();
    return this.#next;
  }

  async #attempt(): Promise<void> {
    try {
      this.#store ??= await this.#reopen();
      await this.#write(this.#store);
      this.#recover();
    } catch (error) {
      const store = this.#store;
      this.#store = undefined;
      this.#suffer(error instanceof Error ? error.message : String(error));
      // The log of a database whose write failed may end in half a batch, behind which nothing would be found again.
      await store?.close().catch(() => {});
    }
    this.#schedule();
  }

  /** After a failure the changes that were tried are found again by `#reopen`. */
  async #write(store: Store): Promise<void> {
    const keys = this.#unsaved;
    if (keys.size === 0) return;
    this.#unsaved = new Set();
    const ends = this.#ends;
    try {
      await store.write(new Map(Array.from(keys, (key) => [key, this.#contents.encoded(key)])));
    } catch (error) {
      if (this.#ends > this.#endsStored) this.#doubt.raise();
      throw error;
    }
    this.#endsStored = ends;
    this.#doubt.settle();
    this.#status.lastCommitMs = this.#clock.now();
  }

  /** What memory holds is the truth, since it went on while the disk did not: all that differs on the disk is to be written. */
  async #reopen(): Promise<Store> {
    const opened = await openDatabase(this.#place);
    if (opened.kind === 'unusable') throw new Error(opened.problem);
    for (const key of [...opened.contents.keys(), ...this.#contents.keys()])
      if (opened.contents.encoded(key) !== this.#contents.encoded(key)) this.#unsaved.add(key);
    for (const key of opened.stale) this.#unsaved.add(key);
    return opened.store;
  }

  #suffer(problem: string): void {
    const { log, stateDir } = this.#place;
    this.#status.errors++;
    if (this.#status.durable || this.#status.problem !== problem) {
      const message = 'positions are kept in memory: after a restart, lines that were delivered may be sent again';
      log.error({ code: 'STATE_NOT_DURABLE', stateDir, problem }, message);
    }
    // A write that fails is tried again soon, since a disk that was full may have room by then; a directory that never opened has time.
    if (this.#status.durable && this.#status.lastCommitMs !== undefined)
      this.#retryMs = Math.max(1, this.#commitIntervalMs);
    else this.#retryMs = Math.min(this.#retryMs * 2, reopenMs);
    this.#status.durable = false;
    this.#status.problem = problem;
  }

  #recover(): void {
    if (this.#status.durable) return;
    this.#status.durable = true;
    this.#status.problem = '';
    this.#place.log.info({ stateDir: this.#place.stateDir }, 'positions are on the disk again');
  }
}
