import assert from 'node:assert/strict';
import { chmod, chown, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../support/agent-process.js';
import { textOf } from '../support/bulk-server.js';
import { prepareAgent, scenario, startAgent } from '../support/lab.js';
import { asText, numbered } from '../support/logs.js';
import { until } from '../support/until.js';

const lines = numbered('line', 1_000);

scenario('after a stop every position is in the store: a start sends only what is new', async () => {
  await using lab = await startAgent({ outputs: 'http', env: { PANNIER_COMMIT_INTERVAL: '60s' } });
  await lab.logs.append('app.log', asText(lines));
  await lab.delivered(lines);
  assert.equal(await lab.stop(), 0);
  await lab.logs.append('app.log', 'new\n');
  await lab.start();
  await lab.delivered([...lines, 'new']);
});

scenario('after a kill an output without ids gets at most what was not committed yet, again and in order', async () => {
  await using lab = await startAgent({ outputs: 'http' });
  await lab.logs.append('app.log', asText(lines));
  await lab.delivered(lines);
  const committed = async (): Promise<number> => Date.parse((await lab.health()).state.last_commit ?? '');
  // More than once: what is stored of files is written with positions, too, now and then.
  const markers: string[] = [];
  for (const marker of ['first marker', 'second marker', 'third marker']) {
    const before = await committed();
    markers.push(marker);
    await lab.logs.append('app.log', `${marker}\n`);
    await lab.delivered([...lines, ...markers]);
    await until(async () => (await committed()) > before, { what: `a commit after the ${marker}` });
  }
  lab.forgetDelivered();
  await lab.kill9();
  await lab.logs.append('app.log', 'new\n');
  await lab.start();
  await until(() => lab.server.lines.some((line) => textOf(line) === 'new'), { what: 'the new line comes' });
  const came = lab.server.lines.map(textOf);
  assert.deepEqual([...new Set(came)], [...lines, ...markers, 'new']);
  assert.ok(came.length <= lines.length + markers.length + 2, `${came.length} lines came`);
});

scenario('a corrupt store is set aside and rebuilt: repeats rather than loss', async () => {
  await using lab = await startAgent();
  await lab.logs.append('app.log', asText(lines));
  await lab.delivered(lines);
  assert.equal(await lab.stop(), 0);
  for (const entry of await readdir(lab.stateDir, { recursive: true, withFileTypes: true }))
    if (entry.isFile() && /^(MANIFEST-|CURRENT$)|\.(ldb|log)$/.test(entry.name))
      await writeFile(join(entry.parentPath, entry.name), Buffer.alloc(300, 7));
  await lab.logs.append('app.log', 'new\n');
  await lab.start();
  await lab.agent.logged('the store was rebuilt', ({ fields }) => fields.code === 'STATE_REBUILT');
  await lab.delivered([...lines, ...lines, 'new']);
  await lab.restart();
  await lab.logs.append('app.log', 'newer\n');
  await lab.delivered([...lines, ...lines, 'new', 'newer']);
});

scenario('a second agent on the same state directory ends with 1 and names directory and process', async () => {
  await using lab = await startAgent();
  const second = await runCommand({ env: { ...lab.env, PANNIER_LISTEN: 'off' } });
  assert.equal(second.code, 1);
  assert.ok(second.stderr.includes(lab.stateDir), second.stderr);
  assert.ok(second.stderr.includes(String(lab.agent.pid)), second.stderr);
  await lab.logs.append('app.log', 'the first goes on\n');
  await lab.delivered(['the first goes on']);
});

scenario('a lock left behind by a killed agent stops nobody', async () => {
  await using lab = await startAgent();
  for (const line of numbered('turn', 3)) {
    await lab.kill9();
    await lab.start();
    await lab.logs.append('app.log', `${line}\n`);
    await lab.delivered(numbered('turn', Number(line.slice(-1)) + 1));
  }
});

scenario('a state directory that cannot be written: it ships with positions in memory, degraded', async () => {
  await using lab = await prepareAgent({ unprivileged: true });
  await chmod(lab.stateDir, 0o555);
  if (process.getuid?.() === 0) await chown(lab.stateDir, 0, 0);
  await lab.logs.append('app.log', asText(lines));
  await lab.start();
  await lab.delivered(lines);
  const health = await lab.shows('degraded', ({ status }) => status === 'degraded');
  assert.equal(health.state.durable, false);
  assert.ok(health.reasons.some(({ code }) => code === 'STATE_NOT_DURABLE'));
  assert.equal((await lab.get('/readyz')).status, 200);
  assert.equal((await lab.get('/health?strict=1')).status, 503);
});
