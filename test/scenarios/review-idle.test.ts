import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { prepareAgent, scenario } from '../support/lab.js';

scenario('EXIT_WHEN_IDLE waits for an application that starts later than its sidecar', async () => {
  await using lab = await prepareAgent({ env: { PANNIER_EXIT_WHEN_IDLE: '4s' } });
  await lab.start();
  await wait(1500); // the application takes its time
  assert.ok(lab.agent.running, lab.agent.tail());
  await lab.logs.append('a.log', 'first\n');
  await lab.delivered(['first']);
  assert.equal(await lab.agent.exit(), 0);
});
