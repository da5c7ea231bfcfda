import { createParser } from '../formats/parser.js';
import { letterText, type StoredLetter } from '../delivery/stored-letter.js';
import type { Pipeline } from '../processing/pipeline.js';
import type { ItemLayout } from '../types/batch.js';
import type { LineParser } from '../types/parser.js';
import { readRecordId } from '../types/read-record-id.js';
import { clearParsed, newRecord, type FileFacts, type LogRecord } from '../types/record.js';
import { lineOfItem } from './item-of-letter.js';

export interface LetterReaderOptions {
  readonly item: ItemLayout;
  readonly makeParser: (remembered: string) => LineParser;
  readonly pipeline: Pipeline | undefined;
  readonly statics: Readonly<Record<string, unknown>>;
  readonly timezone: string;
  /** What is known of a file; undefined: nothing any more. */
  readonly birthMsOf: (fileId: string) => number | undefined;
}

/**
 * Makes the record of a letter again, under the id it had: its line is parsed and processed as the configuration says now. Text that does not give exactly
 * one record (a CSV line without its header, a part of a line) goes as text. Nothing is held back here: the record was wanted when it was given up on.
 * A record without a time of its own takes the letter's.
 */
export class LetterReader {
  readonly #record = newRecord();
  readonly #json: LineParser;

  constructor(private readonly options: LetterReaderOptions) {
    const { timezone } = options;
    this.#json = createParser('json', { timezone, remembered: '', maxGroupBytes: Number.MAX_SAFE_INTEGER });
  }

  /** The record, valid until the next call; undefined: the letter has an id that none of ours is. */
  read(letter: StoredLetter): LogRecord | undefined {
    const parts = readRecordId(letter.id);
    if (parts === undefined) return undefined;
    const { fileId, start, end, continued, part } = parts;
    const timeMs = Date.parse(letter.time);
    const file: FileFacts = { fileId, path: letter.path, birthMs: this.options.birthMsOf(fileId) ?? timeMs };
    const record = this.#record;
    record.file = file;
    this.#readText(record, letter, part === undefined);
    record.start = start;
    record.end = end;
    record.continued = continued;
    record.part = part === undefined ? undefined : { offset: start, index: part, last: false };
    if (Number.isNaN(record.timeMs)) record.timeMs = timeMs;
    this.options.pipeline?.shape(record);
    return record;
  }

  #readText(record: LogRecord, letter: StoredLetter, isWhole: boolean): void {
    const { item, statics, makeParser } = this.options;
    const text = letterText(letter);
    const sent = letter.bytes === undefined ? lineOfItem(item, letter.id, letter.message, statics) : undefined;
    const isDocument = sent !== undefined && item.parts.includes('document');
    const line = sent === undefined ? text : Buffer.from(sent);
    if (isDocument && oneRecord(this.#json, record, line)) return;
    if (!isDocument && isWhole && oneRecord(makeParser(''), record, line)) return;
    setText(record, line);
    clearParsed(record);
  }
}

/** Parses `text`; true when it gives one record, which `record` is then. */
function oneRecord(parser: LineParser, record: LogRecord, text: Buffer): boolean {
  parser.reset();
  for (let at = 0; at < text.length;) {
    const lineFeed = text.indexOf(0x0a, at);
    const next = lineFeed === -1 ? text.length : lineFeed + 1;
    const to = lineFeed > at && text[lineFeed - 1] === 0x0d ? lineFeed - 1 : lineFeed === -1 ? next : lineFeed;
    setText(record, text, at, to);
    clearParsed(record);
    record.start = at;
    record.end = next;
    const answer = parser.parse(record);
    if (answer === 'before') return false;
    if (answer === 'record') return next === text.length && parser.openStart === Infinity;
    at = next;
  }
  return parser.flush(record, Infinity) && parser.openStart === Infinity;
}

function setText(record: LogRecord, text: Buffer, from = 0, to = text.length): void {
  record.text = text;
  record.from = from;
  record.to = to;
  record.part = undefined;
  record.continued = undefined;
}
