import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rm, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openCheckpoints } from '../../src/checkpoints/checkpoints.js';
import { silentLog } from '../../src/types/log.js';
import { ManualClock } from '../support/manual-clock.js';
import { until } from '../support/until.js';
import { sampleCursor, sampleFile, sampleId, temporaryDirectory } from './checkpoints-samples.js';

const open = (stateDir: string, clock = new ManualClock()) =>
  openCheckpoints({ stateDir, commitIntervalMs: 1000, log: silentLog, clock });

/** A file system of 4 MiB; undefined where mounting is not permitted. */
function smallVolume(path: string): AsyncDisposable | undefined {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return {
    [Symbol.asyncDispose]: () => Promise.resolve(void execFileSync('umount', ['--lazy', path], { stdio: 'ignore' })),
  };
}

test('a state directory that can’t be made leaves positions in memory, and is used once it can be', async () => {
  await using directory = await temporaryDirectory();
  const clock = new ManualClock();
  const blocker = join(directory.path, 'file');
  await writeFile(blocker, '');
  const stateDir = join(blocker, 'state');
  const checkpoints = await open(stateDir, clock);
  assert.equal(checkpoints.status.durable, false);
  assert.match(checkpoints.status.problem, /ENOTDIR/);
  assert.equal(checkpoints.status.lastCommitMs, undefined);
  assert.equal(checkpoints.state.fresh, 'rebuilt', 'nobody can say that it is the first start');

  await checkpoints.putFiles([sampleFile(1)]);
  checkpoints.putCursor('es', sampleId(1), sampleCursor(70));
  await checkpoints.commit();
  assert.equal(checkpoints.status.durable, false);

  await unlink(blocker);
  await clock.advance(29_999);
  assert.equal(checkpoints.status.durable, false);
  await clock.advance(1);
  await until(() => checkpoints.status.durable, { what: 'the retry' });
  assert.equal(checkpoints.status.problem, '');
  await checkpoints[Symbol.asyncDispose]();
  await using again = await open(stateDir);
  assert.deepEqual(again.state.files, [sampleFile(1)]);
  assert.deepEqual(again.state.cursors.get('es')?.get(sampleId(1)), sampleCursor(70));
});

test('positions of memory replace those of a store that could not be read at the start', async () => {
  await using directory = await temporaryDirectory();
  const stateDir = join(directory.path, 'state');
  const earlier = await open(stateDir);
  await earlier.putFiles([sampleFile(1), sampleFile(2)]);
  earlier.putCursor('es', sampleId(1), sampleCursor(10));
  await earlier[Symbol.asyncDispose]();

  const hidden = join(directory.path, 'hidden');
  execFileSync('mv', [stateDir, hidden]);
  await writeFile(stateDir, 'in the way');
  const clock = new ManualClock();
  const checkpoints = await open(stateDir, clock);
  await checkpoints.putFiles([sampleFile(2), sampleFile(3)]);
  checkpoints.putCursor('es', sampleId(3), sampleCursor(30));
  await unlink(stateDir);
  execFileSync('mv', [hidden, stateDir]);
  await clock.advance(30_000);
  await until(() => checkpoints.status.durable, { what: 'the retry' });
  await checkpoints[Symbol.asyncDispose]();

  await using again = await open(stateDir);
  assert.deepEqual(again.state.files, [sampleFile(2), sampleFile(3)]);
  assert.deepEqual([...(again.state.cursors.get('es') ?? [])], [[sampleId(3), sampleCursor(30)]]);
});

test('what a full disk refused is written once there is room, and nothing that was durable is lost', async (t) => {
  await using directory = await temporaryDirectory();
  await using volume = smallVolume(directory.path);
  if (volume === undefined) return t.skip('mounting is not permitted here');
  const clock = new ManualClock();
  const checkpoints = await open(directory.path, clock);
  await checkpoints.putFiles([sampleFile(1)]);
  checkpoints.putCursor('es', sampleId(1), sampleCursor(10));
  await checkpoints.commit();
  assert.equal(checkpoints.status.durable, true);

  const ballast = join(directory.path, 'ballast');
  await writeFile(ballast, Buffer.alloc(8 * 1024 * 1024)).catch(() => {});
  // LevelDB’s log has a page to go on in; then it meets the full disk.
  for (let offset = 20; checkpoints.status.durable; offset += 10) {
    checkpoints.putCursor('es', sampleId(1), sampleCursor(offset));
    await checkpoints.commit();
    assert.ok(offset < 100_000, 'the disk is full');
  }
  assert.match(checkpoints.status.problem, /No space left|ENOSPC/);
  checkpoints.putCursor('es', sampleId(1), sampleCursor(200_000));
  await checkpoints.putFiles([sampleFile(2)]);
  await clock.advance(1000);
  await until(() => checkpoints.status.errors >= 2 && clock.waiting === 1, { what: 'a retry in vain' });
  assert.equal(checkpoints.status.durable, false);

  await rm(ballast);
  await clock.advance(2000);
  await until(() => checkpoints.status.durable, { what: 'the retry with room' });
  await checkpoints[Symbol.asyncDispose]();
  await using again = await open(directory.path);
  assert.equal(again.state.fresh, 'found', 'a full disk is no damage');
  assert.deepEqual(again.state.files, [sampleFile(1), sampleFile(2)]);
  assert.equal(again.state.cursors.get('es')?.get(sampleId(1))?.offset, 200_000);
});

test('a store on a full or read-only disk at the start is left as it is, not taken for damaged', async (t) => {
  await using directory = await temporaryDirectory();
  await using volume = smallVolume(directory.path);
  if (volume === undefined) return t.skip('mounting is not permitted here');
  {
    await using checkpoints = await open(directory.path);
    await checkpoints.putFiles([sampleFile(1)]);
  }
  const ballast = join(directory.path, 'ballast');
  await writeFile(ballast, Buffer.alloc(8 * 1024 * 1024)).catch(() => {});
  {
    await using checkpoints = await open(directory.path);
    assert.equal(checkpoints.status.durable, false);
  }
  await rm(ballast);
  execFileSync('mount', ['-o', 'remount,ro', directory.path]);
  {
    await using checkpoints = await open(directory.path);
    assert.equal(checkpoints.status.durable, false);
    assert.match(checkpoints.status.problem, /EROFS|Read-only/);
  }
  execFileSync('mount', ['-o', 'remount,rw', directory.path]);
  await using checkpoints = await open(directory.path);
  assert.equal(checkpoints.state.fresh, 'found');
  assert.deepEqual(checkpoints.state.files, [sampleFile(1)]);
});

test('what is made is for its owner alone, whatever the umask', async () => {
  await using directory = await temporaryDirectory();
  const stateDir = join(directory.path, 'a/state');
  const before = process.umask(0);
  try {
    await using checkpoints = await open(stateDir);
    assert.equal(checkpoints.status.durable, true);
    const mode = async (...path: string[]) => (await stat(join(stateDir, ...path))).mode & 0o777;
    assert.equal(await mode(), 0o700);
    assert.equal(await mode('checkpoints'), 0o700);
    assert.equal(await mode('agent.pid'), 0o600);
  } finally {
    process.umask(before);
  }
});
