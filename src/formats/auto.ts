import type { LogRecord } from '../types/record.js';
import { nameReader } from './all.js';
import type { Format, FormatContext, Reading } from './format.js';
import { isColoured, readColoured } from './colours.js';
import { isWrapper, readJoinedGuess, type LineReader } from './groups/line-reader.js';
import { isPlain } from './plain.js';
import { readRaw } from './raw.js';

/** So many of a file's lines decide what it is; as many in a row that are something else open the question again. */
export const decidingLines = 20;

/**
 * Guesses the format of each line and, from them, that of the file. A line is read by the first format that it fits, else it is text; a wrong
 * guess about the file never changes a line, because the formats ask proof of each. What the file is known as is shown to people,
 * is remembered over a restart, and lets a format accept a line of it that would prove too little on its own.
 *
 * States: deciding (fewer than `decidingLines` lines seen: known as what most of them were) and decided (until `decidingLines` lines in a row
 * were something else: then deciding again, from nothing).
 */
export class Guess implements LineReader {
  last: Format | undefined;
  readonly #wrappers: readonly Format[];
  readonly #payloads: readonly Format[];
  #known: string;
  /** Lines by format while deciding; undefined when decided. */
  #votes: Map<string, number> | undefined;
  /** Lines seen while deciding; misses in a row when decided. */
  #count = 0;

  /** `remembered`: what the file was known as before, '' for nothing. */
  constructor(formats: readonly Format[], remembered: string) {
    this.#wrappers = formats.filter(isWrapper);
    this.#payloads = formats.filter((format) => !isWrapper(format));
    const isKnown = remembered === 'raw' || formats.some(({ name }) => name === remembered);
    this.#known = isKnown ? remembered : '';
    this.#votes = isKnown ? undefined : new Map();
  }

  /** Name of the format that the file is known as, '' when it is known as nothing yet. */
  get known(): string {
    return this.#known;
  }

  /** Name of the format that the file is known as, once that is decided; undefined while it is not. */
  get decided(): string | undefined {
    return this.#votes === undefined ? this.#known : undefined;
  }

  get isDecided(): boolean {
    return this.#votes === undefined;
  }

  /** Lines of the decided format were read elsewhere. */
  hit(): void {
    if (this.#votes === undefined) this.#count = 0;
  }

  read(record: LogRecord, context: FormatContext): Reading {
    this.last = undefined;
    if ((this.#known === 'raw' || this.#known === '') && isPlain(record)) return readRaw(record);
    const wrapped = this.#readAs(this.#wrappers, record, context);
    if (wrapped !== undefined) return wrapped;
    // Before the formats themselves, which may find a level between colours and miss the time.
    if (isColoured(record)) {
      this.last = readColoured(record, this.#payloads, this.#known, context);
      if (this.last !== undefined) {
        nameReader(record, this.last);
        return 'record';
      }
    }
    return this.#readAs(this.#payloads, record, context) ?? readRaw(record);
  }

  #readAs(formats: readonly Format[], record: LogRecord, context: FormatContext): Reading | undefined {
    for (const format of formats) {
      const reading = format.read(record, format.name === this.#known ? 'usual' : 'none', context);
      if (reading === undefined) continue;
      this.last = format;
      nameReader(record, format);
      return reading;
    }
    return undefined;
  }

  readJoined(record: LogRecord, context: FormatContext, format: Format | undefined): void {
    readJoinedGuess(record, context, format);
  }

  isUsual({ name }: Format): boolean {
    return name === this.#known;
  }

  note(format: Format | undefined): void {
    this.#note(format?.name ?? 'raw');
  }

  /** Reads a line that is a record by itself. A part of a split line says nothing of the file. */
  readAlone(record: LogRecord, context: FormatContext): Reading {
    const reading = this.read(record, context);
    if (record.part === undefined) this.note(this.last);
    return reading;
  }

  #note(name: string): void {
    if (this.#votes === undefined) {
      this.#count = name === this.#known ? 0 : this.#count + 1;
      if (this.#count === decidingLines) this.#begin(new Map());
      return;
    }
    const votes = (this.#votes.get(name) ?? 0) + 1;
    this.#votes.set(name, votes);
    if (votes > (this.#votes.get(this.#known) ?? 0)) this.#known = name;
    this.#count++;
    if (this.#count === decidingLines) this.#begin(undefined);
  }

  #begin(votes: Map<string, number> | undefined): void {
    this.#votes = votes;
    this.#count = 0;
  }
}
