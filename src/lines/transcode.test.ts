import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { toUtf8 } from './transcode.js';

const big = new TextDecoder('utf-16be', { ignoreBOM: true });
const little = new TextDecoder('utf-16le', { ignoreBOM: true });

/** Units around every border: ASCII, two and three bytes, both halves of a pair, alone and together. */
const edgeUnits = fc
  .array(
    fc.constantFrom(0, 0x0a, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000, 0xfeff, 0xffff),
  )
  .map((units) => Buffer.from(Uint16Array.from(units).buffer));
const anyBytes = fc.oneof(
  edgeUnits,
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  fc.string({ unit: 'binary' }).map((text) => Buffer.from(text, 'utf16le')),
);

/** What a half unit becomes is ours to say: TextDecoder makes one U+FFFD of it and a lone surrogate before it. */
function decoded(decoder: typeof big, bytes: Buffer): string {
  const half = bytes.length % 2;
  return decoder.decode(bytes.subarray(0, bytes.length - half)) + (half === 1 ? '\ufffd' : '');
}

test('UTF-16 of either order becomes what TextDecoder makes of it, wherever it lies and is cut', () => {
  fc.assert(
    fc.property(anyBytes, fc.nat(3), fc.nat(3), (bytes, before, after) => {
      const around = Buffer.concat([Buffer.alloc(before, 0xd8), bytes, Buffer.alloc(after, 0xdc)]);
      const to = before + bytes.length;
      assert.equal(toUtf8(around, before, to, 'utf-16le').toString(), decoded(little, bytes));
      assert.equal(toUtf8(around, before, to, 'utf-16be').toString(), decoded(big, bytes));
    }),
    { numRuns: 2000 },
  );
});

test('a line longer than any before it is converted whole, and short ones after it still are', () => {
  for (const length of [10, 300_000, 10, 400_000, 900_000]) {
    const text = '\u20ac'.repeat(length);
    assert.equal(toUtf8(Buffer.from(text, 'utf16le'), 0, 2 * length, 'utf-16le').toString(), text);
  }
});
