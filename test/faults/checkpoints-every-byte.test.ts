import assert from 'node:assert/strict';
import { cp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openCheckpoints } from '../../src/checkpoints/checkpoints.js';
import { silentLog } from '../../src/types/log.js';
import type { StoredCursor, StoredFile } from '../../src/types/stored.js';
import { ManualClock } from '../support/manual-clock.js';
import {
  sampleCursor,
  sampleFile,
  sampleId,
  temporaryDirectory,
  type TemporaryDirectory,
} from './checkpoints-samples.js';

/**
 * Damage at every byte of every file of a store, as an agent leaves it that was killed: tables, a log that goes on, and all that LevelDB has beside them. The
 * store opens each time; what it gives back was put there at some time, byte for byte, or is not given back at all: repeats, never another place.
 *
 * PANNIER_EVERY_BYTE=1 takes each byte instead of about so many in each file.
 */
const placesInFile = process.env.PANNIER_EVERY_BYTE === '1' ? Infinity : 6;
const openDeadlineMs = 20_000;

const outputs = ['es', 'http'];
const files = [1, 2, 3, 4, 5];
/** All versions of all records, by key: what may be found. */
const written = new Map<string, Set<string>>();
const remember = (key: string, value: StoredFile | StoredCursor): void => {
  const versions = written.get(key) ?? new Set();
  written.set(key, versions.add(JSON.stringify(value)));
};

let killed: TemporaryDirectory;
const clock = new ManualClock();
const open = (stateDir: string) => openCheckpoints({ stateDir, commitIntervalMs: 1000, log: silentLog, clock });

before(async () => {
  killed = await temporaryDirectory();
  await using origin = await temporaryDirectory();
  for (let session = 0; session < 4; session++) {
    await using checkpoints = await open(origin.path);
    checkpoints.nameOutputs(outputs, 1e9);
    for (let round = 0; round < 6; round++) {
      const size = session * 10_000 + round * 1000;
      const now = files.map((number) => sampleFile(number, { size, lastSeen: 1795166102999 + size }));
      for (const file of now) remember(`file/${file.fileId}`, file);
      await checkpoints.putFiles(now);
      for (const [index, output] of outputs.entries())
        for (const number of files) {
          const cursor = sampleCursor(size + 10 * number + index, { leftOut: number });
          remember(`cursor/${output}/${sampleId(number)}`, cursor);
          checkpoints.putCursor(output, sampleId(number), cursor);
        }
      await checkpoints.commit();
    }
    // Copied while it is open: as a killed agent leaves it.
    if (session === 3) await cp(origin.path, killed.path, { recursive: true });
  }
});
after(() => killed[Symbol.asyncDispose]());

type Damage = (bytes: Buffer, at: number) => Buffer | undefined;
const damages: Readonly<Record<string, Damage>> = {
  flip: (bytes, at) => Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ (1 << (at % 8)) : byte))),
  zeros: (bytes, at) => Buffer.from(bytes).fill(0, at, Math.min(bytes.length, at + 64)),
  truncation: (bytes, at) => bytes.subarray(0, at),
};

/** Opens a copy with this damage and holds it against what was ever put. Returns how it was found. */
async function survives(what: string, damage: (directory: string) => Promise<void>): Promise<'found' | 'rebuilt'> {
  await using copy = await temporaryDirectory();
  await cp(killed.path, copy.path, { recursive: true });
  await damage(join(copy.path, 'checkpoints'));
  const late = AbortSignal.timeout(openDeadlineMs);
  const hangs = new Promise<never>((_, reject) =>
    late.addEventListener('abort', () => reject(new Error(`${what}: it hangs`))),
  );
  let fresh: string;
  {
    await using checkpoints = await Promise.race([open(copy.path), hangs]);
    const { state, status } = checkpoints;
    fresh = state.fresh;
    assert.notEqual(fresh, 'new', `${what}: it never counts as a first start, which may skip what is there`);
    assert.equal(status.durable, true, `${what}: ${status.problem}`);
    for (const file of state.files)
      assert.ok(written.get(`file/${file.fileId}`)?.has(JSON.stringify(file)), `${what}: ${JSON.stringify(file)}`);
    const known = new Set(state.files.map(({ fileId }) => fileId));
    for (const [output, cursors] of state.cursors)
      for (const [fileId, cursor] of cursors) {
        const versions = written.get(`cursor/${output}/${fileId}`);
        assert.ok(versions?.has(JSON.stringify(cursor)), `${what}: ${output} ${fileId} ${JSON.stringify(cursor)}`);
        assert.ok(known.has(fileId), `${what}: a cursor without its file`);
        // Whoever has a cursor is no output that was added later, which may begin at the end of its files.
        assert.ok(state.outputs.has(output), `${what}: ${output} seems to be new`);
      }
    await checkpoints.putFiles([sampleFile(999)]);
    assert.equal(status.durable, true, `${what}: ${status.problem}`);
  }
  await using again = await open(copy.path);
  assert.equal(again.state.fresh, 'found', what);
  assert.ok(
    again.state.files.some(({ fileId }) => fileId === sampleId(999)),
    what,
  );
  return fresh === 'found' ? 'found' : 'rebuilt';
}

test('a store as a kill leaves it is found whole', async () => {
  assert.equal(await survives('nothing', async () => {}), 'found');
  const names = await readdir(join(killed.path, 'checkpoints'));
  for (const kind of [/\.ldb$/, /\.log$/, /^MANIFEST-/, /^CURRENT$/, /^LOCK$/, /^LOG$/])
    assert.ok(
      names.some((name) => kind.test(name)),
      `there is a file ${kind}`,
    );
});

for (const [kind, damage] of Object.entries(damages))
  test(`a ${kind} anywhere in any file costs repeats at most`, { timeout: 3_600_000 }, async (t) => {
    const found = { found: 0, rebuilt: 0 };
    for (const name of (await readdir(join(killed.path, 'checkpoints'))).sort()) {
      const bytes = await readFile(join(killed.path, 'checkpoints', name));
      const stride = Math.max(1, bytes.length / placesInFile);
      // Not always the same bytes: the first place moves with the size of the file and the kind.
      for (let place = (bytes.length + kind.length) % Math.ceil(stride); place < bytes.length; place += stride) {
        const at = Math.floor(place);
        const spoilt = damage(bytes, at);
        if (spoilt === undefined) continue;
        found[await survives(`${kind} in ${name} at ${at}`, (directory) => writeFile(join(directory, name), spoilt))]++;
      }
    }
    t.diagnostic(`${found.found} times found, ${found.rebuilt} times rebuilt`);
    assert.ok(found.found > 0 && found.rebuilt > 0);
  });

test('any file that is gone or empty costs repeats at most', async () => {
  for (const name of await readdir(join(killed.path, 'checkpoints'))) {
    await survives(`without ${name}`, (directory) => rm(join(directory, name)));
    await survives(`${name} empty`, (directory) => writeFile(join(directory, name), ''));
  }
});
