import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { scenario, startAgent } from '../support/lab.js';
import { asText, numbered } from '../support/logs.js';
import { until } from '../support/until.js';

scenario(
  'killed with -9 ten times under load, with rotations and lost replies: every line is stored exactly once',
  async () => {
    await using lab = await startAgent();
    const expected: string[] = [];
    for (let turn = 0; turn < 10; turn += 1) {
      const before = numbered(`turn ${turn} before`, 700);
      const after = numbered(`turn ${turn} after`, 700);
      expected.push(...before, ...after);
      if (turn % 3 === 1) lab.server.next({ kind: 'lost-reply' });
      await lab.logs.append('app.log', asText(before));
      const seen = lab.server.requests.length;
      if (turn % 2 === 0) await until(() => lab.server.requests.length > seen, { what: 'a request is on its way' });
      await lab.kill9();
      if (turn % 4 === 3) await lab.logs.rename('app.log', `app.log.${turn}`);
      await lab.logs.append('app.log', asText(after));
      await lab.start();
    }
    await lab.delivered(expected);
    assert.equal(new Set(lab.server.stored.map(({ key }) => key)).size, expected.length);
  },
  90_000,
);

scenario('killed while its output is down: what was read and never sent is sent', async () => {
  await using lab = await startAgent();
  const lines = numbered('line', 2_000);
  await lab.server.down();
  await lab.logs.append('app.log', asText(lines));
  await lab.shows('an attempt failed', ({ outputs }) => outputs.elasticsearch?.last_error !== null);
  await lab.kill9();
  await lab.start();
  await lab.server.up();
  await lab.delivered(lines);
  assert.equal(lab.server.repeated, 0);
});

scenario('killed while an earlier batch has no answer and later ones have: the earlier one is sent again', async () => {
  await using lab = await startAgent({ env: { PANNIER_ELASTICSEARCH_BATCH_MAX_BYTES: '16KiB' } });
  const lines = numbered('line', 3_000);
  await lab.logs.append('app.log', asText(lines.slice(0, 500)));
  await lab.delivered(lines.slice(0, 500)); // by now it has learned that two requests at once are well
  lab.forgetDelivered();
  lab.server.next({ kind: 'hang' });
  await lab.logs.append('app.log', asText(lines.slice(500)));
  await until(() => lab.server.stored.length > 1_000, { what: 'later batches are stored' });
  await wait(500); // five commits, of a cursor that has to stay where it is
  await lab.kill9();
  await lab.start();
  await lab.delivered(lines);
});

scenario('killed between an answer and the commit: the repeat has the same ids', async () => {
  await using lab = await startAgent({ env: { PANNIER_COMMIT_INTERVAL: '60s' } });
  const lines = numbered('line', 500);
  await lab.logs.append('app.log', asText(lines));
  await lab.delivered(lines);
  await lab.kill9();
  await lab.start();
  await until(() => lab.server.repeated === lines.length, { what: 'all come again, and are known' });
  await lab.delivered(lines);
});
