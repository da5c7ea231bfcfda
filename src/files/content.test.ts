import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlainContent } from './content.js';
import { systemFiles } from './file-system.js';

/** A file of `size` bytes whose reads give at most `most` bytes each. */
function contentOf(size: number, most: number) {
  const file = { size, reads: 0 };
  const content = new PlainContent(
    {
      ...systemFiles,
      fstat: () => ({ size: file.size, mtimeMs: 0, links: 1 }),
      read: (_descriptor, target, at, length, position) => {
        file.reads += 1;
        const count = Math.max(0, Math.min(length, most, file.size - position));
        target.fill('x', at, at + count);
        return Promise.resolve(count);
      },
    },
    -1,
  );
  return { file, content, target: Buffer.alloc(1000) };
}

test('what is left of a file is had by one read, not by another that finds nothing', async () => {
  const { file, content, target } = contentOf(300, 1000);
  assert.equal(await content.read(target, 0, 1000, 100), 200);
  assert.equal(file.reads, 1);
});

test('a short read is not the end of the file', async () => {
  const { content, target } = contentOf(300, 70);
  assert.equal(await content.read(target, 0, 1000, 0), 300);
});

test('a file that gets shorter while it is read ends there', async () => {
  const { file, content, target } = contentOf(300, 100);
  const reading = content.read(target, 0, 1000, 0);
  file.size = 150;
  assert.equal(await reading, 150);
});
