import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detectEncoding } from './encoding.js';

const detected = (bytes: readonly number[], whole = false) => detectEncoding(Buffer.from(bytes), whole);

test('a byte-order mark says the encoding and is no part of the text', () => {
  assert.deepEqual(detected([0xef, 0xbb, 0xbf, 0x41]), { encoding: 'utf-8', bomBytes: 3 });
  assert.deepEqual(detected([0xff, 0xfe, 0x41, 0x00]), { encoding: 'utf-16le', bomBytes: 2 });
  assert.deepEqual(detected([0xfe, 0xff, 0x00, 0x41]), { encoding: 'utf-16be', bomBytes: 2 });
});

test('bytes without a mark are UTF-8, also when they look like UTF-16 or begin like a mark', () => {
  const plain = { encoding: 'utf-8', bomBytes: 0 };
  for (const bytes of [
    [0x41],
    [0x41, 0, 0x42, 0],
    [0xef, 0xbb, 0x41],
    [0xef, 0x41],
    [0xff, 0x41],
    [0xfe, 0x41],
    [0, 0],
  ])
    assert.deepEqual(detected(bytes), plain);
});

test('bytes that may still become a mark wait for more, unless no more will come', () => {
  for (const bytes of [[], [0xef], [0xef, 0xbb], [0xff], [0xfe]]) {
    assert.equal(detected(bytes), undefined);
    assert.deepEqual(detected(bytes, true), { encoding: 'utf-8', bomBytes: 0 });
  }
});
