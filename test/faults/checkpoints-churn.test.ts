import assert from 'node:assert/strict';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openCheckpoints } from '../../src/checkpoints/checkpoints.js';
import { silentLog } from '../../src/types/log.js';
import { ManualClock } from '../support/manual-clock.js';
import { sampleCursor, sampleFile, sampleId, temporaryDirectory } from './checkpoints-samples.js';

const files = 200;
const commits = 1000;
/** Two write buffers, a table that is being written, and as many old ones as LevelDB keeps before it compacts. */
const mostBytes = 4 * 1024 * 1024;

async function sizeOf(directory: string): Promise<number> {
  const sizes = (await readdir(directory)).map(
    async (name) => (await stat(join(directory, name)).catch(() => undefined))?.size ?? 0,
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

test('a store stays small however often its cursors move: 200,000 times here', async (t) => {
  await using directory = await temporaryDirectory();
  const open = () =>
    openCheckpoints({ stateDir: directory.path, commitIntervalMs: 1000, log: silentLog, clock: new ManualClock() });
  const store = join(directory.path, 'checkpoints');
  let most = 0;
  {
    await using checkpoints = await open();
    await checkpoints.putFiles(Array.from({ length: files }, (_, number) => sampleFile(number)));
    for (let round = 1; round <= commits; round++) {
      for (let number = 0; number < files; number++)
        checkpoints.putCursor('es', sampleId(number), sampleCursor(round * 1000 + number));
      await checkpoints.commit();
      if (round % 20 === 0) most = Math.max(most, await sizeOf(store));
    }
    assert.equal(checkpoints.status.errors, 0);
  }
  t.diagnostic(`at most ${most} bytes`);
  assert.ok(most < mostBytes, `${most} bytes`);
  await using again = await open();
  for (let number = 0; number < files; number++)
    assert.equal(again.state.cursors.get('es')?.get(sampleId(number))?.offset, commits * 1000 + number);
});
