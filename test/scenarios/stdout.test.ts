import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program, projectRoot, runCommand, AgentProcess } from '../support/agent-process.js';
import { asObject } from '../support/bulk-api.js';
import { freePort } from '../support/ports.js';
import { prepareAgent, scenario, startAgent } from '../support/lab.js';
import { LogFolder, asText, numbered } from '../support/logs.js';
import { until } from '../support/until.js';

const recordsOf = (stdout: string): Readonly<Record<string, unknown>>[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => asObject(JSON.parse(line)) ?? {});

scenario(
  'with no output named, records go to standard output in the default form, the log to standard error',
  async () => {
    await using lab = await startAgent({ env: { PANNIER_OUTPUTS: '', HOSTNAME: 'box' } });
    await lab.logs.append(
      'app.log',
      'hello\n{"time":1763630102123,"level":30,"msg":"json","n":12345678901234567890}\n',
    );
    await until(() => recordsOf(lab.agent.stdout).length === 2, { what: 'two records' });
    const [text, json] = recordsOf(lab.agent.stdout);
    assert.equal(text?.message, 'hello');
    assert.deepEqual(text.log, { file: { path: lab.logs.at('app.log') }, offset: 0 });
    assert.match(String(text['@timestamp']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.equal(json?.message, 'json');
    assert.equal(json['@timestamp'], '2025-11-20T09:15:02.123Z');
    assert.match(lab.agent.stdout, /"n":12345678901234567890/, 'a big number stays as it was');
    assert.deepEqual(lab.agent.stray, []);
  },
);

scenario('a reader that is slow gets everything, in order, and costs no memory', async () => {
  await using lab = await startAgent({ outputs: 'stdout' });
  const lines = numbered('a line that is long enough to fill a pipe many times over', 20_000);
  await lab.logs.append('app.log', asText(lines));
  await until(() => recordsOf(lab.agent.stdout).length === lines.length, { what: 'all come' });
  assert.deepEqual(
    recordsOf(lab.agent.stdout).map(({ message }) => message),
    lines,
  );
});

scenario('a reader that never reads holds it back; it stays live and can be stopped', async () => {
  await using lab = await startAgent({ outputs: 'stdout', stdout: 'ignored', env: { PANNIER_DRAIN_TIMEOUT: '3s' } });
  const lines = numbered('a line that is long enough to fill a pipe many times over', 20_000);
  await lab.logs.append('app.log', asText(lines));
  await lab.shows('the backlog', ({ files }) => files[0]?.size === asText(lines).length);
  const { outputs } = await lab.shows('held back', (health) => (health.outputs.stdout?.ledger.pending ?? 0) > 500_000);
  assert.ok((outputs.stdout?.ledger.pending ?? 0) > 0);
  assert.equal((await lab.get('/livez')).status, 200);
  assert.equal(await lab.stop(), 75, lab.agent.tail());
});

scenario('a reader that goes away ends it cleanly', async () => {
  await using lab = await startAgent({ outputs: 'stdout' });
  await lab.logs.append('app.log', 'one\n');
  await until(() => lab.agent.stdout.includes('one'), { what: 'the first record' });
  lab.agent.closeStdout();
  await lab.logs.append('app.log', asText(numbered('more', 200)));
  const code = await lab.agent.exit();
  assert.equal(typeof code, 'number', 'no signal');
  assert.ok(!JSON.stringify(lab.agent.log.map(({ fields }) => fields)).includes('at Socket'), 'no stack');
  assert.deepEqual(lab.agent.stray, []);
});

scenario('a reader that goes away ends the other outputs by a drain', async () => {
  await using lab = await startAgent({ outputs: 'stdout,elasticsearch' });
  lab.ledgerBytes = () => undefined;
  await lab.logs.append('app.log', 'one\n');
  await until(() => lab.agent.stdout.includes('one'), { what: 'the first record' });
  await lab.delivered(['one']);
  lab.agent.closeStdout();
  const more = numbered('more', 200);
  await lab.logs.append('app.log', `${asText(more)}an open last line`);
  assert.equal(await lab.agent.exit(), 0, lab.agent.tail());
  await lab.delivered(['one', ...more, 'an open last line']);
});

scenario(
  'npm start with no setting watches ./logs, keeps state in ./.pannier and ships to standard output',
  async () => {
    await using lab = await prepareAgent();
    lab.ledgerBytes = () => undefined;
    // A checkout of its own, so that nobody's ./logs is touched; what is installed and built is shared.
    const checkout = await mkdtemp(join(tmpdir(), 'pannier-start-'));
    try {
      for (const name of ['.ci', 'package.json', 'package-lock.json', 'dist'])
        await cp(join(projectRoot, name), join(checkout, name), { recursive: true, preserveTimestamps: true });
      for (const name of ['src', 'outputs', 'config']) await mkdir(join(checkout, name));
      await symlink(join(projectRoot, 'node_modules'), join(checkout, 'node_modules'));
      const start = new AgentProcess({
        program: join(checkout, '.ci/start.js'),
        cwd: checkout,
        env: { PANNIER_LISTEN: `127.0.0.1:${await freePort()}` },
      });
      try {
        await until(() => start.log.length > 0, { what: 'it runs', instead: () => start.tail() });
        await new LogFolder(join(checkout, 'logs')).append('x.log', 'payment failed\n');
        await until(() => recordsOf(start.stdout).length === 1, { what: 'the record', instead: () => start.tail() });
        assert.equal(recordsOf(start.stdout)[0]?.message, 'payment failed');
        start.signal('SIGTERM');
        assert.equal(await start.exit(), 0);
        await readFile(join(checkout, 'logs/x.log'));
      } finally {
        start.signal('SIGKILL');
      }
    } finally {
      await rm(checkout, { recursive: true, force: true });
    }
  },
);

scenario('the program says its version and what it does not know', async () => {
  const version = await runCommand({ env: {}, args: ['--version'] });
  assert.equal(version.code, 0);
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
  const unknown = await runCommand({ env: {}, args: ['valdate'] });
  assert.equal(unknown.code, 64);
  assert.match(unknown.stderr, /validate/);
  assert.ok(program.endsWith('dist/pannier.js'));
});
