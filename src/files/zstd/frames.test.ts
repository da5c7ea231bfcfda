import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { UnsuitableFrame, ZstdFrames } from './frames.js';
import { Xxh64 } from './xxh64.js';

const fixture = (name: string): Buffer =>
  readFileSync(join(process.env.PANNIER_ROOT ?? '.', 'test/fixtures/zst', `${name}.zst`));
const lines = Array.from({ length: 2000 }, (_, at) => `line ${String(at).padStart(4, '0')}\n`).join('');
const big = Array.from(
  { length: 30_000 },
  (_, at) => `line ${at} ${((at * 2654435761) >>> 0).toString(36)} some more text of a log\n`,
).join('');

/** What `packed` unpacks to, given in pieces of `pieceBytes`. */
function unpacked(packed: Uint8Array, pieceBytes = 65_536): string {
  const frames = new ZstdFrames();
  const out: Uint8Array[] = [];
  for (let at = 0; at < packed.length; at += pieceBytes) {
    frames.put(packed.subarray(at, at + pieceBytes));
    out.push(...frames.blocks());
  }
  frames.end();
  return Buffer.concat(out).toString();
}

test('what zstd made is unpacked, in pieces of any size', () => {
  for (const pieceBytes of [1, 7, 1000, 65_536]) {
    assert.equal(unpacked(fixture('lines'), pieceBytes), lines);
    assert.equal(unpacked(fixture('lines-stream-no-check'), pieceBytes), lines);
  }
  assert.ok(unpacked(fixture('big')) === big);
});

test('frames that follow each other are one content, and frames to be skipped are skipped', () => {
  const skipped = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
  const packed = Buffer.concat([skipped, fixture('lines'), skipped, fixture('lines-stream-no-check')]);
  for (const pieceBytes of [1, 65_536]) assert.equal(unpacked(packed, pieceBytes), lines + lines);
});

test('what ends anywhere before its end is not whole', () => {
  const packed = fixture('lines');
  for (let length = 0; length < packed.length; length += 1)
    assert.throws(() => unpacked(packed.subarray(0, length)), `${length} of ${packed.length}`);
});

test('a checksum or a size that does not fit is an error, and so is whatever is wrong in between', () => {
  const packed = fixture('big');
  const wrong = Buffer.from(packed);
  wrong[wrong.length - 1]! ^= 1;
  assert.throws(() => unpacked(wrong), /checksum/);
  for (let at = 20; at < packed.length; at += 4999) {
    const flipped = Buffer.from(packed);
    flipped[at]! ^= 16;
    assert.throws(() => unpacked(flipped), `byte ${at}`);
  }
  // The header of lines.zst: magic, descriptor, two bytes of size.
  const sized = Buffer.from(fixture('lines'));
  sized[5]! += 1;
  assert.throws(() => unpacked(sized));
});

test('a window above 8 MiB, and a dictionary, are refused before memory is taken for them', () => {
  assert.throws(() => unpacked(fixture('lines-window-128m')), UnsuitableFrame);
  const dictionary = Buffer.from(fixture('lines'));
  dictionary[4]! |= 1;
  assert.throws(() => unpacked(dictionary), UnsuitableFrame);
});

test('a small input that stands for a huge output is unpacked a block at a time', () => {
  // 20 000 blocks that repeat one byte 131072 times: 2.6 GB from 80 kB.
  const block = Buffer.from([2 | ((131_072 & 31) << 3), (131_072 >> 5) & 255, 131_072 >> 13, 0x61]);
  const frames = new ZstdFrames();
  frames.put(Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x58]), ...Array<Buffer>(20_000).fill(block)]));
  const before = process.memoryUsage().arrayBuffers;
  let total = 0;
  let most = 0;
  for (const { length } of frames.blocks()) {
    total += length;
    most = Math.max(most, length);
    if (total > 50 * 131_072) break;
  }
  assert.equal(most, 131_072);
  assert.ok(process.memoryUsage().arrayBuffers - before < 64 * 1024 ** 2);
});

test('the checksum is XXH64, whatever the pieces', () => {
  // Reference values of seed 0: of nothing ef46db3751d8e999, of "abc" 44bc2cf5ad770999.
  const sumOf = (...pieces: string[]): number => {
    const sum = new Xxh64();
    for (const piece of pieces) sum.add(Buffer.from(piece));
    return sum.low32();
  };
  assert.equal(sumOf(), 0x51d8e999);
  assert.equal(sumOf('abc'), 0xad770999);
  const text = big.slice(0, 300);
  for (let at = 0; at <= 300; at += 1) assert.equal(sumOf(text.slice(0, at), text.slice(at)), sumOf(text));
});
