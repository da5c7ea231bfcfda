import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../support/agent-process.js';
import { prepareAgent, scenario, startAgent } from '../support/lab.js';
import { until } from '../support/until.js';

const wrong = {
  PANNIER_DRAIN_TIMOUT: '5s',
  PANNIER_PARTIAL_LINE_TIMEOUT: 'soon',
  PANNIER_MAX_LINE_BYTES: '-1',
  PANNIER_OUTPUTS: 'elasticsearch,nowhere',
  PANNIER_ELASTICSEARCH_API_KEY: 'a-secret-value',
  PANNIER_ELASTICSEARCH_API_KEY_FILE: '/run/secrets/key',
};

scenario('bad settings end it with 78 and name every problem at once, secrets never', async () => {
  await using lab = await prepareAgent({ env: wrong });
  const { code, stderr } = await runCommand({ env: lab.env });
  assert.equal(code, 78);
  for (const name of [
    'PANNIER_DRAIN_TIMOUT',
    'PANNIER_DRAIN_TIMEOUT',
    'PANNIER_PARTIAL_LINE_TIMEOUT',
    'PANNIER_MAX_LINE_BYTES',
    'nowhere',
    'API_KEY_FILE',
  ])
    assert.ok(stderr.includes(name), `${name} is named in ${stderr}`);
  assert.ok(!stderr.includes('a-secret-value'));
});

scenario('what Kubernetes puts into the environment by itself is no mistake', async () => {
  await using lab = await startAgent({
    env: {
      PANNIER_SERVICE_HOST: '10.0.0.1',
      PANNIER_SERVICE_PORT: '9600',
      PANNIER_PORT: 'tcp://10.0.0.1:9600',
      PANNIER_PORT_9600_TCP_ADDR: '10.0.0.1',
      PANNIER_METRICS_SERVICE_PORT_HTTP: '9600',
    },
  });
  await lab.logs.append('app.log', 'a line\n');
  await lab.delivered(['a line']);
});

scenario('ON_FATAL=stay: probes answer, health says what is wrong, and a mended file starts it', async () => {
  await using lab = await prepareAgent({ env: { PANNIER_ON_FATAL: 'stay' } });
  const file = join(lab.dir, 'pannier.yaml');
  await writeFile(file, 'format: nosuchformat\nmax_line_bytes: much\n');
  const agent = lab.launch({ PANNIER_CONFIG: file });
  await lab.shows('failing', ({ status }) => status === 'failing');
  for (const probe of ['/livez', '/readyz', '/startupz']) assert.equal((await lab.get(probe)).status, 200);
  const { status, body } = await lab.get('/health');
  assert.equal(status, 503);
  assert.match(body, /CONFIG_INVALID/);
  for (const name of ['format', 'max_line_bytes']) assert.ok(body.includes(name), body);
  assert.ok(agent.running);
  await lab.logs.append('app.log', 'patient\n');
  await writeFile(file, 'format: raw\n');
  await lab.delivered(['patient']);
  await lab.shows('ok', (health) => health.status === 'ok');
});

scenario('SIGHUP applies a changed file without losing a line; a bad one changes nothing and is named', async () => {
  await using lab = await prepareAgent();
  const file = join(lab.dir, 'pannier.yaml');
  await writeFile(file, 'fields: team=one\n');
  await lab.start({ PANNIER_CONFIG: file });
  await lab.logs.append('app.log', 'first\n');
  await lab.delivered(['first']);
  const hash = (await lab.health()).config_hash;
  await writeFile(file, 'fields:\n  team: two\n');
  lab.agent.signal('SIGHUP');
  await lab.shows('the new configuration', ({ config_hash }) => config_hash !== hash);
  await lab.logs.append('app.log', 'second\n');
  await lab.delivered(['first', 'second']);
  await writeFile(file, 'fields: team=three\nnosuchkey: 1\n');
  lab.agent.signal('SIGHUP');
  await lab.shows('the problem', ({ reasons }) => reasons.some(({ code }) => code === 'CONFIG_INVALID'));
  await lab.logs.append('app.log', 'third\n');
  await lab.delivered(['first', 'second', 'third']);
  assert.deepEqual(
    lab.server.stored.map(({ document }) => document.team),
    ['one', 'two', 'two'],
  );
  assert.match((await lab.get('/metrics')).body, /^pannier_config_valid 0$/m);
});

scenario('a reload may add an output and change a destination, and every cursor stays', async () => {
  await using lab = await prepareAgent();
  const file = join(lab.dir, 'pannier.yaml');
  lab.ledgerBytes = () => undefined;
  await writeFile(file, `outputs:\n  main: { type: elasticsearch, url: '${lab.server.url}', batch_max_wait: 50ms }\n`);
  await lab.start({ PANNIER_CONFIG: file, PANNIER_OUTPUTS: '' });
  await lab.logs.append('app.log', 'first\n');
  await lab.delivered(['first']);
  await writeFile(
    file,
    `outputs:\n  main: { type: elasticsearch, url: '${lab.server.url}', index: logs-other-default }\n  audit: { type: http, url: '${lab.server.url}/ndjson' }\n`,
  );
  assert.equal((await lab.get('/reload', { method: 'POST' })).status, 202);
  await lab.logs.append('app.log', 'second\n');
  await lab.delivered(['first', 'second']);
  await until(() => lab.server.lines.length === 2, { what: 'the added output has both' });
  assert.deepEqual(
    lab.server.stored.map(({ index }) => index),
    ['logs-pannier-default', 'logs-other-default'],
  );
});

scenario('a secret in a file is read, and read again when the file changes', async () => {
  await using lab = await prepareAgent();
  const file = join(lab.dir, 'key');
  await writeFile(file, 'b2xk\n');
  await lab.start({ PANNIER_ELASTICSEARCH_API_KEY_FILE: file });
  await lab.logs.append('app.log', 'first\n');
  await lab.delivered(['first']);
  lab.forgetDelivered();
  await writeFile(file, 'bmV3\n');
  await until(
    async () => {
      await lab.logs.append('app.log', 'more\n');
      return lab.server.requests.at(-1)?.headers.authorization === 'ApiKey bmV3';
    },
    { what: 'requests carry the new key' },
  );
  assert.equal(lab.server.requests[0]?.headers.authorization, 'ApiKey b2xk');
});
