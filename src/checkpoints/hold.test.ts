import assert from 'node:assert/strict';
import { writeFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLog } from '../types/log.js';
import { sampleFile, temporaryDirectory } from '../../test/faults/checkpoints-samples.js';
import { openCheckpoints } from './checkpoints.js';
import { holding } from './hold.js';

const open = (stateDir: string) => openCheckpoints({ stateDir, commitIntervalMs: 1000, log: silentLog });

test('an agent that has the directory keeps it, and who holds it keeps agents away', async () => {
  await using directory = await temporaryDirectory();
  {
    await using checkpoints = await open(directory.path);
    await checkpoints.putFiles([sampleFile(1)]);
    await assert.rejects(
      holding(directory.path, () => assert.fail('held twice')),
      { code: 'STATE_LOCKED', message: new RegExp(`process ${process.pid}`) },
    );
  }
  await holding(directory.path, async () => {
    await assert.rejects(open(directory.path), { code: 'STATE_LOCKED' });
  });
  await using again = await open(directory.path);
  assert.deepEqual(again.state.files, [sampleFile(1)]);
  assert.equal(again.state.fresh, 'found');
});

test('a directory without a store stays one, and a damaged store stays for the agent to set aside', async () => {
  await using directory = await temporaryDirectory();
  assert.equal(await holding(directory.path, () => Promise.resolve('done')), 'done');
  assert.deepEqual(await readdir(directory.path), []);
  await (await open(directory.path))[Symbol.asyncDispose]();
  await writeFile(join(directory.path, 'checkpoints', 'CURRENT'), 'damage');
  assert.equal(await holding(directory.path, () => Promise.resolve('done')), 'done');
  await using checkpoints = await open(directory.path);
  assert.equal(checkpoints.state.fresh, 'rebuilt');
});
