import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escapeJson } from '../kernel/escape.js';
import { partLength } from './split.js';

const piece = fc.constantFrom(...['a', '"', '\n', '\x01', '\x7f', 'é', '€', '😀'].map((text) => Buffer.from(text)));
const broken = fc.constantFrom(
  ...['\xff', '\xe2\x82', '\xf0\x9f\x98', '\x80', '\xed\xa0\x80'].map((t) => Buffer.from(t, 'latin1')),
);
const anyText = fc.oneof(
  fc.array(fc.oneof(piece, broken), { maxLength: 30 }).map((pieces) => Buffer.concat(pieces)),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
);

/** Encoded size of a text by the kernel's own escaping, quotes not counted. */
function encodedSize(bytes: Buffer): number {
  const copied = { end: 0, textBytes: 0 };
  assert.ok(escapeJson(bytes, 0, bytes.length, Buffer.alloc(bytes.length * 6 + 6), 0, bytes.length * 6 + 6, copied));
  return copied.end;
}

const decode = (bytes: Buffer): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);

test('a part is the longest beginning whose encoded form fits, of at least one character, and parts joined are the text', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 0, max: 40 }), (text, max) => {
      const parts: Buffer[] = [];
      for (let at = 0; at < text.length;) {
        const length = partLength(text, at, text.length, max);
        assert.ok(length > 0);
        const part = text.subarray(at, at + length);
        if (Array.from(decode(part)).length > 1) assert.ok(encodedSize(part) <= max);
        at += length;
        const next = partLength(text, at, text.length, 0);
        if (next > 0) assert.ok(encodedSize(text.subarray(at - length, at + next)) > max);
        parts.push(part);
      }
      // Joined as texts, not as bytes: no character was cut in two.
      assert.equal(parts.map(decode).join(''), decode(text));
    }),
    { numRuns: 2000 },
  );
});

test('an empty text has an empty part', () => {
  assert.equal(partLength(Buffer.from('abc'), 1, 1, 10), 0);
});
