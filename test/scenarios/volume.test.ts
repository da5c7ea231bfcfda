import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { BulkServer, textOf } from '../support/bulk-server.js';
import { prepareAgent, scenario, startAgent } from '../support/lab.js';
import { asText, numbered } from '../support/logs.js';
import { cannotMount, SmallDisk } from '../support/small-disk.js';
import { until } from '../support/until.js';

scenario('DELETE_SHIPPED=rotated removes a rotated file when the slowest output has it, and no sooner', async () => {
  await using slow = await BulkServer.start({ up: false });
  await using lab = await startAgent({
    outputs: 'elasticsearch,audit=http',
    env: {
      PANNIER_DELETE_SHIPPED: 'rotated',
      PANNIER_HOLD_GRACE: '300ms',
      PANNIER_AUDIT_URL: `${slow.url}/ndjson`,
      PANNIER_AUDIT_BATCH_MAX_WAIT: '50ms',
    },
  });
  const lines = numbered('line', 100);
  await lab.logs.append('app.log', asText(lines.slice(0, 50)));
  await lab.delivered(lines.slice(0, 50));
  lab.forgetDelivered();
  await lab.logs.rename('app.log', 'app.log.1');
  await lab.logs.append('app.log', asText(lines.slice(50)));
  await lab.delivered(lines);
  // Each new name makes the agent scan; a later one shows that the scan after the grace has been.
  const begun = Date.now();
  for (let scan = 0; Date.now() - begun < 1000; scan += 1) {
    await lab.logs.rename('app.log', `scan-${scan}.log`);
    await lab.logs.rename(`scan-${scan}.log`, 'app.log');
    await lab.shows('it looked', ({ files_total }) => files_total === 2);
  }
  assert.ok(existsSync(lab.logs.at('app.log.1')), 'the other output has nothing of it yet');

  await slow.up();
  await until(() => !existsSync(lab.logs.at('app.log.1')), { what: 'the rotated file is removed', deadlineMs: 30_000 });
  assert.deepEqual(slow.lines.slice(0, 50).map(textOf), lines.slice(0, 50));
  assert.ok(existsSync(lab.logs.at('app.log')));
  await lab.caughtUp();
  assert.match((await lab.get('/metrics')).body, /^pannier_removed_files_total 1$/m);
});

scenario(
  'a volume that is about to be full is said in /health, and taken back when there is room',
  async () => {
    await using lab = await prepareAgent();
    using disk = new SmallDisk(lab.logs.path, '2m');
    await lab.start();
    await lab.logs.append('app.log', 'one\n');
    await lab.delivered(['one']);
    assert.deepEqual((await lab.health()).reasons, []);
    await disk.fill();
    const full = await lab.shows('the volume fills', ({ status }) => status === 'degraded', 30_000);
    assert.deepEqual(
      full.reasons.map(({ code }) => code),
      ['VOLUME_FILLING'],
    );
    assert.match(full.reasons[0]!.message, /of 2 MiB are left/);
    assert.match((await lab.get('/metrics')).body, /^pannier_volume_bytes 2097152$/m);
    assert.equal((await lab.get('/readyz')).status, 200);
    await disk.makeRoom();
    await lab.shows('there is room again', ({ status }) => status === 'ok', 30_000);
  },
  { skip: cannotMount },
);
