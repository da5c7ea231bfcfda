import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openCheckpoints } from '../../src/checkpoints/checkpoints.js';
import { StoreError, levelDatabase } from '../../src/checkpoints/store.js';
import type { Database } from '../../src/checkpoints/store.js';
import { AgentError } from '../../src/types/errors.js';
import { silentLog } from '../../src/types/log.js';
import { startWriter } from './checkpoints-process.js';
import type { Writer } from './checkpoints-process.js';
import { temporaryDirectory } from './checkpoints-samples.js';

const open = (stateDir: string) => openCheckpoints({ stateDir, commitIntervalMs: 1000, log: silentLog });

test('a second agent gets an error that names the directory and the process that has it', async () => {
  await using directory = await temporaryDirectory();
  await using writer = await startWriter(directory.path, 'hold');
  await assert.rejects(open(directory.path), (error) => {
    assert.ok(error instanceof AgentError);
    assert.equal(error.code, 'STATE_LOCKED');
    assert.ok(error.message.includes(directory.path), error.message);
    assert.match(error.message, new RegExp(`process ${writer.pid}\\b`));
    return true;
  });
});

test('the directory is free again after kill -9 of the agent that had it, whatever its pid file says', async () => {
  await using directory = await temporaryDirectory();
  const writer = await startWriter(directory.path, 'hold');
  await writer.kill();
  assert.equal(await readFile(join(directory.path, 'agent.pid'), 'utf8'), `${writer.pid}\n`);
  const checkpoints = await open(directory.path);
  assert.equal(checkpoints.state.fresh, 'found');
  assert.equal(await readFile(join(directory.path, 'agent.pid'), 'utf8'), `${process.pid}\n`);
  await checkpoints[Symbol.asyncDispose]();
  assert.equal(existsSync(join(directory.path, 'agent.pid')), false);
});

test('a table that the other agent is just writing is left alone', async () => {
  await using directory = await temporaryDirectory();
  await using writer = await startWriter(directory.path, 'hold');
  const table = join(directory.path, 'checkpoints/000999.ldb');
  await writeFile(table, 'half of it');
  await assert.rejects(open(directory.path), { code: 'STATE_LOCKED' });
  assert.equal(await readFile(table, 'utf8'), 'half of it');
  assert.notEqual(writer.pid, 0);
});

test('a pid file that holds nonsense is left out of the error', async () => {
  await using directory = await temporaryDirectory();
  await using writer = await startWriter(directory.path, 'hold');
  await writeFile(join(directory.path, 'agent.pid'), '<script>\n');
  await assert.rejects(open(directory.path), /in use by another agent \(/);
  assert.notEqual(writer.pid, 0);
});

test('of agents that start at once on one damaged store, one gets it and it stays in its place', async () => {
  for (let round = 0; round < 5; round++) {
    await using directory = await temporaryDirectory();
    await mkdir(join(directory.path, 'checkpoints'));
    await writeFile(join(directory.path, 'checkpoints/CURRENT'), 'damaged');
    const started = await Promise.allSettled([1, 2, 3].map(() => startWriter(directory.path, 'hold')));
    const winners = started.filter(({ status }) => status === 'fulfilled');
    try {
      assert.ok(winners.length >= 1, 'somebody got it');
      assert.ok(existsSync(join(directory.path, 'checkpoints/CURRENT')), (await readdir(directory.path)).join(' '));
      await assert.rejects(open(directory.path), { code: 'STATE_LOCKED' });
    } finally {
      for (const result of started) if (result.status === 'fulfilled') await result.value.kill();
    }
  }
});

test('a store that another agent made anew between our look and our rename goes back to its place', async () => {
  await using directory = await temporaryDirectory();
  let other: Writer | undefined;
  const database: Database = {
    isHeld: (path) => levelDatabase.isHeld(path),
    async open() {
      other ??= await startWriter(directory.path);
      throw new StoreError('damaged', 'Corruption: as it was before the other agent came');
    },
  };
  try {
    const opening = openCheckpoints({ stateDir: directory.path, commitIntervalMs: 1000, log: silentLog, database });
    await assert.rejects(opening, { code: 'STATE_LOCKED' });
    assert.deepEqual((await readdir(directory.path)).sort(), ['agent.pid', 'checkpoints', 'identities']);
    assert.ok(Number(await other?.say()) > 0, 'the other goes on');
  } finally {
    await other?.kill();
  }
});
