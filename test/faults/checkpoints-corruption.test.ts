import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, after, test } from 'node:test';
import fc from 'fast-check';
import { openCheckpoints } from '../../src/checkpoints/checkpoints.js';
import { encodeRecord, schemaVersion } from '../../src/checkpoints/record.js';
import { levelDatabase } from '../../src/checkpoints/store.js';
import { silentLog } from '../../src/types/log.js';
import { ManualClock } from '../support/manual-clock.js';
import { sampleCursor, sampleFile, sampleId, temporaryDirectory } from './checkpoints-samples.js';
import type { TemporaryDirectory } from './checkpoints-samples.js';

const files = Array.from({ length: 40 }, (_, index) => index + 1);
const rounds = 60;
/** What file `number` is at after the last round. */
const lastOffset = (number: number): number => rounds * 1000 + number;

let store: TemporaryDirectory;
const clock = new ManualClock();
const open = (stateDir: string) => openCheckpoints({ stateDir, commitIntervalMs: 1000, log: silentLog, clock });

// A store with several tables and a log, so that every kind of file that LevelDB has is there to be damaged.
before(async () => {
  store = await temporaryDirectory();
  await using checkpoints = await open(store.path);
  await checkpoints.putFiles(files.map((number) => sampleFile(number)));
  for (let round = 1; round <= rounds; round++) {
    for (const number of files) checkpoints.putCursor('es', sampleId(number), sampleCursor(round * 1000 + number));
    for (const number of files) checkpoints.putCursor('http', sampleId(number), sampleCursor(round * 1000 + number));
    await checkpoints.commit();
  }
  const names = await readdir(join(store.path, 'checkpoints'));
  for (const kind of [/\.ldb$/, /\.log$/, /^MANIFEST/, /^CURRENT$/]) assert.ok(names.some((name) => kind.test(name)));
});
after(() => store[Symbol.asyncDispose]());

/** Opens a damaged copy, holds what is found against what was put, and holds that the store works again. */
async function survives(damage: (directory: string) => Promise<void>): Promise<'found' | 'rebuilt'> {
  await using copy = await temporaryDirectory();
  await cp(store.path, copy.path, { recursive: true });
  await damage(join(copy.path, 'checkpoints'));
  let fresh: string;
  {
    await using checkpoints = await open(copy.path);
    fresh = checkpoints.state.fresh;
    for (const [output, cursors] of checkpoints.state.cursors) {
      assert.ok(output === 'es' || output === 'http');
      for (const [fileId, { offset }] of cursors) {
        const number = Number.parseInt(fileId, 16);
        assert.ok(offset <= lastOffset(number) && offset % 1000 === number, `${fileId} never was at ${offset}`);
      }
    }
    for (const file of checkpoints.state.files) assert.deepEqual(file, sampleFile(Number.parseInt(file.fileId, 16)));
    assert.equal(checkpoints.status.durable, true, checkpoints.status.problem);
    await checkpoints.putFiles([sampleFile(999)]);
    assert.equal(checkpoints.status.durable, true, checkpoints.status.problem);
  }
  await using again = await open(copy.path);
  assert.ok(again.state.files.some(({ fileId }) => fileId === sampleId(999)));
  assert.equal(again.state.fresh, 'found');
  assert.ok(fresh === 'found' || fresh === 'rebuilt');
  return fresh;
}

test('a store that nobody damaged is found as it was', async () => {
  assert.equal(await survives(async () => {}), 'found');
  await using copy = await temporaryDirectory();
  await cp(store.path, copy.path, { recursive: true });
  await using checkpoints = await open(copy.path);
  assert.equal(checkpoints.state.files.length, files.length);
  for (const number of files)
    assert.equal(checkpoints.state.cursors.get('http')?.get(sampleId(number))?.offset, lastOffset(number));
});

test('a bit, a run of bytes or an end that is lost anywhere in any file of the store costs repeats at most', async () => {
  const names = (await readdir(join(store.path, 'checkpoints'))).filter((name) => !/^(LOCK|LOG.*)$/.test(name)).sort();
  const damage = fc.oneof(
    fc.record({ kind: fc.constant('flip' as const), bit: fc.nat(7) }),
    fc.record({ kind: fc.constant('zero' as const), length: fc.integer({ min: 1, max: 5000 }) }),
    fc.record({ kind: fc.constant('cut' as const) }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...names),
      fc.double({ min: 0, max: 1, noNaN: true }),
      damage,
      async (name, place, what) => {
        await survives(async (directory) => {
          const bytes = await readFile(join(directory, name));
          const at = Math.min(bytes.length - 1, Math.floor(place * bytes.length));
          if (what.kind === 'flip') bytes[at] = (bytes[at] ?? 0) ^ (1 << what.bit);
          else if (what.kind === 'zero') bytes.fill(0, at, Math.min(bytes.length, at + what.length));
          await writeFile(join(directory, name), what.kind === 'cut' ? bytes.subarray(0, at) : bytes);
        });
      },
    ),
    { numRuns: 100 },
  );
});

test('one flipped bit anywhere in a table sets the store aside before LevelDB meets it', async () => {
  const tables = (await readdir(join(store.path, 'checkpoints'))).filter((name) => name.endsWith('.ldb'));
  let needed = 0;
  for (const name of tables) {
    // A compaction that was cut short by the closing leaves a table that nothing refers to.
    if ((await survives((directory) => rm(join(directory, name)))) === 'found') continue;
    needed++;
    const bytes = await readFile(join(store.path, 'checkpoints', name));
    const dataBytes = bytes.length - 48;
    for (const at of [0, randomInt(dataBytes), dataBytes - 1, bytes.length - 1]) {
      const fresh = await survives(async (directory) => {
        const broken = Buffer.from(bytes);
        broken[at] = (broken[at] ?? 0) ^ (1 << randomInt(8));
        await writeFile(join(directory, name), broken);
      });
      assert.equal(fresh, 'rebuilt', `${name} at ${at}`);
    }
  }
  assert.ok(needed > 0);
});

test('a table that is not whole and that the store does not need costs nothing', async () => {
  const fresh = await survives((directory) => writeFile(join(directory, '000999.ldb'), 'begun before the kill'));
  assert.equal(fresh, 'found');
});

test('any file of the store that is missing costs repeats at most', async () => {
  for (const name of await readdir(join(store.path, 'checkpoints')))
    await survives((directory) => rm(join(directory, name)));
});

test('any file of the store that is a directory instead costs repeats at most', async () => {
  for (const name of await readdir(join(store.path, 'checkpoints'))) {
    if (/^LOG/.test(name)) continue;
    await survives(async (directory) => {
      await rm(join(directory, name));
      await mkdir(join(directory, name));
    });
  }
});

test('a damaged store is set aside, three of them are kept, and it never counts as a first start', async () => {
  await using directory = await temporaryDirectory();
  await cp(store.path, directory.path, { recursive: true });
  const warnings: object[] = [];
  const log = { ...silentLog, warn: (fields: object) => warnings.push(fields) };
  for (let time = 0; time < 5; time++) {
    await writeFile(join(directory.path, 'checkpoints/CURRENT'), `damage ${time}`);
    await using checkpoints = await openCheckpoints({ stateDir: directory.path, commitIntervalMs: 1000, log, clock });
    assert.equal(checkpoints.state.fresh, 'rebuilt');
    clock.jump(1000);
  }
  assert.equal(warnings.filter((fields) => 'code' in fields && fields.code === 'STATE_REBUILT').length, 5);
  const aside = (await readdir(directory.path)).filter((name) => name.startsWith('checkpoints.corrupt-')).sort();
  assert.equal(aside.length, 3);
  assert.equal(await readFile(join(directory.path, aside.at(-1) ?? '', 'CURRENT'), 'utf8'), 'damage 4', 'the newest');

  // Killed between setting aside and making a new one: there is none, but this is no first start.
  await rm(join(directory.path, 'checkpoints'), { recursive: true });
  await using checkpoints = await open(directory.path);
  assert.equal(checkpoints.state.fresh, 'rebuilt');
});

test('a store of a newer version is set aside whole, and the older program starts anew', async () => {
  await using directory = await temporaryDirectory();
  await cp(store.path, directory.path, { recursive: true });
  const database = await levelDatabase.open(join(directory.path, 'checkpoints'));
  const key = `file/${sampleId(1)}`;
  await database.write(new Map([[key, encodeRecord(key, { new: 'form' }, schemaVersion + 1)]]));
  await database.close();
  await using checkpoints = await open(directory.path);
  assert.equal(checkpoints.state.fresh, 'rebuilt');
  assert.deepEqual(checkpoints.state.files, []);
  assert.equal((await readdir(directory.path)).filter((name) => name.startsWith('checkpoints.newer-')).length, 1);
});

test('a directory without a store is a first start, once', async () => {
  await using directory = await temporaryDirectory();
  await using first = await open(join(directory.path, 'a/b'));
  assert.equal(first.state.fresh, 'new');
  await first[Symbol.asyncDispose]();
  await using second = await open(join(directory.path, 'a/b'));
  assert.equal(second.state.fresh, 'found');
});
