import assert from 'node:assert/strict';
import { test } from 'node:test';
import { overLimits, type HoldLimits } from './holds.js';
import { emptyFingerprint } from './identity.js';
import { SourceFile } from './source-file.js';

const keeper = { contentOf: () => Promise.resolve(undefined), changed: () => {}, failed: () => {} };

function held(fileId: string, size: number, deletedAt: number): SourceFile {
  const stat = { device: '1', inode: fileId, birthNs: '', size, mtimeMs: 0, kind: 'file' } as const;
  const file = new SourceFile(fileId, `/${fileId}.log`, stat, emptyFingerprint, 0, 0, keeper);
  file.state = 'deleted';
  file.deletedAt = deletedAt;
  return file;
}

const given = (files: readonly SourceFile[], limits: Partial<HoldLimits>, now = 100, done: readonly string[] = []) =>
  overLimits(
    files,
    { maxBytes: Infinity, maxAgeMs: Infinity, volumeLimit: undefined, volumeUsed: 0, ...limits },
    now,
    ({ fileId }) => done.includes(fileId),
  ).map(({ file, reason }) => `${file.fileId} ${reason}`);

const three = [held('new', 10, 30), held('old', 10, 10), held('mid', 10, 20)];

test('within the limits nothing is given up, at the limit neither', () => {
  assert.deepEqual(given([], { maxBytes: 0 }), []);
  assert.deepEqual(given(three, { maxBytes: 30, maxAgeMs: 90, volumeLimit: 1000, volumeUsed: 800 }), []);
});

test('over the byte limit the oldest go, until the others fit', () => {
  assert.deepEqual(given(three, { maxBytes: 29 }), ['old hold_bytes']);
  assert.deepEqual(given(three, { maxBytes: 10 }), ['old hold_bytes', 'mid hold_bytes']);
  assert.deepEqual(given(three, { maxBytes: 0 }), ['old hold_bytes', 'mid hold_bytes', 'new hold_bytes']);
});

test('over the age limit each file goes that is too old, and no other', () => {
  assert.deepEqual(given(three, { maxAgeMs: 75 }), ['old hold_age', 'mid hold_age']);
});

test('holds end at 80 % of the volume limit', () => {
  assert.deepEqual(given(three, { volumeLimit: 100, volumeUsed: 81 }), ['old volume']);
  assert.deepEqual(given(three, { volumeLimit: 100, volumeUsed: 95 }), ['old volume', 'mid volume']);
});

test('finished files go before one that an output still reads, however old that is', () => {
  assert.deepEqual(given(three, { maxBytes: 20 }, 100, ['new']), ['new hold_bytes']);
  assert.deepEqual(given(three, { maxBytes: 10 }, 100, ['new']), ['new hold_bytes', 'old hold_bytes']);
});
