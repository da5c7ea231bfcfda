import type { DeadLetter } from '../delivery/dead-letter.js';
import type { DeadLetters } from '../delivery/dead-letters.js';
import { Delivery } from '../delivery/delivery.js';
import type { Destination } from '../delivery/destination.js';
import type { LetterLine } from '../delivery/letter-lines.js';
import type { LetterPass } from '../delivery/letter-pass.js';
import { restated, type RefusedAgain, type StoredLetter } from '../delivery/stored-letter.js';
import { DocumentWriter } from '../kernel/document.js';
import { Slot } from '../kernel/slot.js';
import { Fate, type ItemLayout } from '../types/batch.js';
import type { Clock } from '../types/clock.js';
import { slotSize } from '../types/lane-size.js';
import type { Log } from '../types/log.js';
import { isChosen, type LetterChoice } from './choice.js';
import type { LetterReader } from './letter-reader.js';
import { ReplayBatch } from './replay-batch.js';

export interface ReplayParts {
  /** The output's name. */
  readonly output: string;
  readonly letters: DeadLetters;
  readonly destination: Destination;
  readonly item: ItemLayout;
  readonly reader: LetterReader;
  readonly statics: Readonly<Record<string, unknown>>;
  readonly batchMaxBytes: number;
  readonly maxLineBytes: number;
  /** Given up after so long without a letter that found its fate, ms. */
  readonly patienceMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** What became of the letters that were chosen: accepted + refused + unreadable + left of them. */
export interface Replayed {
  readonly accepted: number;
  /** Refused again: they stay, and say so. */
  readonly refused: number;
  /** Lines that are no letters of ours: they stay. */
  readonly unreadable: number;
  /** Not sent, or without an answer: they stay. */
  readonly left: number;
  /** What the destination said last, where something is left; '' when it said nothing. */
  readonly problem: string;
  readonly noRoom: boolean;
}

/** A replay is no hurry, and it takes its memory beside the lanes'. */
const batchBytes = 256 * 1024;
const batchRecords = 1024;

/**
 * Sends dead letters again, with their ids, and takes out those that were accepted. `delivery` decides about each as it does for a lane: halves, plain
 * form, retries. Killed at any point it loses no letter: what was accepted is taken out after the answer, so some of one batch may be sent again, which a
 * destination that knows ids sees.
 */
export async function replay(parts: ReplayParts, choice: LetterChoice, signal: AbortSignal): Promise<Replayed> {
  await using pass = await parts.letters.pass();
  if (pass === undefined) return { accepted: 0, refused: 0, unreadable: 0, left: 0, problem: '', noRoom: false };
  return await new Replay(parts, choice, signal, pass).run();
}

class Replay {
  readonly #stop = new AbortController();
  readonly #refusals = new Map<string, RefusedAgain>();
  readonly #count = { accepted: 0, refused: 0, unreadable: 0, left: 0 };
  readonly #delivery: Delivery<ReplayBatch>;
  readonly #slot: Slot;
  #lastStepMs: number;
  #back: () => void = () => {};
  #closed = '';
  #batch: ReplayBatch;
  /** Not sent, between letters that are: kept with them, in the file's order. */
  #between: { readonly before: number; readonly line: Pick<LetterLine, 'start' | 'end'> }[] = [];

  constructor(
    private readonly parts: ReplayParts,
    private readonly choice: LetterChoice,
    signal: AbortSignal,
    private readonly pass: LetterPass,
  ) {
    const { destination, statics, maxLineBytes, clock, log, output } = parts;
    const bytes = slotSize(batchBytes, destination.limits.recordBytes, maxLineBytes);
    const makeSlot = (): Slot => new Slot({ bytes, records: batchRecords, document: new DocumentWriter(statics) });
    this.#slot = makeSlot();
    this.#batch = this.#newBatch();
    this.#lastStepMs = clock.monotonic();
    if (signal.aborted) this.#stop.abort();
    signal.addEventListener('abort', () => this.#stop.abort(), { once: true, signal: this.#stop.signal });
    this.#delivery = new Delivery<ReplayBatch>({
      name: output,
      destination,
      deadLetters: { append: (letters) => this.#refusedAgain(letters) },
      fallback: makeSlot(),
      clock,
      random: Math.random,
      log,
      onSettled: () => this.#back(),
      onAbandoned: () => this.#back(),
      onBatchLimit: () => {},
      onClosed: ({ message }) => {
        this.#closed = message;
        this.#stop.abort();
      },
    });
    // Somebody waits for the end: short backoffs.
    this.#delivery.beginDrain();
  }

  async run(): Promise<Replayed> {
    const over = new AbortController();
    const watch = this.#watch(over.signal);
    try {
      for await (const line of this.pass.lines()) await this.#next(line);
      await this.#flush();
    } finally {
      over.abort();
      await watch;
    }
    const noRoom = (await this.pass.finish()) === 'no-room';
    const { left } = this.#count;
    const problem = left === 0 ? '' : this.#closed || (this.#delivery.stats.lastError?.message ?? '');
    return { ...this.#count, problem, noRoom };
  }

  async #next(line: LetterLine): Promise<void> {
    const { letter } = line;
    if (letter !== undefined && !isChosen(this.choice, letter)) return this.#keep(line);
    const record = letter === undefined ? undefined : this.parts.reader.read(letter);
    if (letter === undefined || record === undefined) {
      if (this.choice.id === undefined || letter !== undefined) this.#count.unreadable++;
      return this.#keep(line);
    }
    if (this.#isOver()) return this.#leave(line);
    let offer = this.#batch.offer(line, letter, record);
    if (offer === 'full') {
      await this.#flush();
      if (this.#isOver()) return this.#leave(line);
      offer = this.#batch.offer(line, letter, this.parts.reader.read(letter)!);
    }
    if (offer === 'taken') return;
    this.#count.refused++;
    return this.#keep(line);
  }

  #isOver(): boolean {
    return this.#stop.signal.aborted;
  }

  #leave(line: LetterLine): Promise<void> {
    this.#count.left++;
    return this.#keep(line);
  }

  /** A letter that is not sent stays where it is in the order of the file. */
  #keep({ start, end }: Pick<LetterLine, 'start' | 'end'>): Promise<void> {
    if (this.#batch.all.length === 0) return this.pass.keep({ start, end });
    const last = this.#between.at(-1);
    if (last?.line.end === start) this.#between.pop();
    const line = last?.line.end === start ? { start: last.line.start, end } : { start, end };
    this.#between.push({ before: this.#batch.all.length, line });
    return Promise.resolve();
  }

  /** Sends the batch and does with its letters what their fates say. */
  async #flush(): Promise<void> {
    const batch = this.#batch;
    if (batch.count > 0) {
      const back = new Promise<void>((resolve) => (this.#back = resolve));
      await this.#delivery.submit(batch, this.#stop.signal);
      await back;
    }
    // What was accepted first: a crash from here on sends nothing again.
    await this.pass.take(batch.all.filter(({ fate }) => fate === Fate.delivered).map(({ line }) => line));
    for (let index = 0; index <= batch.all.length; index++) {
      for (; this.#between[0]?.before === index; this.#between.shift()) await this.pass.keep(this.#between[0].line);
      const sent = batch.all[index];
      if (sent === undefined) break;
      if (sent.fate === Fate.delivered) this.#count.accepted++;
      else if (sent.fate === Fate.deadLettered) {
        this.#count.refused++;
        await this.pass.keepAnew(sent.line, (letter) => this.#restated(letter));
      } else {
        this.#count.left++;
        await this.pass.keep(sent.line);
      }
    }
    this.#refusals.clear();
    this.#batch = this.#newBatch();
  }

  #restated(letter: StoredLetter): Buffer | undefined {
    const refusal = this.#refusals.get(letter.id);
    return refusal && restated(letter, refusal);
  }

  #newBatch(): ReplayBatch {
    this.#slot.truncate(0);
    const { destination, item, batchMaxBytes } = this.parts;
    const { limits } = destination;
    const most = {
      ...limits,
      batchRecords: Math.min(batchRecords, limits.batchRecords),
      batchBytes: Math.min(batchBytes, batchMaxBytes, limits.batchBytes),
    };
    return new ReplayBatch(this.#slot, item, most, () => (this.#lastStepMs = this.parts.clock.monotonic()));
  }

  #refusedAgain(letters: readonly DeadLetter[]): Promise<number> {
    for (const { id, tries, code, reason } of letters) this.#refusals.set(id, { tries, code, reason });
    return Promise.resolve(letters.length);
  }

  /** Gives up when nothing was settled for long. */
  async #watch(over: AbortSignal): Promise<void> {
    const { clock, patienceMs } = this.parts;
    const either = AbortSignal.any([over, this.#stop.signal]);
    for (let waitMs = patienceMs; waitMs > 0; waitMs = this.#lastStepMs + patienceMs - clock.monotonic()) {
      await clock.wait(waitMs, either);
      if (either.aborted) return;
    }
    this.#stop.abort();
  }
}
