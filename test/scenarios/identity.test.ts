import assert from 'node:assert/strict';
import { copyFile, stat } from 'node:fs/promises';
import { partsOfId } from '../support/bulk-server.js';
import { scenario, startAgent } from '../support/lab.js';
import { asText, numbered } from '../support/logs.js';

/** More than the 1 KiB of a full fingerprint. */
const before = numbered('before', 200);
const after = numbered('after', 50);

scenario('an id is the file’s random identity with start and end of the line’s raw bytes', async () => {
  await using lab = await startAgent();
  await lab.logs.append('app.log', 'one\r\n\nthree\n');
  await lab.delivered(['one', 'three']);
  const [one, three] = lab.server.stored.map(({ id }) => partsOfId(id));
  assert.match(one?.fileId ?? '', /^[0-9a-f]{24}$/);
  assert.deepEqual([one?.start, one?.end, three?.start, three?.end], [0, 5, 6, 12]);
  assert.equal(one?.fileId, three?.fileId);
});

scenario('a file that was renamed while the agent was away is found again and read on', async () => {
  await using lab = await startAgent();
  await lab.logs.append('app.log', 'seen\n');
  await lab.delivered(['seen']);
  assert.equal(await lab.stop(), 0);
  await lab.logs.append('app.log', 'unseen\n');
  await lab.logs.rename('app.log', 'old/app.log.1');
  await lab.logs.append('app.log', 'successor\n');
  await lab.start();
  await lab.delivered(['seen', 'unseen', 'successor']);
  assert.equal(lab.server.repeated, 0, 'not even tried twice');
});

scenario('a file with another inode is found again by its full fingerprint when the old inode is gone', async () => {
  await using lab = await startAgent();
  await lab.logs.append('app.log', asText(before));
  await lab.delivered(before);
  assert.equal(await lab.stop(), 0);
  await lab.logs.append('app.log', asText(after));
  await lab.logs.replaceByCopy('app.log', 'moved.log');
  await lab.start();
  await lab.delivered([...before, ...after]);
});

scenario('two candidates are no evidence: both are read from their start', async () => {
  await using lab = await startAgent();
  await lab.logs.append('app.log', asText(before));
  await lab.delivered(before);
  assert.equal(await lab.stop(), 0);
  await copyFile(lab.logs.at('app.log'), lab.logs.at('one.log'));
  await lab.logs.replaceByCopy('app.log', 'two.log');
  lab.ledgerBytes = () => undefined;
  await lab.start();
  await lab.delivered([...before, ...before, ...before]);
});

scenario('less than 1 KiB never identifies another inode', async () => {
  await using lab = await startAgent();
  await lab.logs.append('app.log', 'short\n');
  await lab.delivered(['short']);
  assert.equal(await lab.stop(), 0);
  await lab.logs.replaceByCopy('app.log', 'moved.log');
  lab.ledgerBytes = () => undefined;
  await lab.start();
  await lab.delivered(['short', 'short']);
});

scenario('a new file that got a deleted file’s inode is a new file', async () => {
  await using lab = await startAgent();
  await lab.logs.append('app.log', asText(before));
  await lab.delivered(before);
  assert.equal(await lab.stop(), 0);
  // Same name, usually the same inode, other content, and longer than the old cursor.
  await lab.logs.recreate('app.log', asText(numbered('other', 300)));
  await lab.start();
  await lab.delivered([...before, ...numbered('other', 300)]);
});

scenario('a file deleted and made anew under a running agent is a new file, whatever its inode', async () => {
  await using lab = await startAgent();
  const expected: string[] = [];
  for (let turn = 0; turn < 6; turn += 1) {
    const lines = numbered(`turn ${turn}`, 20);
    expected.push(...lines);
    if (turn === 0) await lab.logs.append('app.log', asText(lines));
    else await lab.logs.recreate('app.log', asText(lines));
    await lab.delivered(expected);
  }
});

scenario('a restart with nothing new sends nothing', async () => {
  await using lab = await startAgent({ outputs: 'http' });
  await lab.logs.append('app.log', asText(before));
  await lab.delivered(before);
  for (let turn = 0; turn < 3; turn += 1) await lab.restart();
  await lab.logs.append('app.log', 'last\n');
  await lab.delivered([...before, 'last']);
  assert.ok((await stat(lab.stateDir)).isDirectory());
});
