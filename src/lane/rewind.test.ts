import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SourceFile } from '../files/source-file.js';
import { hashOf } from '../files/identity.js';
import type { Ledger, StoredCursor } from '../types/stored.js';
import { rewound, takenBack } from './rewind.js';

function fileOf(content: Buffer, encoding = ''): SourceFile {
  const stat = { device: '1', inode: '2', birthNs: '', size: content.length, mtimeMs: 1, kind: 'file' as const };
  const file = new SourceFile('0'.repeat(24), '/a.log', stat, { length: 0, hash: '' }, 1, 0, {
    contentOf: ({ content: open }) => Promise.resolve(open),
    changed: (changed) => (changed.problem = 'changed'),
    failed: (_file, error) => {
      throw error;
    },
  });
  file.encoding = encoding;
  file.content = {
    look: () => ({ size: content.length, mtimeMs: 1, links: 1 }),
    read: (target, at, length, position) =>
      Promise.resolve(content.copy(target, at, position, Math.min(content.length, position + length))),
    close: () => {},
  };
  return file;
}

const cursorAt = (offset: number, ledger: Partial<Ledger> = {}): StoredCursor => ({
  offset,
  anchor: '',
  anchorLength: 0,
  lineStart: 3,
  part: 2,
  ledger: { delivered: offset, deadLettered: 0, leftOut: 0, dropped: 0, ...ledger },
});

const sum = ({ delivered, deadLettered, leftOut, dropped }: Ledger): number =>
  delivered + deadLettered + leftOut + dropped;

test('a rewind goes to the start of the line, vouched for by the bytes before it, and inside no line', async () => {
  const content = Buffer.from('one\ntwo\nthree\n');
  for (const [wanted, to] of [
    [0, 0],
    [3, 0],
    [4, 4],
    [6, 4],
    [8, 8],
    [13, 8],
  ] as const) {
    const next = await rewound(fileOf(content), cursorAt(14), wanted);
    assert.deepEqual(next, {
      offset: to,
      anchor: to === 0 ? '' : hashOf(content, 0, to),
      anchorLength: to,
      lineStart: -1,
      part: 0,
      ledger: { delivered: to, deadLettered: 0, leftOut: 0, dropped: 0 },
    });
  }
});

test('a content that is not the one that was delivered gives no position: it would be read from there on, and its beginning never', async () => {
  const before = Buffer.from('one\ntwo\nthree\n');
  const cursor = { ...cursorAt(14), anchor: hashOf(before, 0, 14), anchorLength: 14 };
  assert.equal((await rewound(fileOf(before), cursor, 5))?.offset, 4);
  for (const wanted of [0, 5]) {
    const file = fileOf(Buffer.from('uno\ndos\ntres\nquatro\n'));
    await assert.rejects(rewound(file, cursor, wanted));
    assert.equal(file.problem, 'changed', 'the file table is told');
  }
});

test('a cursor is never moved on', async () => {
  const file = fileOf(Buffer.from('one\ntwo\nthree\n'));
  for (const wanted of [8, 9, 14, 1e12]) assert.equal(await rewound(file, cursorAt(8), wanted), undefined);
});

test('the start of a line is found across any number of reads, and by whole characters of UTF-16', async () => {
  const long = Buffer.from(`first\n${'x'.repeat(200_000)}\n`);
  assert.equal((await rewound(fileOf(long), cursorAt(200_007), 199_999))?.offset, 6);
  const none = Buffer.from('y'.repeat(150_000));
  assert.equal((await rewound(fileOf(none), cursorAt(150_000), 149_000))?.offset, 0);
  // U+0A0D holds the byte of a line end; so does U+0D0A, across two characters.
  const words = 'a\u0a0d\u0d0ab\nsecond';
  const little = Buffer.from(words, 'utf16le');
  assert.equal((await rewound(fileOf(little, 'utf-16le'), cursorAt(22), 7))?.offset, 0);
  assert.equal((await rewound(fileOf(little, 'utf-16le'), cursorAt(22), 15))?.offset, 10);
  const big = Buffer.from(little).swap16();
  assert.equal((await rewound(fileOf(big, 'utf-16be'), cursorAt(22), 7))?.offset, 0);
  assert.equal((await rewound(fileOf(big, 'utf-16be'), cursorAt(22), 14))?.offset, 10);
});

test('bytes that can not be had leave the cursor where it is', async () => {
  await assert.rejects(rewound(fileOf(Buffer.from('short\n')), cursorAt(100), 50));
});

test('what is taken back is as much as asked for, and no part of a ledger goes below zero', () => {
  const amount = fc.nat({ max: 1000 });
  const ledgers = fc.record({ delivered: amount, deadLettered: amount, leftOut: amount, dropped: amount });
  fc.assert(
    fc.property(ledgers, fc.nat({ max: 4000 }), (ledger, wanted) => {
      const bytes = Math.min(wanted, sum(ledger));
      const part = takenBack(ledger, bytes);
      assert.equal(sum(part), bytes);
      for (const name of ['delivered', 'deadLettered', 'leftOut', 'dropped'] as const)
        assert.ok(part[name] >= 0 && part[name] <= ledger[name]);
    }),
  );
  assert.deepEqual(takenBack({ delivered: 5, deadLettered: 3, leftOut: 4, dropped: 2 }, 10), {
    delivered: 5,
    leftOut: 4,
    deadLettered: 1,
    dropped: 0,
  });
});
