import { basename } from 'node:path';
import { asObject } from '../../support/bulk-api.js';
import { findLine, longLine } from './line.js';
import { Column, type Journal, type WriterJournal } from './journal.js';

/** When a request came, and which run of the agent sent it, from 1. */
export interface Moment {
  readonly atMs: number;
  readonly run: number;
}

/** A request that was stored. `atMs`: when it came, which may be long before. */
export interface ArrivedBatch extends Moment {
  /** Part of a batch that was refused as a whole: its cursor waits for the other parts. */
  readonly isPiece: boolean;
  /** From then on the agent knows that it was stored, as far as the destination can tell; Infinity: never. */
  answeredAtMs: number;
  /** It knows by now, or has asked again. */
  known: boolean;
}

/** The line of a record, as an output got it. */
interface Seen {
  readonly counts: Column;
  /** Number of the batch that brought it last, plus one. */
  readonly batch: Column;
  /** By generation: the serial that arrived last, plus one. */
  readonly last: Column;
  /** Of lines that came in parts, which bytes of each came: from, to. */
  readonly pieces: Map<number, { readonly from: number; readonly to: number }[]>;
  /** Every line below this one has arrived. */
  complete: number;
}

export interface ArrivalsOptions {
  readonly output: string;
  readonly journal: Journal;
  /** Elasticsearch: nothing may come twice. */
  readonly exact: boolean;
  /** Records of one file come in its order. */
  readonly ordered: boolean;
  /** What must not be, as soon as it is seen. */
  readonly wrong: (what: string) => void;
  /** Whether a batch may be sent again by a later run of the agent although it was answered. */
  readonly mayRepeat: (batch: ArrivedBatch) => boolean;
}

/** What one output received, held against what was written. */
export class Arrivals {
  /** Whole lines that came again. */
  repeats = 0;
  /** Records that were parts of lines. */
  parts = 0;
  readonly batches: ArrivedBatch[] = [];
  readonly #seen = new Map<string, Seen>();

  constructor(private readonly options: ArrivalsOptions) {}

  begin({ atMs, run }: Moment, isPiece = false): ArrivedBatch {
    const batch = { atMs, run, isPiece, answeredAtMs: Infinity, known: false };
    this.batches.push(batch);
    return batch;
  }

  /** A record of the batch that began last. */
  record(document: Readonly<Record<string, unknown>>): void {
    const { output, wrong } = this.options;
    const { message } = document;
    if (asObject(asObject(document.log)?.part) !== undefined) {
      this.#part(document);
      return;
    }
    const line = findLine(document);
    const writer = line === undefined ? undefined : this.options.journal.writers.get(line.writer);
    if (line === undefined || writer === undefined) {
      wrong(`${output} got a record of no line: ${JSON.stringify(document).slice(0, 300)}`);
      return;
    }
    const { serial } = line;
    const length = writer.long.get(serial);
    // The beginning of a line that was open when the agent drained: nothing says yet that more will come.
    if (length > 0 && String(message).length < length) {
      this.#part(document);
      return;
    }
    const intact = length === 0 ? line.intact : message === longLine(writer.id, serial, length);
    if (!intact || serial >= writer.count)
      wrong(`${output} got line ${serial} of ${writer.id} (${writer.kind}) changed: ${String(message).slice(0, 200)}`);
    this.#whole(writer, serial);
  }

  /** A record that is stored already, by the same id: its answer is as good as the first. */
  again(document: Readonly<Record<string, unknown>>): void {
    const line = findLine(document);
    const writer = this.options.journal.writers.get(line?.writer ?? '');
    if (line !== undefined && writer !== undefined) this.#of(writer).batch.set(line.serial, this.batches.length);
  }

  /** How often the line came. A line in parts came once when all of it is there. */
  count(writer: WriterJournal, serial: number): number {
    const seen = this.#of(writer);
    const whole = seen.counts.get(serial);
    return whole === 0 && this.#isPieced(writer, seen, serial) ? 1 : whole;
  }

  /** Every line below this serial has come, and the agent knows it, or was refused by this output. */
  completeTo(writer: WriterJournal): number {
    const seen = this.#of(writer);
    while (
      seen.complete < writer.count &&
      (this.#isDone(writer, seen, seen.complete) || writer.poisoned.get(seen.complete) === this.options.output)
    )
      seen.complete++;
    return seen.complete;
  }

  #isDone(writer: WriterJournal, seen: Seen, serial: number): boolean {
    const batch = this.batches[seen.batch.get(serial) - 1];
    return batch === undefined ? this.count(writer, serial) > 0 : batch.known;
  }

  #whole(writer: WriterJournal, serial: number): void {
    const { output, exact, ordered, wrong, mayRepeat } = this.options;
    const seen = this.#of(writer);
    const count = seen.counts.get(serial);
    seen.counts.set(serial, count + 1);
    const before = seen.batch.get(serial);
    seen.batch.set(serial, this.batches.length);
    if (count === 0) {
      const generation = writer.generations.get(serial);
      if (ordered && seen.last.get(generation) > serial)
        wrong(
          `${output} got line ${serial} of ${writer.id} (${writer.kind}, file ${generation}) after ${seen.last.get(generation) - 1}`,
        );
      seen.last.set(generation, Math.max(seen.last.get(generation), serial + 1));
      return;
    }
    this.repeats++;
    const first = this.batches[before - 1]!;
    const now = this.batches.at(-1)!;
    if (exact) wrong(`${output} stored line ${serial} of ${writer.id} (${writer.kind}) ${count + 1} times`);
    // What was under way before that answer may be stored after it, also when its sender has given it up.
    else if (now.atMs > first.answeredAtMs && (first.run === now.run || !mayRepeat(first)))
      wrong(
        `${output} got line ${serial} of ${writer.id} (${writer.kind}) again in run ${now.run}, ${Math.round(now.atMs - first.answeredAtMs)} ms after run ${first.run} had its answer`,
      );
  }

  #part(document: Readonly<Record<string, unknown>>): void {
    const { journal, output, wrong } = this.options;
    this.parts++;
    const log = asObject(document.log);
    const writer = journal.writers.get(basename(String(asObject(log?.file)?.path), '.log'));
    const line = writer?.longAt(Number(log?.offset));
    const text = String(document.message);
    const from = Number(log?.offset) - (line?.offset ?? 0);
    if (
      writer === undefined ||
      line === undefined ||
      longLine(writer.id, line.serial, writer.long.get(line.serial)).slice(from, from + text.length) !== text
    ) {
      wrong(`${output} got a part of no line: ${JSON.stringify(document).slice(0, 300)}`);
      return;
    }
    const { pieces } = this.#of(writer);
    pieces.set(line.serial, [...(pieces.get(line.serial) ?? []), { from, to: from + text.length }]);
  }

  /** Every byte of it came. */
  #isPieced(writer: WriterJournal, seen: Seen, serial: number): boolean {
    let to = 0;
    for (const piece of (seen.pieces.get(serial) ?? []).toSorted((a, b) => a.from - b.from)) {
      if (piece.from > to) return false;
      to = Math.max(to, piece.to);
    }
    return to > 0 && to >= writer.long.get(serial);
  }

  #of(writer: WriterJournal): Seen {
    const found = this.#seen.get(writer.id);
    if (found !== undefined) return found;
    const seen = { counts: new Column(), batch: new Column(), last: new Column(), pieces: new Map(), complete: 0 };
    this.#seen.set(writer.id, seen);
    return seen;
  }
}
