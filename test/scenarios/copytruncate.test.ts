import assert from 'node:assert/strict';
import {
  closeSync,
  openSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { partsOfId } from '../support/bulk-server.js';
import { scenario, startAgent, type Lab } from '../support/lab.js';
import { asText, numbered } from '../support/logs.js';
import { until } from '../support/until.js';

/** More than the 1 KiB that a copy must share with its original. */
const first = numbered('first', 300);
const second = numbered('second', 300);

async function rotatedWithBacklog(lab: Lab, copy: string): Promise<void> {
  await lab.logs.append('app.log', asText(first));
  await lab.delivered(first);
  await lab.server.down();
  await lab.logs.append('app.log', asText(second));
  await lab.shows('the backlog', ({ files }) => files[0]?.size === asText([...first, ...second]).length);
  await lab.logs.copyTruncate('app.log', copy);
  await lab.logs.append('app.log', 'after the rotation\n');
  await lab.server.up();
  await lab.delivered([...first, ...second, 'after the rotation']);
}

scenario(
  'copytruncate with the copy inside the globs: the unread tail comes from the copy, nothing comes twice',
  async () => {
    await using lab = await startAgent();
    await rotatedWithBacklog(lab, 'app.1.log');
    const files = new Set(lab.server.stored.map(({ id }) => partsOfId(id).fileId));
    assert.equal(files.size, 2, 'the copy became the old file');
    assert.equal(lab.server.repeated, 0);
  },
);

scenario('copytruncate with the copy outside the globs: the unread tail comes from the copy', async () => {
  await using lab = await startAgent();
  await rotatedWithBacklog(lab, 'app.log.1');
});

scenario('copytruncate of a file that was read already repeats nothing', async () => {
  await using lab = await startAgent();
  await lab.logs.append('app.log', asText(first));
  await lab.delivered(first);
  await lab.logs.copyTruncate('app.log', 'app.1.log');
  await lab.logs.append('app.log', asText(second));
  await lab.delivered([...first, ...second]);
  await lab.restart();
  await lab.logs.append('app.log', 'third\n');
  await lab.delivered([...first, ...second, 'third']);
});

scenario('two files with the same content are two files', async () => {
  await using lab = await startAgent();
  await lab.logs.append('a.log', asText(first));
  await lab.logs.append('b.log', asText(first));
  await lab.delivered([...first, ...first]);
});

scenario('a copy whose original goes on is a file of its own', async () => {
  await using lab = await startAgent();
  await lab.logs.append('app.log', asText(first));
  await lab.delivered(first);
  await copyFile(lab.logs.at('app.log'), lab.logs.at('backup.log'));
  lab.logs.written += asText(first).length;
  await lab.logs.append('app.log', asText(second));
  await lab.delivered([...first, ...second, ...first]);
});

scenario('a copy that shares less than 1 KiB is never taken for its original', async () => {
  await using lab = await startAgent();
  await lab.logs.append('app.log', 'short\n');
  await lab.delivered(['short']);
  await lab.logs.copyTruncate('app.log', 'copy.log');
  lab.logs.written += 'short\n'.length;
  await lab.logs.append('app.log', 'next\n');
  await lab.delivered(['short', 'short', 'next']);
});

scenario('a copy that got the inode of an older copy, removed just before, is known for what it is', async () => {
  await using lab = await startAgent({ env: { PANNIER_HOLD_GRACE: '100ms' } });
  const [log, copy] = [lab.logs.at('app.log'), lab.logs.at('app.log.1')];
  await lab.logs.append('app.log', asText(first));
  await lab.delivered(first);
  await lab.logs.copyTruncate('app.log', 'app.log.1');
  await lab.logs.append('app.log', asText(second));
  await lab.delivered([...first, ...second]);
  const openFiles = `/proc/${lab.agent.pid}/fd`;
  await until(() => !readdirSync(openFiles).some((name) => targetOf(`${openFiles}/${name}`) === copy), {
    what: 'the finished copy is closed',
  });
  await lab.server.down();
  const third = numbered('third', 300);
  await lab.logs.append('app.log', asText(third));
  await lab.shows('the backlog', ({ files }) =>
    files.some(({ size }) => size === asText([...second, ...third]).length),
  );
  const { ino } = statSync(copy, { bigint: true });
  rmSync(copy);
  takeInode(ino, copy);
  writeFileSync(copy, readFileSync(log));
  truncateSync(log);
  await lab.server.up();
  await lab.delivered([...first, ...second, ...third]);
  assert.equal(lab.server.repeated, 0);
});

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}

/** Makes an empty file with that inode, if the file system gives the number out again soon; else any. */
function takeInode(ino: bigint, path: string): void {
  const made: string[] = [];
  for (let attempt = 0; attempt < 300; attempt++) {
    const name = `${path}.attempt-${attempt}`;
    closeSync(openSync(name, 'wx'));
    made.push(name);
    if (statSync(name, { bigint: true }).ino === ino) break;
  }
  renameSync(made.pop()!, path);
  for (const name of made) rmSync(name);
}
