import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { askSocket } from '../../src/commands/ask-socket.js';
import { readHealth } from '../support/health-form.js';
import { scenario, startAgent } from '../support/lab.js';

const health = async (stateDir: string) => askSocket(stateDir, { route: 'GET /health' });

scenario(
  'the socket of the state directory answers its owner, is replaced after a kill, and goes with the agent',
  async () => {
    await using lab = await startAgent();
    const path = join(lab.stateDir, 'control.sock');
    const first = await health(lab.stateDir);
    assert.ok(first.kind === 'answered' && first.code === 200);
    assert.equal(readHealth(JSON.stringify(first.value)).status, 'ok');
    assert.equal((await stat(path)).mode & 0o777, 0o600);

    await lab.kill9();
    assert.ok((await stat(path)).isSocket(), 'a killed agent leaves it');
    assert.equal((await health(lab.stateDir)).kind, 'nobody');
    await lab.start();
    assert.equal((await health(lab.stateDir)).kind, 'answered');

    // A second agent on the same directory must not take it.
    const { code } = await lab.once({ PANNIER_LISTEN: 'off' });
    assert.equal(code, 1);
    assert.equal((await health(lab.stateDir)).kind, 'answered');

    assert.equal(await lab.stop(), 0);
    await assert.rejects(stat(path), { code: 'ENOENT' });
  },
);

scenario('the socket answers while the agent drains', async () => {
  await using lab = await startAgent();
  await lab.server.down();
  await lab.logs.append('app.log', 'waits\n');
  await lab.shows('it is tried', ({ outputs }) => outputs.elasticsearch?.state === 'retrying');
  lab.agent.signal('SIGTERM');
  await lab.agent.logged('the drain', ({ fields }) => fields.msg === 'draining');
  assert.equal((await health(lab.stateDir)).kind, 'answered');
  await lab.server.up();
  assert.equal(await lab.agent.exit(), 0);
});
