import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escapeJson, repairUtf8 } from './escape.js';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const guard = 0xa5;

/** Bytes of text with some of them overwritten, removed or cut: mostly valid UTF-8, broken in places. */
const brokenText = fc
  .tuple(fc.string({ unit: 'binary', maxLength: 40 }), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }))
  .map(([text, changes]) => {
    const bytes = Buffer.from(text);
    for (const [place, byte] of changes) if (bytes.length > 0) bytes[place % bytes.length] = byte;
    return bytes;
  });
/** Leads, continuations at the ends of their ranges and ASCII, in any order: every way to be almost valid. */
const edges = [0x00, 0x22, 0x41, 0x5c, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xdf];
const edgeBytes = fc
  .array(fc.constantFrom(...edges, 0xe0, 0xe2, 0xec, 0xed, 0xef, 0xf0, 0xf3, 0xf4, 0xf5, 0xff), { maxLength: 24 })
  .map((bytes) => Buffer.from(bytes));
const anyBytes = fc.oneof(
  brokenText,
  edgeBytes,
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
);

/** Runs a copy at an odd place of a larger buffer, with guards on both sides, into exactly `room` bytes. */
function copyInto(copy: typeof escapeJson, source: Buffer, room: number) {
  const before = Buffer.concat([Buffer.from('\xff"', 'latin1'), source, Buffer.from('\x80\x80\x80', 'latin1')]);
  const target = Buffer.alloc(room + 8, guard);
  const copied = { end: -1, textBytes: -1 };
  const fits = copy(before, 2, 2 + source.length, target, 3, 3 + room, copied);
  assert.ok(target.subarray(0, 3).every((byte) => byte === guard));
  assert.ok(target.subarray(3 + room).every((byte) => byte === guard));
  return { fits, copied, text: target.subarray(3, Math.max(3, copied.end)).toString('latin1') };
}

function compare(bytes: Buffer): void {
  const decoded = decoder.decode(bytes);
  const expected = [Buffer.from(JSON.stringify(decoded).slice(1, -1)), Buffer.from(decoded)];
  for (const [index, copy] of [escapeJson, repairUtf8].entries()) {
    const wanted = expected[index]!;
    const { fits, copied, text } = copyInto(copy, bytes, wanted.length);
    assert.equal(fits, true);
    assert.equal(text, wanted.toString('latin1'));
    assert.equal(copied.textBytes, Buffer.byteLength(decoded));
    for (let room = 0; room < wanted.length; room++) {
      const cramped = copyInto(copy, bytes, room);
      assert.deepEqual([cramped.fits, cramped.copied], [false, { end: -1, textBytes: -1 }]);
    }
  }
}

test('bytes are escaped as JSON.stringify does with what TextDecoder makes of them, and never past the end', () => {
  fc.assert(fc.property(anyBytes, compare), { numRuns: 1500 });
});

test('text that is cut at any byte, at either side, is repaired as TextDecoder does', () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      for (let cut = 0; cut <= bytes.length; cut++) {
        compare(bytes.subarray(0, cut));
        compare(bytes.subarray(cut));
      }
    }),
    { numRuns: 60 },
  );
});

test('every single byte and every pair of bytes agrees with TextDecoder', () => {
  const pair = Buffer.alloc(2);
  const target = Buffer.alloc(16);
  const copied = { end: 0, textBytes: 0 };
  for (let value = 0; value < 0x10000; value++) {
    pair.writeUInt16BE(value);
    assert.ok(escapeJson(pair, 0, 2, target, 0, 16, copied));
    const wanted = JSON.stringify(decoder.decode(pair)).slice(1, -1);
    if (target.toString('utf8', 0, copied.end) !== wanted) assert.fail(`bytes ${value.toString(16)}`);
  }
});

test('delete and the line separators of Unicode pass as they are', () => {
  const source = Buffer.from('a\x7f\u2028\u2029z');
  const { text } = copyInto(escapeJson, source, source.length);
  assert.equal(text, source.toString('latin1'));
});
