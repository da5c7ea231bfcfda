import { basename } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { askPositions } from '../../../src/commands/checkpoints/asked-positions.js';
import type { TorturedAgent } from './agent.js';
import type { Arrivals } from './arrivals.js';
import type { WriterJournal } from './journal.js';
import type { Truth } from './truth.js';

export interface SafetyParts {
  readonly agent: TorturedAgent;
  readonly truth: Truth;
  readonly stateDir: string;
  readonly arrivals: Readonly<Record<string, Arrivals>>;
  readonly commitIntervalMs: number;
  readonly nowMs: () => number;
  readonly stop: AbortSignal;
}

/** Of each file and output: how far it is, and how much there is. */
type Places = ReadonlyMap<string, { readonly writer: string; readonly offset: number; readonly size: number }>;

/** So long without a commit, and nothing is to be committed. */
const noCommitMs = 10_000;
const askEveryMs = 500;
const lookEveryMs = 50;

/** Knows when nothing that was written can be lost to the agent any more, whatever becomes of the file and of the process. */
export class Safety {
  #asked: { readonly atMs: number; readonly places: Promise<Places | undefined> } | undefined;

  constructor(private readonly parts: SafetyParts) {}

  #isOver(): boolean {
    return this.parts.stop.aborted;
  }

  /** Resolves when every line of the writer below `count` is at every output; false when the run ends before. */
  isDelivered(writer: WriterJournal, count: number): Promise<boolean> {
    return this.#until(() => Object.values(this.parts.arrivals).every((one) => one.completeTo(writer) >= count));
  }

  /**
   * Resolves when the agent's position is behind them, too, and on its disk. What was delivered says nothing of it: the run that did it may have been
   * killed before its commit, and the next one may not have come that far again.
   */
  async isSafe(writer: WriterJournal, count: number): Promise<boolean> {
    if (!(await this.isDelivered(writer, count))) return false;
    const { agent } = this.parts;
    while (!this.#isOver()) {
      const { run } = agent;
      // Until then it knows of no file.
      await agent.ready().catch(() => {});
      const known = await this.#places();
      if (known === undefined || !(await this.#haveReached(writer, known, run))) continue;
      const isCommitted = this.commitAfter();
      await this.#until(() => agent.run !== run || isCommitted());
      if (agent.run === run && !this.#isOver()) return true;
    }
    return false;
  }

  /** Two commits from now on, of which the second began after this call; or a while without any, as where nothing is to be committed none comes. */
  commitAfter(): () => boolean {
    const { truth, nowMs, commitIntervalMs } = this.parts;
    const from = truth.commits;
    const quietAtMs = nowMs() + 3 * commitIntervalMs + noCommitMs;
    return () => truth.last?.state.durable === true && (truth.commits >= from + 2 || nowMs() > quietAtMs);
  }

  /** Every output has come to where the writer's files ended when they were `known`. False when the agent ended before. */
  async #haveReached(writer: WriterJournal, known: Places, run: number): Promise<boolean> {
    const { agent } = this.parts;
    const behind = [...known].filter(([, place]) => place.writer === writer.id && place.offset < place.size);
    for (;;) {
      if (agent.run !== run || this.#isOver()) return false;
      const now = behind.length === 0 ? known : await this.#places();
      if (now !== undefined && behind.every(([key, { size }]) => (now.get(key)?.offset ?? Infinity) >= size))
        return agent.run === run;
      await wait(lookEveryMs);
    }
  }

  /** What the agent says, not older than this call by more than its own time to answer; undefined: it does not. One answer serves all who wait for one. */
  async #places(): Promise<Places | undefined> {
    const { nowMs, stateDir } = this.parts;
    const dueMs = (this.#asked?.atMs ?? -Infinity) + askEveryMs;
    if (nowMs() < dueMs) await wait(dueMs - nowMs());
    // Somebody else may have asked by then.
    if (this.#asked === undefined || nowMs() >= this.#asked.atMs + askEveryMs)
      this.#asked = { atMs: nowMs(), places: placesOf(stateDir) };
    return await this.#asked.places;
  }

  async #until(isSo: () => boolean): Promise<boolean> {
    while (!isSo()) {
      if (this.#isOver()) return false;
      await wait(lookEveryMs);
    }
    return true;
  }
}

async function placesOf(stateDir: string): Promise<Places | undefined> {
  const places = new Map<string, { writer: string; offset: number; size: number }>();
  try {
    const positions = await askPositions(stateDir);
    if (positions === undefined) return undefined;
    for await (const { output, fileId, path, offset, size } of positions.positions())
      places.set(`${output} ${fileId}`, { writer: /^w\d+/.exec(basename(path))?.[0] ?? '', offset, size });
    return places;
  } catch {
    return undefined; // it starts, or was killed
  }
}
