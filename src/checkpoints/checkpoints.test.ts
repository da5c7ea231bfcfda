import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiskInMemory } from '../../test/faults/checkpoints-disk-in-memory.js';
import { sampleCursor, sampleFile, sampleId, temporaryDirectory } from '../../test/faults/checkpoints-samples.js';
import { until } from '../../test/support/until.js';
import { ManualClock } from '../../test/support/manual-clock.js';
import { silentLog } from '../types/log.js';
import { openCheckpoints } from './checkpoints.js';
import { cursorKey, fileKey, forgottenKey } from './keys.js';
import { StoreError } from './store.js';

const diskFull = new StoreError('other', 'IO error: 000003.log: No space left on device');

async function lab() {
  const directory = await temporaryDirectory();
  const clock = new ManualClock();
  const disk = new DiskInMemory();
  const open = () =>
    openCheckpoints({
      stateDir: directory.path,
      commitIntervalMs: 1000,
      log: silentLog,
      clock,
      database: disk,
    });
  const checkpoints = await open();
  disk.writes.length = 0;
  return {
    clock,
    disk,
    open,
    checkpoints,
    async [Symbol.asyncDispose]() {
      await checkpoints[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

test('cursors wait for the commit interval and are then written in one batch, each with its last value', async () => {
  await using t = await lab();
  for (let offset = 0; offset < 100; offset++) {
    t.checkpoints.putCursor('es', sampleId(1), sampleCursor(offset));
    t.checkpoints.putCursor('http', sampleId(1), sampleCursor(offset));
  }
  await t.clock.advance(999);
  assert.deepEqual(t.disk.writes, []);
  await t.clock.advance(1);
  assert.deepEqual(t.disk.writes, [[cursorKey('es', sampleId(1)), cursorKey('http', sampleId(1))]]);
  assert.match(t.disk.records.get(cursorKey('es', sampleId(1))) ?? '', /"offset":99,/);
  assert.equal(t.checkpoints.status.lastCommitMs, t.clock.now());
});

test('nothing is written and no timer runs while nothing waits', async () => {
  await using t = await lab();
  t.checkpoints.putCursor('es', sampleId(1), sampleCursor(1));
  await t.clock.advance(1000);
  await t.clock.advance(60_000);
  await t.checkpoints.commit();
  assert.equal(t.disk.writes.length, 1);
  assert.equal(t.clock.waiting, 0);
});

test('commit writes at once what waits', async () => {
  await using t = await lab();
  t.checkpoints.putCursor('es', sampleId(1), sampleCursor(5));
  await t.checkpoints.commit();
  assert.deepEqual(t.disk.writes, [[cursorKey('es', sampleId(1))]]);
});

test('files that are put in one turn share one write, and those that are put while it runs share the next', async () => {
  await using t = await lab();
  let release = () => {};
  t.disk.hold = new Promise((resolve) => (release = resolve));
  const first = [t.checkpoints.putFiles([sampleFile(1)]), t.checkpoints.putFiles([sampleFile(2)])];
  await t.clock.settle();
  assert.equal(t.disk.begun, 2, 'the store’s own first write and ours');
  const second = [t.checkpoints.putFiles([sampleFile(3)]), t.checkpoints.putFiles([sampleFile(4)])];
  await t.clock.settle();
  assert.equal(t.disk.begun, 2, 'one write at a time');
  release();
  await Promise.all([...first, ...second]);
  assert.deepEqual(t.disk.writes, [
    [fileKey(sampleId(1)), fileKey(sampleId(2))],
    [fileKey(sampleId(3)), fileKey(sampleId(4))],
  ]);
});

test('putFiles resolves only when its write has ended', async () => {
  await using t = await lab();
  let release = () => {};
  t.disk.hold = new Promise((resolve) => (release = resolve));
  let ended = false;
  const put = t.checkpoints.putFiles([sampleFile(1)]).then(() => (ended = true));
  await t.clock.settle();
  assert.equal(ended, false);
  release();
  await put;
  assert.ok(t.disk.records.has(fileKey(sampleId(1))));
});

test('a change that comes while a write runs is in the next write', async () => {
  await using t = await lab();
  let release = () => {};
  t.disk.hold = new Promise((resolve) => (release = resolve));
  t.checkpoints.putCursor('es', sampleId(1), sampleCursor(5));
  const commit = t.checkpoints.commit();
  await t.clock.settle();
  t.checkpoints.putCursor('es', sampleId(1), sampleCursor(6));
  release();
  await commit;
  await t.clock.advance(1000);
  assert.equal(t.disk.writes.length, 2);
  assert.match(t.disk.records.get(cursorKey('es', sampleId(1))) ?? '', /"offset":6,/);
});

test('a file that is forgotten takes its cursors along and leaves their ledgers in the totals, in one batch', async () => {
  await using t = await lab();
  await t.checkpoints.putFiles([sampleFile(1), sampleFile(2)]);
  t.checkpoints.putCursor('es', sampleId(1), sampleCursor(100, { dropped: 10 }));
  t.checkpoints.putCursor('es', sampleId(2), sampleCursor(7));
  t.checkpoints.putCursor('http', sampleId(1), sampleCursor(40));
  await t.checkpoints.commit();
  t.checkpoints.forget(sampleId(1));
  await t.checkpoints.commit();
  t.checkpoints.forget(sampleId(2));
  await t.checkpoints.commit();
  const keys = (number: number, ...outputs: string[]) => [
    fileKey(sampleId(number)),
    ...outputs.flatMap((output) => [cursorKey(output, sampleId(number)), forgottenKey(output)]),
  ];
  assert.deepEqual(t.disk.writes.slice(2), [keys(1, 'es', 'http'), keys(2, 'es')]);
  assert.deepEqual(t.checkpoints.forgottenLedger('es'), { delivered: 97, deadLettered: 0, leftOut: 0, dropped: 10 });
  await t.checkpoints[Symbol.asyncDispose]();
  await using again = await t.open();
  assert.deepEqual(again.state.files, []);
  assert.deepEqual(again.forgottenLedger('es'), { delivered: 97, deadLettered: 0, leftOut: 0, dropped: 10 });
  assert.deepEqual(again.forgottenLedger('never'), { delivered: 0, deadLettered: 0, leftOut: 0, dropped: 0 });
});

test('an output that is forgotten leaves nothing, and the others keep theirs', async () => {
  await using t = await lab();
  await t.checkpoints.putFiles([sampleFile(1), sampleFile(2)]);
  for (const output of ['es', 'http']) {
    t.checkpoints.putCursor(output, sampleId(1), sampleCursor(100));
    t.checkpoints.putCursor(output, sampleId(2), sampleCursor(100));
  }
  t.checkpoints.forget(sampleId(2));
  t.checkpoints.forgetOutput('es');
  await t.checkpoints[Symbol.asyncDispose]();
  await using again = await t.open();
  assert.deepEqual([...again.state.cursors.keys()], ['http']);
  assert.deepEqual([...again.state.forgotten.keys()], ['http']);
  assert.equal(again.state.files.length, 1);
});

test('a cursor is stored as it was when it was put', async () => {
  await using t = await lab();
  await t.checkpoints.putFiles([sampleFile(1)]);
  const ledger = { delivered: 5, deadLettered: 0, leftOut: 0, dropped: 0 };
  t.checkpoints.putCursor('es', sampleId(1), { ...sampleCursor(5), ledger });
  ledger.delivered = 900;
  await t.checkpoints[Symbol.asyncDispose]();
  await using again = await t.open();
  assert.deepEqual(again.state.cursors.get('es')?.get(sampleId(1)), sampleCursor(5));
});

test('a cursor whose ledger does not add up to its offset is a broken invariant', async () => {
  await using t = await lab();
  assert.throws(() => t.checkpoints.putCursor('es', sampleId(1), { ...sampleCursor(5), offset: 6 }), {
    name: 'AssertionError',
  });
});

test('a write that fails leaves its changes in memory, and the retry writes them with what came since', async () => {
  await using t = await lab();
  t.checkpoints.putCursor('es', sampleId(1), sampleCursor(5));
  t.disk.writeFault = diskFull;
  await t.clock.advance(1000);
  assert.equal(t.checkpoints.status.durable, false);
  assert.match(t.checkpoints.status.problem, /No space left/);
  assert.equal(t.checkpoints.status.errors, 1);
  await t.checkpoints.putFiles([sampleFile(1)]);
  t.disk.writeFault = undefined;
  await t.clock.advance(1000);
  await until(() => t.checkpoints.status.durable, { what: 'the retry' });
  assert.deepEqual(new Set(t.disk.writes.at(-1)), new Set([cursorKey('es', sampleId(1)), fileKey(sampleId(1))]));
  assert.equal(t.checkpoints.status.problem, '');
});

test('a database whose write failed is closed and opened again before the next write', async () => {
  await using t = await lab();
  t.disk.writeFault = diskFull;
  t.checkpoints.putCursor('es', sampleId(1), sampleCursor(5));
  await t.checkpoints.commit();
  assert.equal(t.disk.closed, 1);
  t.disk.writeFault = undefined;
  await t.clock.advance(1000);
  await until(() => t.checkpoints.status.durable, { what: 'the retry' });
  assert.equal(t.disk.opened, 2);
});

test('retries come at the commit interval, then ever more rarely, but at least each 30 s', async () => {
  await using t = await lab();
  t.disk.writeFault = diskFull;
  t.checkpoints.putCursor('es', sampleId(1), sampleCursor(5));
  await t.clock.advance(1000);
  const waits: number[] = [];
  for (let retry = 0; retry < 8; retry++) {
    await until(() => t.clock.waiting === 1, { what: 'the next retry is set' });
    waits.push(t.clock.nextMs);
    await t.clock.advance(t.clock.nextMs);
  }
  assert.deepEqual(waits, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

test('records that the disk lost while it was away are written again', async () => {
  await using t = await lab();
  await t.checkpoints.putFiles([sampleFile(1), sampleFile(2)]);
  t.disk.writeFault = diskFull;
  t.checkpoints.putCursor('es', sampleId(1), sampleCursor(5));
  await t.checkpoints.commit();
  t.disk.records.clear();
  t.disk.writeFault = undefined;
  await t.clock.advance(1000);
  await until(() => t.checkpoints.status.durable, { what: 'the retry' });
  await t.checkpoints[Symbol.asyncDispose]();
  await using again = await t.open();
  assert.equal(again.state.files.length, 2);
  assert.deepEqual(again.state.cursors.get('es')?.get(sampleId(1)), sampleCursor(5));
});

test('a disposal makes a last attempt, also with a disk that was bad until then', async () => {
  await using t = await lab();
  t.disk.writeFault = diskFull;
  await t.checkpoints.putFiles([sampleFile(1)]);
  t.disk.writeFault = undefined;
  await t.checkpoints[Symbol.asyncDispose]();
  assert.ok(t.disk.records.has(fileKey(sampleId(1))));
  assert.equal(t.disk.closed, t.disk.opened);
  assert.equal(t.clock.waiting, 0);
});

test('a damaged record is ignored alone, with the cursors of a damaged file, and neither is met again', async () => {
  await using t = await lab();
  await t.checkpoints.putFiles([sampleFile(1), sampleFile(2), sampleFile(3)]);
  for (const number of [1, 2, 3]) t.checkpoints.putCursor('es', sampleId(number), sampleCursor(number));
  await t.checkpoints[Symbol.asyncDispose]();
  t.disk.records.set(fileKey(sampleId(1)), '1 00000000 {}');
  t.disk.records.set(cursorKey('es', sampleId(2)), t.disk.records.get(cursorKey('es', sampleId(3))) ?? '');
  t.disk.records.set('nonsense', 'x');
  await using again = await t.open();
  assert.deepEqual(
    again.state.files.map(({ fileId }) => fileId),
    [sampleId(2), sampleId(3)],
  );
  assert.deepEqual([...(again.state.cursors.get('es')?.keys() ?? [])], [sampleId(3)]);
  assert.equal(again.state.fresh, 'found');
  for (const key of [fileKey(sampleId(1)), cursorKey('es', sampleId(1)), cursorKey('es', sampleId(2)), 'nonsense'])
    assert.equal(t.disk.records.has(key), false, key);
});

test('an output whose cursors are there was in use, also where the record that says so is lost', async () => {
  await using t = await lab();
  t.checkpoints.nameOutputs(['es', 'http'], 1e9);
  await t.checkpoints.putFiles([sampleFile(1)]);
  t.checkpoints.putCursor('es', sampleId(1), sampleCursor(10));
  await t.checkpoints[Symbol.asyncDispose]();
  t.disk.records.delete('meta/output/es');
  t.disk.records.delete('meta/output/http');
  await using again = await t.open();
  assert.deepEqual([...again.state.outputs], ['es'], 'otherwise its START_AT=end would skip what it has not delivered');
});
