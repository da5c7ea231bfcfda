import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import { BulkServer, partsOfId } from '../support/bulk-server.js';
import { prepareAgent } from '../support/lab.js';
import { asText, numbered } from '../support/logs.js';
import { cannotMount, SmallDisk } from '../support/small-disk.js';

const agents = 50;
const sideBySide = 5;
/** More than 1 KiB, so that fingerprints are whole. */
const lines = numbered('the same line in every pod', 200);

/** A pod of its own: a fresh volume, whose inodes are numbered as those of any other fresh volume. @returns the inode of its file */
async function ship(server: BulkServer): Promise<number> {
  await using lab = await prepareAgent({ server });
  using disk = new SmallDisk(lab.logs.path, '256k');
  await lab.logs.append('app.log', asText(lines));
  const { ino } = statSync(lab.logs.at('app.log'));
  const { code, agent } = await lab.once({ PANNIER_LISTEN: 'off' }, 60_000);
  assert.equal(code, 0, `${disk.path}\n${agent.tail()}`);
  return ino;
}

test(
  'fifty agents with byte-identical files and equal inodes, one index: every record is stored',
  { skip: cannotMount, timeout: 115_000 },
  async () => {
    await using server = await BulkServer.start();
    let left = agents;
    const inodes: number[] = [];
    const workers = Array.from({ length: sideBySide }, async () => {
      while ((left -= 1) >= 0) inodes.push(await ship(server));
    });
    const ends = await Promise.allSettled(workers);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    assert.equal(inodes.length, agents);
    assert.equal(new Set(inodes).size, 1, 'the inodes are equal, or nothing is shown here');
    assert.equal(server.repeated, 0, 'no id of one agent met that of another');
    assert.equal(server.stored.length, agents * lines.length);
    const counts = new Map<string, number>();
    for (const { id } of server.stored) {
      const { fileId } = partsOfId(id);
      counts.set(fileId, (counts.get(fileId) ?? 0) + 1);
    }
    assert.deepEqual(
      [...counts.values()],
      Array.from({ length: agents }, () => lines.length),
    );
  },
);
