import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../support/agent-process.js';
import { readHealth } from '../support/health-form.js';
import { scenario, startAgent } from '../support/lab.js';

scenario('status shows outputs and files with their format and the share that was parsed', async () => {
  await using lab = await startAgent();
  await lab.logs.append('app.log', `${'{"msg":"a"}\n'.repeat(30)}${'prose\n'.repeat(10)}`);
  await lab.shows('all is delivered', ({ outputs }) => outputs.elasticsearch?.ledger.delivered === 420);
  const { code, stdout } = await runCommand({ env: lab.env, args: ['status'] });
  assert.equal(code, 0);
  assert.match(stdout, /^ok: everything is being shipped\n/);
  assert.match(stdout, /^elasticsearch +(idle|sending) +0 B /m);
  assert.match(stdout, new RegExp(`^${lab.logs.at('app.log')} +open +auto:json +75 % +420 B +0 B$`, 'm'));
  const json = await runCommand({ env: lab.env, args: ['status', '--json'] });
  assert.equal(json.code, 0);
  assert.equal(readHealth(json.stdout).files[0]?.parsed_share, 0.75);
});

scenario('status and health find an agent whose address stands in the YAML file only', async () => {
  await using lab = await startAgent();
  const { PANNIER_LISTEN: listen = '', ...env } = lab.env;
  const file = join(lab.dir, 'pannier.yaml');
  await writeFile(file, `listen: '${listen}'\n`);
  for (const args of [['status'], ['health', '--ready']])
    assert.equal((await runCommand({ env: { ...env, PANNIER_CONFIG: file }, args })).code, 0, args.join(' '));
  await writeFile(file, 'listen: off\n');
  const bySocket = await runCommand({ env: { ...env, PANNIER_CONFIG: file }, args: ['status'] });
  assert.equal(bySocket.code, 0, 'the control socket needs no listener');
  const elsewhere = { ...env, PANNIER_CONFIG: file, PANNIER_STATE_DIR: lab.logs.path };
  const off = await runCommand({ env: elsewhere, args: ['status'] });
  assert.equal(off.code, 1);
  assert.match(off.stderr, /PANNIER_LISTEN is off/);
  await lab.kill9();
  assert.equal((await runCommand({ env: lab.env, args: ['status'] })).code, 1);
});
