import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Content } from './content.js';
import { examine, isCopy, isSame, isSameElsewhere } from './evidence.js';
import { anchorAt, fingerprintOf, noAnchor, type Anchor } from './identity.js';

const contentOf = (bytes: Buffer): Content => ({
  look: () => ({ size: bytes.length, mtimeMs: 0, links: 1 }),
  read: (target, at, length, position) =>
    Promise.resolve(bytes.copy(target, at, Math.min(position, bytes.length), position + length)),
  close: () => {},
});
const text = (length: number, letter = 'a'): Buffer =>
  Buffer.from(
    Array.from({ length }, (_, n) => `${letter}${n},`)
      .join('')
      .slice(0, length),
  );
const anchorOf = (bytes: Buffer, offset: number): Anchor => anchorAt(bytes, offset, offset, offset);
const known = (bytes: Buffer) => ({ fingerprint: fingerprintOf(bytes, bytes.length), size: bytes.length });

test('the same inode is the same file while nothing speaks against it', async () => {
  const bytes = text(300);
  const anchors = [anchorOf(bytes, 200), noAnchor];
  const grown = Buffer.concat([bytes, text(50, 'b')]);
  assert.ok(isSame(known(bytes), anchors, await examine(contentOf(grown), anchors)));

  for (const [what, other] of [
    ['shorter', bytes.subarray(0, 299)],
    ['other beginning', text(400, 'b')],
    ['other bytes before the anchor', Buffer.concat([bytes.subarray(0, 190), text(200, 'c')])],
  ] as const) {
    const older = { ...known(bytes), fingerprint: fingerprintOf(bytes, what === 'other beginning' ? 300 : 100) };
    assert.ok(!isSame(older, anchors, await examine(contentOf(other), anchors)), what);
  }
});

test('an anchor beyond the end never fits', async () => {
  const bytes = text(300);
  const anchor = anchorOf(text(400), 400);
  const evidence = await examine(contentOf(bytes), [anchor]);
  assert.ok(!evidence.fits(anchor));
  assert.ok(!isSame({ ...known(bytes), size: 0 }, [anchor], evidence));
});

test('another inode needs the whole fingerprint and all anchors', async () => {
  const bytes = text(3000);
  const anchors = [anchorOf(bytes, 2500)];
  const evidence = await examine(contentOf(bytes), anchors);
  assert.ok(isSameElsewhere(known(bytes), anchors, evidence));
  assert.ok(!isSameElsewhere({ fingerprint: fingerprintOf(bytes, 1023) }, anchors, evidence));
  assert.ok(!isSameElsewhere(known(bytes), [anchorOf(text(3000, 'b'), 2500)], evidence));
});

test('NULs are no evidence', async () => {
  const hole = Buffer.alloc(3000);
  assert.ok(!isSameElsewhere(known(hole), [], await examine(contentOf(hole), [])));
});

test('a copy is known by an anchor inside it or by having been compared before; anchors beyond it say nothing', async () => {
  const bytes = text(3000);
  const copy = contentOf(bytes.subarray(0, 2000));
  const [inside, beyond] = [anchorOf(bytes, 1500), anchorOf(bytes, 2500)];
  const evidence = await examine(copy, [inside, beyond]);
  assert.ok(isCopy(known(bytes), [inside, beyond], evidence, false));
  assert.ok(!isCopy(known(bytes), [beyond], evidence, false));
  assert.ok(isCopy(known(bytes), [beyond], evidence, true));
  assert.ok(!isCopy(known(text(3000, 'b')), [inside], evidence, true));
});
