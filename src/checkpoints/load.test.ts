import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleCursor, sampleFile, sampleId } from '../../test/faults/checkpoints-samples.js';
import { cursorKey, fileKey, forgottenKey, schemaKey } from './keys.js';
import { load } from './load.js';
import { encodeRecord, type Migration } from './record.js';
import type { Store } from './store.js';

const id = sampleId(1);

/** A store with these records, each as the version that stands with it wrote it. */
const storeOf = (records: Readonly<Record<string, readonly [version: number, data: unknown]>>): Store => ({
  async *entries() {
    for (const [key, [version, data]] of Object.entries(records))
      yield await Promise.resolve([key, encodeRecord(key, data, version)] as const);
  },
  write: () => assert.fail('loading writes nothing'),
  close: () => Promise.resolve(),
});

/** As if version 1 had called the offset `position`, and version 2 had known no parts. */
const steps: readonly Migration[] = [
  (key, data) => {
    if (!key.startsWith('cursor/')) return data;
    const { position, ...rest } = data as { position: number };
    return { ...rest, offset: position };
  },
  (key, data) => (key.startsWith('cursor/') ? { lineStart: -1, part: 0, ...(data as object) } : data),
];

test('records of every older version are brought to the newest, each from its own, and are to be written anew', async () => {
  const { offset, lineStart, part, ...rest } = sampleCursor(50);
  assert.deepEqual([offset, lineStart, part], [50, -1, 0]);
  const loaded = await load(
    storeOf({
      [schemaKey]: [1, {}],
      [fileKey(id)]: [2, sampleFile(1)],
      [cursorKey('oldest', id)]: [1, { ...rest, position: 50 }],
      [cursorKey('older', id)]: [2, { ...rest, offset: 50 }],
      [cursorKey('now', id)]: [3, sampleCursor(50)],
      [forgottenKey('oldest')]: [1, { delivered: 1, deadLettered: 2, leftOut: 3, dropped: 4 }],
    }),
    steps,
  );
  assert.equal(loaded.complete, true);
  assert.equal(loaded.newer, undefined);
  assert.deepEqual(loaded.ignored, []);
  for (const output of ['oldest', 'older', 'now'])
    assert.deepEqual(loaded.contents.cursors.get(output)?.get(id), sampleCursor(50), output);
  assert.deepEqual(loaded.contents.files.get(id), sampleFile(1));
  assert.deepEqual(
    [...loaded.stale].sort(),
    [schemaKey, fileKey(id), cursorKey('oldest', id), cursorKey('older', id), forgottenKey('oldest')].sort(),
  );
});

test('what a migration can make nothing of is left out and replaced, and the rest stays', async () => {
  const loaded = await load(
    storeOf({
      [schemaKey]: [3, {}],
      [fileKey(id)]: [3, sampleFile(1)],
      [cursorKey('es', id)]: [1, null],
      [cursorKey('http', id)]: [1, { ...sampleCursor(50), position: 49 }],
      [cursorKey('now', id)]: [3, sampleCursor(50)],
    }),
    steps,
  );
  assert.deepEqual([...loaded.contents.cursors.keys()], ['now'], 'a ledger that does not add up is no cursor');
  assert.deepEqual([...loaded.stale].sort(), [cursorKey('es', id), cursorKey('http', id)]);
});

test('one record of a newer version says so of the store', async () => {
  const loaded = await load(storeOf({ [schemaKey]: [3, {}], [fileKey(id)]: [4, { new: 'form' }] }), steps);
  assert.equal(loaded.newer, 4);
});
