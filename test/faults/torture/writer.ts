import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Random } from '../../support/random.js';
import type { Journal, WriterJournal } from './journal.js';
import { LineMaker, longLine } from './line.js';
import type { PlannedWriter } from './plan.js';

/** What a writer may know of the agent and the destinations. */
export interface Surroundings {
  /** Of the agent that runs: whether it holds the file open. */
  hasOpen(path: string): boolean;
  /** Resolves when every line of the writer below `count` is at every output and its position on the agent's disk; false when the run ends before. */
  isSafe(journal: WriterJournal, count: number): Promise<boolean>;
  /** Resolves when every line below `count` is at every output. */
  isDelivered(journal: WriterJournal, count: number): Promise<boolean>;
  /** Nobody ends the agent until what it gives is called. */
  keepAgent(): () => void;
  /** The agent is in good health and has been up for a moment. */
  readonly isSettled: boolean;
}

const pauseMs = 40;
/** What tells a file from others, and a little. */
const tellableBytes = 1_100;

/** What every kind of writer is made of: lines at the planned pace, written as an application does, and the journal of them. */
export class Desk {
  readonly journal: WriterJournal;
  readonly lines: LineMaker;
  readonly folder: string;
  #owed = 0;
  #lastMs = performance.now();
  #nextRotationMs: number;
  /** The file that is written now: where it begins in the journal's bytes, and whether it is known. */
  #current = { bytes: 0, asked: false, known: false };
  /** The files before it, and whether all of each is safe. */
  readonly #past: { safe: boolean }[] = [];

  constructor(
    readonly plan: PlannedWriter,
    readonly all: Journal,
    readonly random: Random,
    root: string,
    readonly around: Surroundings,
    readonly stop: AbortSignal,
    private readonly rig: {
      /** True while the application rests, as it does when it is shut down together with the agent. */
      readonly resting: () => boolean;
      readonly happened: (what: string) => void;
    },
  ) {
    this.journal = all.open(plan.id, plan.kind);
    // log4j2 (2.25.4) itself writes `?` for a pair that lies across the end of its buffer of 2048 units.
    this.lines = new LineMaker(random, plan.kind !== 'log4j2');
    this.folder = root;
    this.#nextRotationMs = this.#lastMs + random.below(plan.rotateEveryMs) + 1_000;
  }

  at(name: string): string {
    return join(this.folder, name);
  }

  /** Waits a little; then, how many lines are due. */
  async due(): Promise<number> {
    await wait(pauseMs + this.random.below(pauseMs), undefined, { signal: this.stop }).catch(() => {});
    const now = performance.now();
    if (!this.rig.resting()) this.#owed += ((now - this.#lastMs) / 1000) * this.plan.linesPerSecond;
    this.#lastMs = now;
    // Bursts: some rounds write nothing, some a lot.
    if (this.random.oneIn(3) && this.#owed < 500) return 0;
    const lines = Math.floor(this.#owed);
    this.#owed -= lines;
    return lines;
  }

  /**
   * True when it is time to rotate; that is then over. The file must be known by then, as one that comes and goes while nobody looks was never
   * watched; and so must be what the rotation removes, the oldest of `kept` files, since without pins nobody could read it any more.
   */
  isRotationDue(kept = Infinity): boolean {
    const now = performance.now();
    if (now < this.#nextRotationMs || this.stop.aborted || !this.#current.known) return false;
    if (this.#past.length >= kept && this.#past[this.#past.length - kept]?.safe !== true) return false;
    this.#nextRotationMs = now + this.plan.rotateEveryMs * (0.5 + this.random.below(1000) / 1000);
    return true;
  }

  /** The rotation is done: from now on lines go into another file. */
  nextFile(): void {
    const { journal } = this;
    const before = { safe: false };
    this.#past.push(before);
    void this.around.isSafe(journal, journal.count).then((safe) => (before.safe = safe));
    journal.generation++;
    this.#current = { bytes: journal.bytes, asked: false, known: false };
    this.all.rotations++;
    this.rig.happened(
      `${this.plan.id} (${this.plan.kind}) rotated: file ${journal.generation} begins with line ${journal.count}`,
    );
  }

  open(name: string): number {
    return openSync(this.at(name), constants.O_CREAT | constants.O_APPEND | constants.O_WRONLY, 0o644);
  }

  /** Writes whole lines, all with one call, as a program with a buffer does; by `poisonFor` some are refused by an output. */
  write(
    descriptor: number,
    count: number,
    mark: () => { output: string; text: string } | undefined = () => undefined,
  ): void {
    if (count === 0) return;
    const { journal } = this;
    const first = journal.count;
    const poisons = Array.from({ length: count }, mark);
    const lines = poisons.map((poison, at) => this.lines.line(journal.id, first + at, poison?.text));
    writeAll(descriptor, Buffer.from(`${lines.join('\n')}\n`));
    for (const [at, line] of lines.entries()) {
      const poisonFor = poisons[at]?.output;
      journal.wrote({ bytes: Buffer.byteLength(line) + 1, ...(poisonFor === undefined ? {} : { poisonFor }) });
    }
    this.#askWhetherKnown();
  }

  /** Another program writes whole lines. The journal knows them first: they may have arrived before it says so. */
  async writeBy(program: { write(lines: readonly string[]): Promise<void> }, count: number): Promise<void> {
    if (count === 0) return;
    const { journal } = this;
    const lines = Array.from({ length: count }, (_, at) => this.lines.line(journal.id, journal.count + at));
    for (const line of lines) journal.wrote({ bytes: Buffer.byteLength(line) + 1 });
    await program.write(lines);
    this.#askWhetherKnown();
  }

  /** Writes one line in several pieces, with pauses between them. */
  async writeInPieces(descriptor: number, bytes: number, pieces: number): Promise<void> {
    const { journal } = this;
    const line = longLine(journal.id, journal.count, bytes);
    const body = Buffer.from(`${line}\n`);
    // The journal knows the line before its end is written: parts of it may arrive before that.
    journal.announce(line.length);
    let at = 0;
    for (let piece = 1; piece < pieces; piece++) {
      // Behind the number at least: before that nobody could tell whose line it is.
      const end = Math.min(body.length - 1, Math.max(at, 20) + this.random.below(Math.ceil(body.length / pieces)));
      writeAll(descriptor, body.subarray(at, end));
      at = end;
      await wait(this.random.oneIn(8) ? this.random.below(3_000) : this.random.below(60), undefined, {
        signal: this.stop,
      }).catch(() => {});
    }
    writeAll(descriptor, body.subarray(at));
    journal.wrote({ bytes: body.length });
  }

  /** A file is known from its first KiB on, once that is delivered and on the agent's disk. */
  #askWhetherKnown(): void {
    const file = this.#current;
    if (file.asked || this.journal.bytes - file.bytes < tellableBytes) return;
    file.asked = true;
    void this.around.isSafe(this.journal, this.journal.count).then((known) => (file.known = known));
  }

  close(descriptor: number): void {
    closeSync(descriptor);
  }
}

/** A regular file takes all of it, but for a full disk. */
function writeAll(descriptor: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
}
