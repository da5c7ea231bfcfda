import { clearParsed, type LogRecord } from '../../types/record.js';
import { nameReader, wrapperFormats } from '../all.js';
import type { Format, FormatContext, Reading } from '../format.js';
import { json } from '../json.js';
import { contentStart } from '../line-bytes.js';
import { readRaw } from '../raw.js';

/** Finds what a line is by itself, and what lines are that belong together. */
export interface LineReader {
  /** The format of the line that was read last; undefined: it is text. */
  readonly last: Format | undefined;
  /** Fills `record` from its text, which is one line. Answers as LineParser's `parse`; only a wrapper's line is not a 'record'. */
  read(record: LogRecord, context: FormatContext): Reading;
  /** A line of this format (undefined: text) counts for what the file is known as. */
  note(format: Format | undefined): void;
  /** False while the first lines still decide what the file is. */
  readonly isDecided: boolean;
  /** True when most lines of the file are of this format. */
  isUsual(format: Format): boolean;
  /** Fills `record` from its text, which is several lines of which the first is of `format`, or text when that is undefined. */
  readJoined(record: LogRecord, context: FormatContext, format: Format | undefined): void;
}

/** Lines are of the one format that is configured; others are text and say why. */
export class DemandedReader implements LineReader {
  last: Format | undefined;
  readonly isDecided = true;
  readonly #format: Format;

  constructor(format: Format) {
    this.#format = format;
  }

  read(record: LogRecord, context: FormatContext): Reading {
    const reading = this.#format.read(record, 'demanded', context);
    if (reading === undefined) return this.#refuse(record);
    this.last = this.#format;
    nameReader(record, this.#format);
    return reading;
  }

  note(): void {}

  isUsual(): boolean {
    return true;
  }

  readJoined(record: LogRecord, context: FormatContext): void {
    if (isWrapper(this.#format)) this.#refuse(record);
    else this.read(record, context);
  }

  /** A part of a split line can't be of a format. */
  #refuse(record: LogRecord): Reading {
    this.last = undefined;
    readRaw(record);
    if (record.part === undefined) record.errorMessage = this.#format.refusal(record);
    return 'record';
  }
}

/** All lines are text. */
export const rawReader: LineReader = {
  last: undefined,
  isDecided: true,
  read: readRaw,
  note: () => {},
  isUsual: () => false,
  readJoined: readRaw,
};

export const isWrapper = (format: Format | undefined): boolean =>
  format !== undefined && wrapperFormats.includes(format);

/** Lines that belong together, guessed: of the first one's format, or JSON that is printed over several lines. Text when neither reads them. */
export function readJoinedGuess(record: LogRecord, context: FormatContext, format: Format | undefined): void {
  clearParsed(record);
  const first = record.text[contentStart(record)];
  const reader = format ?? (first === 0x7b ? json : undefined);
  if (reader?.read(record, 'usual', context) === 'record') nameReader(record, reader);
}
