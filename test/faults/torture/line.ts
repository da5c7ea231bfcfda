import { crc32 } from 'node:zlib';
import type { Random } from '../../support/random.js';

/** What a destination refuses for good, wherever in a line it stands. */
export const poison = { elasticsearch: '!not-for-elasticsearch!', http: '!not-for-http!' } as const;

/** A line as it was found at a destination. */
export interface FoundLine {
  readonly writer: string;
  readonly serial: number;
  /** Every byte of it is as it was written. */
  readonly intact: boolean;
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789 .,;-_()<>/\\"\'\t&%$';
const wide = ['ä', 'ß', '€', '語', '🚲', '\u2028', 'é'];
/** Texts are cut out of one: making each anew would cost more than shipping it. */
const quarryLength = 1 << 16;

/** Makes lines: `<writer> <serial> <text> #<crc>`, or an object with the same members. All without line end. */
export class LineMaker {
  readonly #quarry: string;

  /** `pairs`: with characters that take two of UTF-16's units. */
  constructor(
    private readonly random: Random,
    pairs = true,
  ) {
    const others = pairs ? wide : wide.filter((one) => one.length === 1);
    let quarry = '';
    while (quarry.length < quarryLength)
      quarry += random.oneIn(60) ? random.pick(others) : alphabet.charAt(random.below(alphabet.length));
    this.#quarry = quarry;
  }

  /** Mostly short, some of 20 KB. */
  line(writer: string, serial: number, mark = ''): string {
    const text = mark + this.#text(this.#length());
    if (this.random.oneIn(4)) return JSON.stringify({ w: writer, n: serial, payload: text, crc: sum(text) });
    return `${writer} ${serial} ${text} #${sum(text)}`;
  }

  #length(): number {
    if (this.random.oneIn(150)) return this.random.between(2_000, 20_000);
    return this.random.oneIn(4) ? this.random.between(200, 900) : this.random.between(5, 150);
  }

  #text(length: number): string {
    const at = this.random.below(quarryLength - length);
    // Half of a surrogate pair at an end would not survive UTF-8.
    return Buffer.from(this.#quarry.slice(at, at + length))
      .toString()
      .trim();
  }
}

const sum = (text: string): string => crc32(text).toString(16).padStart(8, '0');

const plain = /^(\w+) (\d+)(?: (.*) #([0-9a-f]{8})$| )/s;

/** Finds the line in a record's fields; undefined: it is none of ours. */
export function findLine(document: Readonly<Record<string, unknown>>): FoundLine | undefined {
  const { w, n, payload, crc, message } = document;
  if (typeof w === 'string' && typeof n === 'number')
    return { writer: w, serial: n, intact: typeof payload === 'string' && sum(payload) === crc };
  if (typeof message !== 'string') return undefined;
  const found = plain.exec(message);
  if (found === null) return undefined;
  const [, writer = '', serial, body, check] = found;
  return { writer, serial: Number(serial), intact: body !== undefined && sum(body) === check };
}

/** A line that may come in parts, so that each of them can be held against it: nothing in it is left to chance. */
export function longLine(writer: string, serial: number, bytes: number): string {
  let text = `${writer} ${serial}`;
  for (let place = 0; text.length < bytes; place++) text += ` ${writer}:${serial}:${place}`;
  return text.slice(0, bytes);
}
