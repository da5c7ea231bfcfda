import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Encoding } from './encoding.js';
import { cutPoint, isBlank, nextLine, nulRun } from './framing.js';

const swapped = (bytes: Buffer): Buffer => Buffer.from(bytes).swap16();
const encode = (text: string, encoding: Encoding): Buffer => {
  if (encoding === 'utf-8') return Buffer.from(text);
  const little = Buffer.from(text, 'utf16le');
  return encoding === 'utf-16le' ? little : swapped(little);
};
const encodings: readonly Encoding[] = ['utf-8', 'utf-16le', 'utf-16be'];

test('a line ends with the first line feed, and one carriage return before it belongs to its end', () => {
  for (const encoding of encodings) {
    const unit = encoding === 'utf-8' ? 1 : 2;
    for (const [text, textUnits, rawUnits] of [
      ['ab\ncd\n', 2, 3],
      ['ab\r\ncd', 2, 4],
      ['a\r\r\n', 2, 4],
      ['a\rb\n', 3, 4],
      ['\n', 0, 1],
      ['\r\n', 0, 2],
    ] as const) {
      // A carriage return before the line is not part of it.
      const bytes = encode(`\r${text}`, encoding);
      const span = { textStart: -1, textEnd: -1, rawEnd: -1 };
      assert.ok(nextLine(bytes, unit, bytes.length, encoding, span));
      assert.deepEqual(span, { textStart: unit, textEnd: (1 + textUnits) * unit, rawEnd: (1 + rawUnits) * unit });
    }
  }
});

test('without a line feed before the end of what is there, there is no line and the span is untouched', () => {
  for (const encoding of encodings) {
    const bytes = encode('ab\ncd\n', encoding);
    const unit = encoding === 'utf-8' ? 1 : 2;
    const span = { textStart: -1, textEnd: -1, rawEnd: -1 };
    for (let to = 0; to < 3 * unit; to++) assert.equal(nextLine(bytes, 0, to, encoding, span), false);
    assert.equal(nextLine(bytes, 3 * unit, 6 * unit - 1, encoding, span), false);
    assert.deepEqual(span, { textStart: -1, textEnd: -1, rawEnd: -1 });
    assert.ok(nextLine(bytes, 3 * unit, 6 * unit, encoding, span));
  }
});

test('half of another UTF-16 letter is no line feed', () => {
  // U+0A0A and U+0A00 have the byte 0x0a in either place; across the border of two units it shows up as well.
  const text = '\u0a0a\u0a00\u000d\u0a00\u010a\u0a0a';
  for (const encoding of ['utf-16le', 'utf-16be'] as const) {
    const bytes = encode(`${text}\n`, encoding);
    const span = { textStart: 0, textEnd: 0, rawEnd: 0 };
    assert.equal(nextLine(bytes, 0, bytes.length - 2, encoding, span), false);
    assert.ok(nextLine(bytes, 0, bytes.length, encoding, span));
    assert.deepEqual(span, { textStart: 0, textEnd: bytes.length - 2, rawEnd: bytes.length });
  }
});

test('only ASCII white space is blank', () => {
  for (const encoding of encodings) {
    for (const [text, blank] of [
      ['', true],
      [' \t\v\f\r', true],
      [' x ', false],
      ['\0', false],
      ['\u00a0', false],
      ['\u2003', false],
      ['\u2020', false],
    ] as const) {
      const bytes = encode(`x${text}x`, encoding);
      const unit = encoding === 'utf-8' ? 1 : 2;
      assert.equal(isBlank(bytes, unit, bytes.length - unit, encoding), blank);
    }
  }
  assert.equal(isBlank(Buffer.from([0x20, 0x00, 0x20]), 0, 3, 'utf-16le'), false);
});

test('a run of NULs is as long as it is, and never longer than what is there', () => {
  const bytes = Buffer.from('\0\0\0a\0');
  assert.equal(nulRun(bytes, 0, 5), 3);
  assert.equal(nulRun(bytes, 0, 2), 2);
  assert.equal(nulRun(bytes, 3, 5), 0);
  assert.equal(nulRun(bytes, 4, 5), 1);
});

test('a cut divides neither a character nor a line end, and goes back no further than it must', () => {
  for (const [text, max, cut] of [
    ['abcd', 3, 3],
    ['ab€d', 3, 2],
    ['ab€d', 4, 2],
    ['ab€d', 5, 5],
    ['😀b', 3, 4],
    ['a😀', 4, 1],
    ['ab\r\n', 3, 2],
    ['ab\rc', 3, 3],
    ['\r\n', 1, 2],
    ['abc\r', 4, 3],
    ['\r', 1, 1],
  ] as const)
    assert.equal(cutPoint(Buffer.from(text), 0, max, Buffer.byteLength(text), 'utf-8'), cut, JSON.stringify(text));
  // What is there may end inside a character, whose other bytes are still to be written.
  assert.equal(cutPoint(Buffer.from('ab€'), 0, 4, 4, 'utf-8'), 2);
  assert.equal(cutPoint(Buffer.from('ab\xff', 'latin1'), 0, 3, 3, 'utf-8'), 2);
  for (const encoding of ['utf-16le', 'utf-16be'] as const) {
    for (const [text, max, cut] of [
      ['abcd', 5, 4],
      ['a😀b', 4, 2],
      ['a😀b', 6, 6],
      ['😀b', 2, 4],
      ['ab\r\n', 6, 4],
      ['ab\rc', 6, 6],
      ['a\ud83db', 4, 4],
      ['ab\ud83d', 6, 4],
      ['ab\r', 6, 4],
      ['\ud83d', 2, 2],
      ['\r\n', 2, 4],
    ] as const)
      assert.equal(cutPoint(encode(text, encoding), 0, max, text.length * 2, encoding), cut, JSON.stringify(text));
  }
});

test('a cut is within its limit or one character long, makes progress, and does not depend on bytes further on', () => {
  const piece = fc.constantFrom(
    ...['a', '\r', '\n', 'é', '€', '😀', '\xff', '\xe2\x82', '\xf0\x9f', '\x80\x80'].map((text, i) =>
      Buffer.from(text, i < 6 ? 'utf8' : 'latin1'),
    ),
  );
  const anyBytes = fc.array(piece, { minLength: 1, maxLength: 12 }).map((pieces) => Buffer.concat(pieces));
  fc.assert(
    fc.property(anyBytes, fc.constantFrom(...encodings), fc.integer({ min: 1, max: 9 }), (bytes, encoding, max) => {
      const unit = encoding === 'utf-8' ? 1 : 2;
      const cut = cutPoint(bytes, 0, max, bytes.length, encoding);
      assert.ok(cut > 0 && cut <= bytes.length && (cut <= max || cut <= 4));
      assert.ok(cut % unit === 0 || cut === bytes.length);
      if (max >= 4 && bytes.length >= max) assert.ok(cut >= max - 3 - unit);
      for (let to = max + unit; to <= bytes.length; to++)
        if (max >= 4) assert.equal(cutPoint(bytes, 0, max, to, encoding), cut);
    }),
    { numRuns: 3000 },
  );
});
