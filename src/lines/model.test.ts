import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { detectEncoding, type Encoding } from './encoding.js';
import { cutPoint, isBlank, nextLine, nulRun } from './framing.js';
import { toUtf8 } from './transcode.js';

/** A line, or a numbered part of one; `part` is -1 for a whole line. */
interface Piece {
  readonly offset: number;
  readonly part: number;
  readonly text: string;
}

const decode = (bytes: Buffer): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);

/**
 * Reads a growing file as a lane does, with this room's functions: at each of `sizes` it reads on from where it is, and an open line again from its start.
 */
function read(file: Buffer, sizes: readonly number[], maxBytes: number): Piece[] {
  const pieces: Piece[] = [];
  const span = { textStart: 0, textEnd: 0, rawEnd: 0 };
  let encoding: Encoding | undefined;
  let at = 0;
  let part = -1;
  for (const size of [...sizes, file.length]) {
    if (encoding === undefined) {
      const detected = detectEncoding(file.subarray(0, size), size === file.length);
      if (detected === undefined) continue;
      ({ encoding } = detected);
      at = detected.bomBytes;
    }
    // The lane's buffer: what is there now, with leftovers of an earlier read behind it and before it.
    const start = at;
    const bytes = Buffer.concat([Buffer.from('\n'), file.subarray(start, size), Buffer.from('\n\0\n')]);
    const to = 1 + size - start;
    let place = 1;
    const emit = (end: number): void => {
      const text =
        encoding === 'utf-8' ? bytes.subarray(place, end) : toUtf8(bytes, place, end, encoding ?? 'utf-16le');
      pieces.push({ offset: start + place - 1, part, text: decode(text) });
    };
    while (place < to) {
      if (part === -1 && encoding === 'utf-8') place += nulRun(bytes, place, to);
      if (place === to) break;
      const complete = nextLine(bytes, place, to, encoding, span);
      // One more unit must be there than max and a carriage return, so that a line of just `max` is seen whole.
      const tooLong = complete ? span.textEnd - place > maxBytes : to - place > maxBytes + 4;
      if (tooLong) {
        part = Math.max(part, 0);
        const cut = cutPoint(bytes, place, maxBytes, to, encoding);
        emit(cut);
        part += 1;
        place = cut;
      } else if (complete) {
        if (part !== -1 || !isBlank(bytes, place, span.textEnd, encoding)) emit(span.textEnd);
        part = -1;
        place = span.rawEnd;
      } else break;
    }
    at = start + place - 1;
  }
  return pieces;
}

/** The whole lines of a file the simple way: decoded at once, split as text. Without those that are blank, unless they are so long that they went in parts. */
function naive(file: Buffer, maxBytes: number): string[] {
  const [first, second] = file;
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  const whole = new TextDecoder(encoding).decode(file);
  const unit = encoding === 'utf-8' ? 1 : 2;
  return whole
    .split('\n')
    .slice(0, -1)
    .map((line) => (encoding === 'utf-8' ? line.replace(/^\0+/, '') : line).replace(/\r$/, ''))
    .filter((line) => !/^[\t-\r ]*$/.test(line) || line.length * unit > maxBytes);
}

/** Joins the parts of each line again, and checks their numbers. */
function joined(pieces: readonly Piece[]): string[] {
  const lines: string[] = [];
  let next = 0;
  for (const { part, text } of pieces) {
    if (part === -1) {
      lines.push(text);
      next = 0;
    } else if (part === 0) {
      lines.push(text);
      next = 1;
    } else {
      assert.equal(part, next++);
      lines.push((lines.pop() ?? '') + text);
    }
  }
  return lines;
}

const content = [
  'a',
  'bc',
  ' ',
  '\t',
  '\n',
  '\n',
  '\r\n',
  '\r',
  '\0',
  '\0\0\0',
  'é',
  '€',
  '😀',
  '\ufeff',
  '\u0a0a',
  'long '.repeat(4),
];
const broken = ['\xff', '\xe2\x82', '\xf0\x9f\x98', '\x80', '\xc3'].map((text) => Buffer.from(text, 'latin1'));
const mark = fc.constantFrom(Buffer.alloc(0), Buffer.from('\ufeff'));
const utf8 = fc
  .tuple(
    mark,
    fc.array(fc.oneof(fc.constantFrom(...content.map((text) => Buffer.from(text))), fc.constantFrom(...broken))),
  )
  .map(([bom, pieces]) => Buffer.concat([bom, ...pieces]));
const utf16 = fc
  .tuple(fc.array(fc.constantFrom(...content, '\ud83d', '\ude00')), fc.boolean(), fc.boolean())
  .map(([texts, big, half]) => {
    const bytes = Buffer.from(`\ufeff${texts.join('')}`, 'utf16le');
    if (big) bytes.swap16();
    // A writer that was stopped in the middle of a code unit.
    return half ? bytes.subarray(0, -1) : bytes;
  });
const anyFile = fc.oneof(
  utf8,
  utf16,
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
);
const sizesOf = (file: Buffer): fc.Arbitrary<number[]> =>
  fc.array(fc.nat(file.length), { maxLength: 6 }).map((sizes) => sizes.sort((a, b) => a - b));
const fileAndSizes = anyFile.chain((file) => fc.tuple(fc.constant(file), sizesOf(file)));

test('any bytes, read in any steps, yield the lines of the whole, over-long ones in parts that joined are the line', () => {
  fc.assert(
    fc.property(fileAndSizes, fc.integer({ min: 4, max: 24 }), ([file, sizes], maxBytes) => {
      const pieces = read(file, sizes, maxBytes);
      // What is left at the end is the beginning of a line that is open, or was shipped in part.
      const lines = joined(pieces);
      const wanted = naive(file, maxBytes);
      assert.deepEqual(lines.slice(0, wanted.length), wanted);
      assert.ok(lines.length <= wanted.length + 1);
    }),
    { numRuns: 3000 },
  );
});

test('parts and their offsets are the same, however the reads fell', () => {
  fc.assert(
    fc.property(fileAndSizes, fc.integer({ min: 4, max: 24 }), ([file, sizes], maxBytes) => {
      assert.deepEqual(read(file, sizes, maxBytes), read(file, [], maxBytes));
    }),
    { numRuns: 2000 },
  );
});
