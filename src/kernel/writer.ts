import type { BatchWriter } from '../types/batch.js';
import type { LogRecord } from '../types/record.js';
import type { DocumentWriter } from './document.js';
import { escapeJson, repairUtf8, type Copied } from './escape.js';
import { jsonString } from '../types/json-string.js';

/**
 * Appends one item at a time to a fixed buffer. What does not fit sets `overflow`; from then on nothing is written until `begin`, so an item
 * is either whole or known not to be. It never writes past the buffer's end.
 */
export class SlotWriter implements BatchWriter {
  readonly #buffer: Buffer;
  readonly #document: DocumentWriter;
  readonly #copied: Copied = { end: 0, textBytes: 0 };
  #start = 0;
  #position = 0;
  #overflow = false;
  #weight: number | undefined;

  constructor(buffer: Buffer, document: DocumentWriter) {
    this.#buffer = buffer;
    this.#document = document;
  }

  get overflow(): boolean {
    return this.#overflow;
  }

  /** One past the last byte of the item being written. */
  get position(): number {
    return this.#position;
  }

  /** What the item being written counts against the limits of a batch. */
  get weight(): number {
    return this.#weight ?? this.#position - this.#start;
  }

  /** Begins an item at `start`; one that was being written is forgotten. */
  begin(start: number): void {
    this.#start = start;
    this.#position = start;
    this.#overflow = false;
    this.#weight = undefined;
  }

  weigh(weight: number): void {
    this.#weight = weight;
  }

  text(text: string): void {
    if (this.#overflow) return;
    if (text.length <= shortText && this.#short(text)) return;
    // A UTF-16 code unit takes at most 3 bytes, so they are counted only near the end.
    const room = this.#buffer.length - this.#position;
    if (text.length > room || (text.length * 3 > room && Buffer.byteLength(text) > room)) this.#overflow = true;
    else this.#position += this.#buffer.write(text, this.#position);
  }

  digits(value: number): void {
    let length = 1;
    for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) length += 1;
    if (!this.#hasRoom(length)) return;
    let rest = value;
    for (let at = this.#position + length - 1; at >= this.#position; at -= 1) {
      const tens = Math.floor(rest / 10);
      this.#buffer[at] = zero + rest - tens * 10;
      rest = tens;
    }
    this.#position += length;
  }

  bytes(source: Buffer, from: number, to: number): void {
    if (!this.#hasRoom(to - from)) return;
    source.copy(this.#buffer, this.#position, from, to);
    this.#position += to - from;
  }

  jsonString(text: string): void {
    if (!this.#overflow) this.text(jsonString(text));
  }

  jsonBytes(source: Buffer, from: number, to: number): number {
    if (!this.#hasRoom(2)) return 0;
    const content = this.#position + 1;
    const fits = escapeJson(source, from, to, this.#buffer, content, this.#buffer.length - 1, this.#copied);
    if (!fits) {
      this.#overflow = true;
      return 0;
    }
    this.#buffer[this.#position] = quote;
    this.#buffer[this.#copied.end] = quote;
    this.#position = this.#copied.end + 1;
    return this.#copied.textBytes;
  }

  repaired(source: Buffer, from: number, to: number): void {
    if (this.#overflow) return;
    if (repairUtf8(source, from, to, this.#buffer, this.#position, this.#buffer.length, this.#copied))
      this.#position = this.#copied.end;
    else this.#overflow = true;
  }

  document(record: LogRecord): void {
    if (!this.#overflow) this.#document.write(record, this);
  }

  /** Short ASCII byte by byte, which is cheaper than a call out of JavaScript. False: nothing was written, it is not ASCII or does not fit. */
  #short(text: string): boolean {
    const buffer = this.#buffer;
    const begin = this.#position;
    if (text.length > buffer.length - begin) return false;
    for (let i = 0; i < text.length; i += 1) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      buffer[begin + i] = code;
    }
    this.#position = begin + text.length;
    return true;
  }

  #hasRoom(bytes: number): boolean {
    if (this.#buffer.length - this.#position < bytes) this.#overflow = true;
    return !this.#overflow;
  }
}

const quote = 0x22;
const zero = 0x30;
const shortText = 64;
