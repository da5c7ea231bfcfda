import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { openCheckpoints } from '../../src/checkpoints/checkpoints.js';
import { silentLog } from '../../src/types/log.js';
import { startWriter } from './checkpoints-process.js';
import { temporaryDirectory } from './checkpoints-samples.js';

test('after kill -9 during commits, what is found is one commit as a whole: the last that was reported, or the one that ran', async () => {
  await using directory = await temporaryDirectory();
  let before = 0;
  for (let kill = 0; kill < 5; kill++) {
    await using writer = await startWriter(directory.path);
    let reported = before;
    for (let rounds = randomInt(1, 40); rounds > 0; rounds--) reported = Number(await writer.say());
    const rest = await writer.kill();
    reported = Number(rest.at(-1) ?? reported);

    await using checkpoints = await openCheckpoints({
      stateDir: directory.path,
      commitIntervalMs: 1000,
      log: silentLog,
    });
    assert.equal(checkpoints.state.fresh, 'found');
    assert.equal(checkpoints.state.files.length, 5);
    const offsets = [...checkpoints.state.cursors.values()].flatMap((cursors) =>
      Array.from(cursors.values(), ({ offset }) => offset),
    );
    assert.equal(offsets.length, 10);
    const found = offsets[0] ?? -1;
    assert.deepEqual(new Set(offsets), new Set([found]), 'all of one commit');
    assert.ok(found >= reported, `round ${reported} was reported as on the disk, found ${found}`);
    assert.ok(found <= reported + 1, `round ${found} was found, but no more than ${reported + 1} had begun`);
    before = found;
  }
});
