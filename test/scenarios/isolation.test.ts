import assert from 'node:assert/strict';
import { BulkServer, textOf } from '../support/bulk-server.js';
import { scenario, startAgent } from '../support/lab.js';
import { asText, numbered } from '../support/logs.js';
import { until } from '../support/until.js';

scenario(
  'an output that refuses connections delays nobody, is named in health, and catches up without loss',
  async () => {
    await using refusing = await BulkServer.start({ up: false });
    await using lab = await startAgent({
      outputs: 'elasticsearch,audit=http',
      env: { PANNIER_AUDIT_URL: `${refusing.url}/ndjson`, PANNIER_AUDIT_BATCH_MAX_WAIT: '50ms' },
    });
    const expected: string[] = [];
    let worstLagSeconds = 0;
    for (let second = 0; second < 12; second += 1) {
      const lines = numbered(`second ${second}`, 200);
      expected.push(...lines);
      await lab.logs.append('app.log', asText(lines));
      await lab.delivered(expected);
      const { outputs } = await lab.health();
      worstLagSeconds = Math.max(worstLagSeconds, outputs.elasticsearch?.lag_seconds ?? 0);
      assert.equal((await lab.get('/readyz')).status, 200);
      assert.equal((await lab.get('/livez')).status, 200);
    }
    assert.ok(worstLagSeconds < 2, `the good output lagged ${worstLagSeconds} s`);
    const { status, reasons, outputs } = await lab.shows('degraded', (health) => health.status === 'degraded');
    assert.equal(status, 'degraded');
    const reason = reasons.find(({ output }) => output === 'audit');
    assert.equal(reason?.code, 'OUTPUT_UNREACHABLE');
    assert.ok(
      reason.message.includes(String(refusing.port)) || reason.message.includes('ECONNREFUSED'),
      reason.message,
    );
    assert.notEqual(reason.action, '');
    assert.equal(outputs.audit?.last_error?.code, 'OUTPUT_UNREACHABLE');
    assert.equal(outputs.audit.ledger.pending, asText(expected).length);
    assert.equal((await lab.get('/health')).status, 200);
    assert.equal((await lab.get('/health?strict=1')).status, 503);
    await refusing.up();
    await until(() => refusing.lines.length >= expected.length, { what: 'the other catches up' });
    assert.deepEqual(refusing.lines.map(textOf), expected);
    await lab.shows('ok again', (health) => health.status === 'ok');
  },
);

scenario(
  'a destination that is down at the start: it runs, is ready, says degraded, and delivers when it comes',
  async () => {
    await using server = await BulkServer.start({ up: false });
    await using lab = await startAgent({ server });
    await lab.logs.append('app.log', 'patient\n');
    await lab.shows(
      'degraded',
      ({ status, reasons }) => status === 'degraded' && reasons[0]?.output === 'elasticsearch',
    );
    assert.equal((await lab.get('/startupz')).status, 200);
    await server.up();
    await lab.delivered(['patient']);
    await lab.shows('ok', ({ status }) => status === 'ok');
  },
);

scenario('an output that hangs delays nobody, and its request is given up in time', async () => {
  await using hanging = await BulkServer.start();
  hanging.always({ kind: 'hang' });
  await using lab = await startAgent({
    outputs: 'elasticsearch,audit=http',
    env: { PANNIER_AUDIT_URL: `${hanging.url}/ndjson`, PANNIER_AUDIT_REQUEST_TIMEOUT: '1s' },
  });
  const lines = numbered('line', 500);
  await lab.logs.append('app.log', asText(lines));
  await lab.delivered(lines, 5_000);
  await lab.shows('the time-out', ({ outputs }) => outputs.audit?.last_error?.code === 'OUTPUT_TIMEOUT');
  hanging.always(undefined);
  await until(() => hanging.lines.length > 0, { what: 'the other goes on' });
  await until(() => hanging.lines.length >= lines.length, { what: 'the other has all' });
  assert.deepEqual([...new Set(hanging.lines.map(textOf))], lines);
  lab.ledgerBytes = (output) => (output === 'audit' ? undefined : lab.logs.written);
});

scenario('a record that one output refuses reaches the other', async () => {
  await using lab = await startAgent({ outputs: 'elasticsearch,http' });
  lab.server.judge = ({ source }) =>
    source.includes('poison') ? { status: 400, type: 'document_parsing_exception', reason: 'no' } : undefined;
  await lab.logs.append('app.log', 'one\npoison\nthree\n');
  await lab.delivered(['one', 'three']);
  await until(() => lab.server.lines.length === 3, { what: 'all three reach the other' });
  const { outputs } = await lab.shows('both done', (health) =>
    Object.values(health.outputs).every(({ ledger }) => ledger.pending === 0),
  );
  assert.equal(outputs.elasticsearch?.ledger.dead_lettered, 'poison\n'.length);
  assert.equal(outputs.http?.ledger.dead_lettered, 0);
});
