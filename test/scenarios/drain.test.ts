import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { scenario, startAgent, prepareAgent } from '../support/lab.js';
import { asText, numbered } from '../support/logs.js';
import { until } from '../support/until.js';

const lines = numbered('line', 500);

scenario('SIGTERM delivers everything, the unterminated last line too, and exits 0', async () => {
  await using lab = await startAgent({ env: { PANNIER_PARTIAL_LINE_TIMEOUT: '5m' } });
  await lab.logs.append('app.log', `${asText(lines)}its last words`);
  lab.agent.signal('SIGTERM');
  assert.equal(await lab.agent.exit(), 0, lab.agent.tail());
  await lab.delivered([...lines, 'its last words']);
});

scenario('the drain goes on tailing while the application still writes', async () => {
  await using lab = await startAgent({ env: { PANNIER_DRAIN_QUIET: '2s', PANNIER_MULTILINE: 'off' } });
  await lab.logs.append('app.log', 'before\n');
  await lab.delivered(['before']);
  lab.agent.signal('SIGTERM');
  for (const line of lines.slice(0, 6)) {
    // The application's pace: everything has been delivered for a while when it writes again.
    await wait(250);
    await lab.logs.append('app.log', `${line}\n`);
    await lab.delivered(['before', ...lines.slice(0, lines.indexOf(line) + 1)]);
  }
  await lab.logs.append('late.log', 'a file of the last moment\n');
  assert.equal(await lab.agent.exit(), 0);
  await lab.delivered(['before', ...lines.slice(0, 6), 'a file of the last moment']);
});

scenario(
  'a drain that passes its deadline exits 75 and says what each output lacks; a start goes on from there',
  async () => {
    await using lab = await startAgent({ env: { PANNIER_DRAIN_TIMEOUT: '3s' } });
    await lab.server.down();
    await lab.logs.append('app.log', asText(lines));
    await lab.shows('the backlog', ({ outputs }) => (outputs.elasticsearch?.lag_bytes ?? 0) > 0);
    assert.equal(await lab.stop(), 75, lab.agent.tail());
    assert.match(JSON.stringify(lab.agent.log.at(-1)?.fields), new RegExp(`elasticsearch.*${asText(lines).length}`));
    await lab.server.up();
    await lab.start();
    await lab.delivered(lines);
  },
);

scenario('EXIT_ZERO turns a passed deadline into 0', async () => {
  await using lab = await startAgent({ env: { PANNIER_DRAIN_TIMEOUT: '3s', PANNIER_EXIT_ZERO: 'true' } });
  await lab.server.down();
  await lab.logs.append('app.log', 'a line\n');
  await lab.shows('the backlog', ({ outputs }) => (outputs.elasticsearch?.lag_bytes ?? 0) > 0);
  assert.equal(await lab.stop(), 0);
  await lab.server.up();
  await lab.start();
  await lab.delivered(['a line']);
});

scenario('a waiting lane gets one attempt at once when the drain begins, whatever the server asked for', async () => {
  await using lab = await startAgent();
  lab.server.next({ kind: 'status', status: 503, headers: { 'retry-after': '60' } });
  await lab.logs.append('app.log', 'a line\n');
  await lab.shows('waiting', ({ outputs }) => outputs.elasticsearch?.state === 'retrying');
  assert.equal(await lab.stop(), 0);
  await lab.delivered(['a line']);
});

scenario('a second signal stops at once, without loss of position', async () => {
  await using lab = await startAgent({ env: { PANNIER_DRAIN_TIMEOUT: '60s' } });
  await lab.logs.append('app.log', 'delivered\n');
  await lab.delivered(['delivered']);
  await lab.server.down();
  await lab.logs.append('app.log', 'held back\n');
  await lab.shows('the backlog', ({ outputs }) => (outputs.elasticsearch?.lag_bytes ?? 0) > 0);
  lab.agent.signal('SIGTERM');
  await lab.agent.logged('it drains', ({ msg }) => /drain/i.test(msg));
  lab.agent.signal('SIGTERM');
  const code = await lab.agent.exit(10_000);
  assert.equal(code, 75);
  await lab.server.up();
  await lab.start();
  await lab.delivered(['delivered', 'held back']);
  assert.equal(lab.server.repeated, 0, 'the first one’s position was committed');
});

scenario('readiness stays while it drains', async () => {
  await using lab = await startAgent({ env: { PANNIER_DRAIN_MIN: '1s' } });
  lab.agent.signal('SIGTERM');
  await lab.agent.logged('it drains', ({ msg }) => /drain/i.test(msg));
  assert.equal((await lab.get('/readyz')).status, 200);
  assert.equal(await lab.agent.exit(), 0);
});

scenario('POST /quit drains and ends it; other methods, foreign origins and CONTROL=off do not', async () => {
  await using lab = await startAgent();
  assert.equal((await lab.get('/quit')).status, 405);
  assert.equal((await lab.get('/quit', { method: 'POST', headers: { origin: 'http://evil.example' } })).status, 403);
  await lab.restart({ PANNIER_CONTROL: 'off' });
  assert.equal((await lab.get('/quit', { method: 'POST' })).status, 404);
  assert.ok(lab.agent.running);
  await lab.restart();
  await lab.logs.append('app.log', 'the last\n');
  assert.equal((await lab.get('/quit', { method: 'POST' })).status, 202);
  assert.equal(await lab.agent.exit(), 0);
  await lab.delivered(['the last']);
});

scenario('EXIT_ON_FILE and EXIT_WHEN_IDLE end it after a drain', async () => {
  await using lab = await prepareAgent();
  const done = join(lab.dir, 'done');
  await lab.start({ PANNIER_EXIT_ON_FILE: done });
  await lab.logs.append('app.log', 'one\n');
  await lab.delivered(['one']);
  await lab.logs.append('../done', '');
  await access(done);
  assert.equal(await lab.agent.exit(), 0);
  await lab.start({ PANNIER_EXIT_WHEN_IDLE: '1s' });
  await lab.logs.append('app.log', 'two\n');
  assert.equal(await lab.agent.exit(), 0);
  await lab.delivered(['one', 'two']);
});

scenario('a stop during the start is a stop', async () => {
  await using lab = await prepareAgent();
  await lab.logs.append('app.log', asText(lines));
  const agent = lab.launch();
  await until(() => agent.log.length > 0, { what: 'it says something' });
  agent.signal('SIGTERM');
  assert.equal(await agent.exit(), 0);
  await lab.start();
  await lab.delivered(lines);
});
