import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { runCommand } from '../support/agent-process.js';
import { prepareAgent, scenario, startAgent } from '../support/lab.js';
import { asText, numbered } from '../support/logs.js';

scenario('probes, health, metrics and the page answer, and metrics say what health says', async () => {
  await using lab = await startAgent({ outputs: 'elasticsearch,http' });
  const lines = numbered('line', 100);
  await lab.logs.append('app.log', asText(lines));
  await lab.delivered(lines);
  const health = await lab.shows('all done', ({ outputs }) =>
    Object.values(outputs).every(({ ledger }) => ledger.pending === 0),
  );
  for (const path of ['/livez', '/readyz', '/startupz', '/health?strict=1'])
    assert.equal((await lab.get(path)).status, 200, path);
  assert.equal((await lab.get('/nowhere')).status, 404);
  assert.match((await lab.get('/')).body, /<html/i);
  const { body } = await lab.get('/metrics');
  for (const output of ['elasticsearch', 'http']) {
    assert.match(body, new RegExp(`^pannier_records_delivered_total\\{output="${output}"\\} 100$`, 'm'));
    assert.match(
      body,
      new RegExp(`^pannier_delivered_bytes_total\\{output="${output}"\\} ${asText(lines).length}$`, 'm'),
    );
    assert.match(body, new RegExp(`^pannier_pending_bytes\\{output="${output}"\\} 0$`, 'm'));
    assert.equal(health.outputs[output]?.ledger.delivered, asText(lines).length);
  }
  assert.match(body, /^pannier_build_info\{[^}]*version="/m);
  assert.match(body, /^process_/m);
  assert.ok(!body.includes(lab.logs.path), 'a path is no label');
});

scenario('the health command asks the running agent', async () => {
  await using lab = await startAgent();
  assert.equal((await runCommand({ env: lab.env, args: ['health'] })).code, 0);
  assert.equal((await runCommand({ env: lab.env, args: ['health', '--ready', '--strict'] })).code, 0);
  await lab.kill9();
  assert.equal((await runCommand({ env: lab.env, args: ['health'] })).code, 1);
});

scenario('a taken port is named and never stops shipping', async () => {
  await using lab = await prepareAgent();
  const taken = createServer();
  taken.listen(lab.port, '127.0.0.1');
  await once(taken, 'listening');
  try {
    const agent = lab.launch();
    await lab.logs.append('app.log', 'a line\n');
    await lab.delivered(['a line']);
    const { fields } = await agent.logged('the taken port', (line) => line.fields.code === 'LISTEN_FAILED');
    assert.match(JSON.stringify(fields), new RegExp(String(lab.port)));
  } finally {
    taken.close();
  }
  await lab.shows('degraded until it is tried again, then served', ({ files_total }) => files_total === 1);
});

scenario('the listener can be off', async () => {
  await using lab = await prepareAgent({ env: { PANNIER_LISTEN: 'off' } });
  const agent = lab.launch();
  await lab.logs.append('app.log', 'a line\n');
  await lab.delivered(['a line']);
  await assert.rejects(lab.get('/livez'));
  agent.signal('SIGTERM');
  assert.equal(await agent.exit(), 0);
});
