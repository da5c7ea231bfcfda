import { Fate, type DeliveryBatch, type ItemBuffer } from '../types/batch.js';
import type { Clock } from '../types/clock.js';
import type { ErrorCode } from '../types/errors.js';
import type { Log } from '../types/log.js';
import { DeadLettersBlockedError, type DeadLetter, type DeadLetterSink } from './dead-letter.js';
import type { Destination } from './destination.js';
import { Places } from './places.js';
import { fillWithPlainForms, mendable, PlainParcel } from './plain-parcel.js';
import { Shipment, type End, type Refusal, type Road } from './shipment.js';

/** Between two tries to write dead letters that could not be written, in ms: somebody may have made room. */
const blockedRetryMs = 5_000;
/** One write and one sync carry dead letters of at most about this many bytes of text, but at least one. */
const lettersBytes = 256 * 1024;
/** A flood of refusals is one line in the log per code and this long, in ms. */
const quietMs = 60_000;

const settled: End = { kind: 'settled' };
const aborted: End = { kind: 'aborted' };

export interface RefusedRecordsOptions {
  readonly output: string;
  readonly destination: Destination;
  readonly road: Road;
  /** Room for plain forms; used by one batch at a time. */
  readonly fallback: ItemBuffer;
  readonly deadLetters: DeadLetterSink;
  /** Takes secrets out of a line. */
  readonly redactLine?: ((line: Buffer) => Buffer) | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** Gives refused records their fate: sent once more in their plain form where the output has one, else, or refused again, a dead letter. */
export class RefusedRecords {
  readonly #options: RefusedRecordsOptions;
  readonly #turn = new Places(1);
  readonly #unsaid = new Map<ErrorCode, { records: number; nextMs: number }>();

  constructor(options: RefusedRecordsOptions) {
    this.#options = options;
  }

  /** `settled`: each of `refusals`, at least one, has its fate. Until then their positions must not change. */
  async settle(batch: DeliveryBatch, refusals: readonly Refusal[], signal: AbortSignal): Promise<End> {
    const { code, reason } = refusals[0]!;
    this.#options.road.tally.noticed({ code, message: reason });
    const hasPlainForm = (refusal: Refusal) => this.#options.destination.encodePlain !== undefined && mendable(refusal);
    const hopeless = refusals.filter((refusal) => !hasPlainForm(refusal));
    const end = await this.#bury(batch, hopeless, signal);
    const hopeful = refusals.filter(hasPlainForm);
    if (end.kind !== 'settled' || hopeful.length === 0) return end;
    if (!(await this.#turn.take(signal))) return aborted;
    try {
      return await this.#sendPlain(batch, hopeful, signal);
    } finally {
      this.#turn.free();
    }
  }

  async #sendPlain(batch: DeliveryBatch, refusals: readonly Refusal[], signal: AbortSignal): Promise<End> {
    const { fallback, road } = this.#options;
    for (let from = 0, count: number; from < refusals.length; from += Math.max(1, count)) {
      count = this.#fill(batch, refusals, from);
      const group = refusals.slice(from, from + Math.max(1, count));
      let end: End;
      if (count === 0) end = await this.#bury(batch, group, signal);
      else {
        const parcel = new PlainParcel(batch, fallback, group);
        const refuse = (again: readonly Refusal[]) => this.#refusedAgain(batch, parcel, again, signal);
        end = await new Shipment(parcel, road, refuse, signal, group[0]!.tries).run();
      }
      if (end.kind !== 'settled') return end;
    }
    return settled;
  }

  async #refusedAgain(
    batch: DeliveryBatch,
    parcel: PlainParcel,
    again: readonly Refusal[],
    signal: AbortSignal,
  ): Promise<End> {
    const refusals = again.map(({ position, code, reason, tries }) => {
      const first = parcel.refusal(position);
      return { position: first.position, code, tries, reason: `${first.reason}; as plain text: ${reason}` };
    });
    const end = await this.#bury(batch, refusals, signal);
    if (end.kind === 'settled') for (const { position } of again) parcel.markSettled(position);
    return end;
  }

  /** How many plain forms the fallback buffer now holds. A form that cannot be made is a bug of the output; the record is kept as a dead letter. */
  #fill(batch: DeliveryBatch, refusals: readonly Refusal[], from: number): number {
    const { destination, fallback, log, output } = this.#options;
    try {
      return fillWithPlainForms(destination, batch, fallback, refusals, from);
    } catch (error) {
      log.error({ output, code: 'INTERNAL', err: error }, 'a bug in the output: no plain form of a refused record');
      return 0;
    }
  }

  /** Writes dead letters, a bounded number of bytes at a time, and settles what is on disk. */
  async #bury(batch: DeliveryBatch, refusals: readonly Refusal[], signal: AbortSignal): Promise<End> {
    for (let from = 0; from < refusals.length;) {
      const letters: DeadLetter[] = [];
      for (let bytes = 0; from + letters.length < refusals.length && bytes < lettersBytes;) {
        if (signal.aborted) return aborted;
        const letter = await this.#letter(batch, refusals[from + letters.length]!);
        letters.push(letter);
        bytes += letter.text.length;
      }
      const written = await this.#write(letters, signal);
      if (signal.aborted) return aborted;
      for (const { position, code } of refusals.slice(from, from + written)) {
        batch.settle(position, Fate.deadLettered);
        this.#options.road.tally.deadLettered(code);
      }
      from += written;
      this.#say(letters.slice(0, written));
    }
    return settled;
  }

  async #letter(batch: DeliveryBatch, { position, code, reason, tries }: Refusal): Promise<DeadLetter> {
    const { id, path, offset } = batch.describe(position);
    const text = await this.#text(batch, position);
    return { timeMs: this.#options.clock.now(), id, path, offset, tries, code, reason, text };
  }

  /** What a letter keeps of its record. A line that came in pieces may have a secret in two of them: then it is the item, as it was sent. */
  async #text(batch: DeliveryBatch, position: number): Promise<Buffer> {
    const { redactLine } = this.#options;
    const text = await originalText(batch, position);
    if (redactLine === undefined) return text;
    return redactLine(text.includes(lineEnd) ? itemOf(batch, position) : text);
  }

  /** How many of the letters are on disk: at least one, for it waits as long as that takes, or 0 when `signal` was aborted. */
  async #write(letters: readonly DeadLetter[], signal: AbortSignal): Promise<number> {
    const { deadLetters, road } = this.#options;
    while (!signal.aborted) {
      try {
        const written = await deadLetters.append(letters);
        road.tally.recovered(letters);
        return written;
      } catch (error) {
        // Whatever it is: a letter that is not on disk must not be settled, and the record is still in its file.
        const message = error instanceof Error ? error.message : 'dead letters cannot be written';
        const code = error instanceof DeadLettersBlockedError ? error.code : 'INTERNAL';
        road.tally.blocked(letters, { code, message, cause: error });
        await this.#untilRoom(signal);
      }
    }
    return 0;
  }

  /** A while, or until somebody has taken letters out. */
  async #untilRoom(signal: AbortSignal): Promise<void> {
    const { deadLetters, road } = this.#options;
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    void deadLetters.whenRoom?.(either).then(() => over.abort());
    await road.gate.pause(Math.min(blockedRetryMs, road.gate.capMs), either);
    over.abort();
  }

  #say(letters: readonly DeadLetter[]): void {
    const now = this.#options.clock.monotonic();
    for (const { code } of letters) {
      const unsaid = this.#unsaid.get(code) ?? { records: 0, nextMs: now };
      unsaid.records++;
      this.#unsaid.set(code, unsaid);
    }
    for (const [code, unsaid] of this.#unsaid) {
      if (unsaid.records === 0 || now < unsaid.nextMs) continue;
      const { log, output } = this.#options;
      // The reason stays in the dead letter: it may quote the record.
      log.warn(
        { output, code, records: unsaid.records },
        'the destination refused records: they are in the dead letters',
      );
      this.#unsaid.set(code, { records: 0, nextMs: now + quietMs });
    }
  }
}

async function originalText(batch: DeliveryBatch, position: number): Promise<Buffer> {
  try {
    return await batch.originalText(position);
  } catch {
    return itemOf(batch, position);
  }
}

function itemOf(batch: DeliveryBatch, position: number): Buffer {
  const item = batch.items(position, position + 1);
  return item.body.subarray(item.itemStart(0), item.itemEnd(0));
}

const lineEnd = 0x0a;
