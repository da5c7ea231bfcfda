import { closeSync, openSync, writeSync } from 'node:fs';
import { type DataFormat, headMark, type LineShape, lineMaker, tailMark, timeMark } from './lines.js';
import { Draw } from './random.js';

const numberDigits = 10;
const timeDigits = 19;

/**
 * Records of one format, made once and written again and again with other numbers: making each line anew would take longer than shipping it.
 * Record `n` of the data is record `n % count` of the block, with `n` in its marks.
 */
export class Block {
  readonly bytes: Buffer;
  readonly count: number;
  /** Where a record begins; one more than there are records. */
  readonly #starts: Uint32Array;
  readonly #heads: Uint32Array;
  readonly #tails: Uint32Array;
  readonly #texts: readonly string[];

  /** @param bytes least size of the block */
  constructor(format: DataFormat, shape: LineShape, bytes: number, seed: number) {
    const make = lineMaker(format, shape, new Draw(seed));
    const files: Buffer[] = [];
    const texts: string[] = [];
    const starts = [0];
    let length = 0;
    while (length < bytes) {
      const { file, text } = make();
      const record = Buffer.from(file);
      files.push(record);
      texts.push(text);
      length += record.length;
      starts.push(length);
    }
    this.bytes = Buffer.concat(files);
    this.count = texts.length;
    this.#texts = texts;
    this.#starts = Uint32Array.from(starts);
    this.#heads = Uint32Array.from(starts.slice(0, -1), (start) => this.#find(headMark, start));
    this.#tails = Uint32Array.from(starts.slice(0, -1), (start) => this.#find(tailMark, start));
  }

  /** What an agent must deliver of record `n`; `sentNs` is what its line said of the time of its writing. */
  text(n: number, sentNs = '0'.repeat(timeDigits)): string {
    const number = String(n).padStart(numberDigits, '0');
    return (this.#texts[n % this.count] ?? '')
      .replace(headMark, headMark.slice(0, 2) + number)
      .replace(tailMark, tailMark.slice(0, 2) + number)
      .replace(timeMark, timeMark.slice(0, 2) + sentNs);
  }

  /** Writes whole records, numbered from 0, until `bytes` are written or more. */
  write(file: number, bytes: number): Written {
    const copy = Buffer.from(this.bytes);
    let records = 0;
    let written = 0;
    while (written < bytes) {
      const part = this.#number(copy, records, bytes - written);
      for (let at = 0; at < part.end;) at += writeSync(file, copy, at, part.end - at);
      records += part.count;
      written += part.end;
    }
    return { records, bytes: written };
  }

  /** Numbers the records of `copy`, from its start up to `bytes`. */
  #number(copy: Buffer, first: number, bytes: number): { count: number; end: number } {
    let count = 0;
    while (count < this.count && (this.#starts[count] ?? 0) < bytes) {
      setNumber(copy, this.#heads[count] ?? 0, first + count);
      setNumber(copy, this.#tails[count] ?? 0, first + count);
      count += 1;
    }
    return { count, end: this.#starts[count] ?? copy.length };
  }

  #find(mark: string, from: number): number {
    const at = this.bytes.indexOf(mark, from);
    if (at < 0) throw new Error(`a record without ${mark}`);
    return at + 2;
  }
}

export interface Written {
  readonly records: number;
  readonly bytes: number;
}

/** Writes `bytes` (or a record more) of a block to a new file. */
export function writeData(path: string, block: Block, bytes: number): Written {
  const file = openSync(path, 'w');
  try {
    return block.write(file, bytes);
  } finally {
    closeSync(file);
  }
}

function setNumber(bytes: Buffer, at: number, value: number): void {
  let rest = value;
  for (let digit = at + numberDigits - 1; digit >= at; digit -= 1) {
    bytes[digit] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}
