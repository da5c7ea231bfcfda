import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Content } from './content.js';
import { anchorAt, fingerprintOf, noAnchor, type Anchor } from './identity.js';
import { SourceFile, type FileKeeper } from './source-file.js';

const text = (letter: string, length: number): Buffer => Buffer.alloc(length, letter);

/** A file over bytes that the test may change behind its back, with nothing ever looking but its own reads. */
function fileOver(first: Buffer) {
  let bytes = first;
  const changes: string[] = [];
  const content: Content = {
    look: () => ({ size: bytes.length, mtimeMs: 1, links: 1 }),
    read: (target, at, length, position) =>
      Promise.resolve(bytes.copy(target, at, position, Math.min(bytes.length, position + length))),
    close: () => {},
  };
  const keeper: FileKeeper = {
    contentOf: () => Promise.resolve(content),
    changed: (_file, how) => void changes.push(how),
    failed: (_file, error) => assert.fail(String(error)),
  };
  const stat = { device: '1', inode: '2', birthNs: '3', size: first.length, mtimeMs: 1, kind: 'file' as const };
  const file = new SourceFile('0'.repeat(24), '/x.log', stat, fingerprintOf(first, first.length), 0, 0, keeper);
  file.content = content;
  return { file, changes, rewrite: (other: Buffer) => void (bytes = other) };
}

const at = 512;
async function readOn(file: SourceFile, anchor: Anchor): Promise<string | undefined> {
  const target = Buffer.alloc(4096);
  const count = await file.read(target, at, 2000, anchor);
  return count === undefined ? undefined : target.toString('latin1', at, at + count);
}

/** Where a reader stands that has read `length` bytes of `bytes`. */
const after = (bytes: Buffer, length: number): Anchor => anchorAt(bytes, length, length, length);

test('a read gives what follows the anchor', async () => {
  const bytes = Buffer.concat([text('a', 300), text('b', 700)]);
  const { file, changes } = fileOver(bytes);
  assert.equal(await readOn(file, after(bytes, 300)), 'b'.repeat(700));
  assert.equal(await readOn(file, after(bytes, 1000)), '', 'the end');
  assert.deepEqual(changes, []);
});

test('a read gives nothing once the bytes before its place are others, whatever the size', async () => {
  const bytes = text('a', 1000);
  const { file, changes, rewrite } = fileOver(bytes);
  const anchor = after(bytes, 800);
  rewrite(text('c', 1500));
  assert.equal(await readOn(file, anchor), undefined);
  assert.deepEqual(changes, ['rewritten']);
});

test('a read gives nothing once the file is shorter than it was', async () => {
  const bytes = text('a', 1000);
  const { file, changes, rewrite } = fileOver(bytes);
  rewrite(text('a', 900));
  assert.equal(await readOn(file, after(bytes, 800)), undefined);
  assert.deepEqual(changes, ['shrunk']);
});

test('a read from the start gives nothing once the file begins otherwise', async () => {
  const { file, changes, rewrite } = fileOver(text('a', 1000));
  rewrite(text('c', 1000));
  assert.equal(await readOn(file, noAnchor), undefined);
  assert.deepEqual(changes, ['rewritten']);
});

test('what was seen beyond the last read that proved the content is not taken for part of it', async () => {
  const bytes = text('a', 1000);
  const { file, rewrite } = fileOver(bytes);
  assert.equal((await readOn(file, after(bytes, 500)))?.length, 500);
  file.grow(5000, 1);
  rewrite(text('c', 5000));
  assert.equal(await readOn(file, after(bytes, 1000)), undefined);
  assert.equal(file.provenSize, 1000);
});
