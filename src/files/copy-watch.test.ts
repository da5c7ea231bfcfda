import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../test/support/manual-clock.js';
import type { Content } from './content.js';
import { CopyWatch } from './copy-watch.js';
import { fingerprintOf } from './identity.js';
import { SourceFile } from './source-file.js';
import type { Candidate } from './walk.js';

const keeper = { contentOf: () => Promise.resolve(undefined), changed: () => {}, failed: () => {} };
const contentOf = (bytes: Buffer): Content => ({
  look: () => ({ size: bytes.length, mtimeMs: 0, links: 1 }),
  read: (target, at, length, position) =>
    Promise.resolve(bytes.copy(target, at, Math.min(position, bytes.length), position + length)),
  close: () => {},
});
const text = (length: number, letter = 'a'): Buffer => Buffer.alloc(length, `${letter}bcdefg`);
const statOf = (size: number) => ({ device: '1', inode: '2', birthNs: '', size, mtimeMs: 0, kind: 'file' }) as const;
const candidate: Candidate = { key: '1:9', stat: statOf(0), paths: ['/c'], matched: '/c' };

function original(bytes: Buffer): SourceFile {
  const file = new SourceFile('o', '/o', statOf(bytes.length), fingerprintOf(bytes, bytes.length), 0, 0, keeper);
  file.content = contentOf(bytes);
  return file;
}

const mayBe = (watch: CopyWatch, bytes: Buffer, ...originals: SourceFile[]) =>
  watch.mayBeCopy(candidate, contentOf(bytes), fingerprintOf(bytes, bytes.length), originals);

test('a new file that equals the beginning of a live one waits five seconds, and no longer', async () => {
  const clock = new ManualClock();
  const watch = new CopyWatch(clock);
  const file = original(text(5000));
  assert.ok(await mayBe(watch, text(3000), file));
  assert.ok(watch.compared(candidate, file));
  assert.equal(watch.size, 1);
  await clock.advance(4999);
  assert.ok(await mayBe(watch, text(4000), file));
  await clock.advance(1);
  assert.ok(!(await mayBe(watch, text(4000), file)));
  watch.decided(candidate);
  assert.equal(watch.size, 0);
});

test('what is short, longer than the original, other at its end, or of a file that is gone does not wait', async () => {
  const watch = new CopyWatch(new ManualClock());
  const file = original(text(5000));
  assert.ok(!(await mayBe(watch, text(1023), file)));
  assert.ok(!(await mayBe(watch, text(5001), file)));
  assert.ok(!(await mayBe(watch, Buffer.concat([text(2000), text(100, 'x')]), file)));
  assert.ok(!(await mayBe(watch, text(3000, 'x'), file)));
  file.state = 'gone';
  assert.ok(!(await mayBe(watch, text(3000), file)));
  assert.equal(watch.size, 0);
});

test('a candidate that went away is forgotten', async () => {
  const watch = new CopyWatch(new ManualClock());
  await mayBe(watch, text(3000), original(text(5000)));
  watch.keepOnly(new Map([[candidate.key, candidate]]));
  assert.equal(watch.size, 1);
  watch.keepOnly(new Map());
  assert.equal(watch.size, 0);
});
