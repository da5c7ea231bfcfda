import assert from 'node:assert/strict';
import { readdir, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { partsOfId, textOf } from '../support/bulk-server.js';
import type { Health } from '../support/health-form.js';
import { scenario, startAgent, type Lab } from '../support/lab.js';
import { asText, numbered } from '../support/logs.js';
import { until } from '../support/until.js';

const lines = numbered('line', 2_000);

/** Paths of the log folder that the agent holds open, as Linux shows them. */
async function openLogs(lab: Lab): Promise<string[]> {
  const folder = `/proc/${lab.agent.pid}/fd`;
  const links = await Promise.all((await readdir(folder)).map((fd) => readlink(join(folder, fd)).catch(() => '')));
  return links.filter((path) => path.startsWith(lab.logs.path) && path.includes('.log'));
}

scenario('a file deleted while its output is down is delivered to its last line', async () => {
  await using lab = await startAgent();
  await lab.server.down();
  await lab.logs.append('app.log', asText(lines));
  await lab.shows('the file', ({ files }) => files[0]?.size === asText(lines).length);
  await lab.logs.remove('app.log');
  await lab.shows('deleted, and held', ({ files }) => files[0]?.state === 'deleted');
  await lab.server.up();
  await lab.delivered(lines);
});

scenario('what is written to a deleted file is delivered while somebody has it open', async () => {
  await using lab = await startAgent();
  await using writer = await lab.logs.writer('app.log');
  await writer.write('before\n');
  await lab.delivered(['before']);
  await lab.logs.remove('app.log');
  await lab.shows('deleted', ({ files }) => files[0]?.state === 'deleted');
  await writer.write('after\n');
  await lab.delivered(['before', 'after']);
});

/** Much more than an output takes into memory, in small batches: what is read already is delivered, whatever becomes of the file. */
const many = (label: string): string[] => numbered(`${label} and some more text to fill the file`, 6_000);
const dropped = ({ reasons }: Health): boolean =>
  reasons.some(({ code, output }) => code === 'BYTES_DROPPED' && output === 'http');
const smallBatches = { PANNIER_HTTP_BATCH_MAX_BYTES: '16KiB' };

scenario('over the byte limit the oldest held file goes, loudly, and only for the output that is behind', async () => {
  await using lab = await startAgent({
    outputs: 'http,elasticsearch',
    env: { ...smallBatches, PANNIER_HOLD_MAX_BYTES: '700KiB', PANNIER_HTTP_URL: 'http://127.0.0.1:9/' },
  });
  const expected: string[] = [];
  for (const name of ['one', 'two', 'three']) {
    expected.push(...many(name));
    await lab.logs.append(`${name}.log`, asText(many(name)));
    await lab.delivered(expected);
    await lab.logs.remove(`${name}.log`);
    await lab.shows(`${name} is deleted or given up`, ({ files }) => files.every(({ state }) => state !== 'open'));
  }
  const health = await lab.shows('a drop', dropped);
  assert.equal(health.status, 'degraded');
  assert.equal(health.outputs.elasticsearch?.ledger.dropped, 0);
  assert.ok(!health.reasons.some(({ code, output }) => code === 'BYTES_DROPPED' && output !== 'http'));
  const { fields } = await lab.agent.logged('the drop', (line) => line.fields.code === 'BYTES_DROPPED');
  assert.deepEqual([fields.reason, fields.path], ['hold_bytes', lab.logs.at('one.log')], 'the oldest');
  // The ledger counts positions: what is dropped stands behind what was read before and is still on its way.
  assert.ok((health.outputs.http?.ledger.pending ?? 0) >= asText(many('three')).length);
});

scenario('over the age limit a held file goes; what was read of it already is delivered', async () => {
  await using lab = await startAgent({ outputs: 'http', env: { ...smallBatches, PANNIER_HOLD_MAX_AGE: '1s' } });
  await lab.server.down();
  const all = many('old');
  await lab.logs.append('app.log', asText(all));
  await lab.shows('the file', ({ files }) => files[0]?.size === asText(all).length);
  await lab.logs.remove('app.log');
  await lab.shows('a drop', dropped);
  await lab.server.up();
  const { outputs } = await lab.shows('nothing pending', (health) => health.outputs.http?.ledger.pending === 0);
  const came = lab.server.lines.map(textOf);
  assert.deepEqual(came, all.slice(0, came.length));
  assert.equal(outputs.http?.ledger.delivered, asText(came).length);
  assert.equal(outputs.http.ledger.dropped, lab.logs.written - asText(came).length);
});

scenario('a deleted file that everyone has finished is closed after the grace time', async () => {
  if (process.platform !== 'linux') return;
  await using lab = await startAgent({ env: { PANNIER_HOLD_GRACE: '1s' } });
  await lab.logs.append('app.log', 'a line\n');
  await lab.delivered(['a line']);
  await lab.logs.remove('app.log');
  await until(async () => (await openLogs(lab)).length === 0, { what: 'the deleted file is closed' });
  await lab.logs.append('app.log', 'another\n');
  await lab.delivered(['a line', 'another']);
});

scenario('a file that was compressed while the agent was away is found again, and read on', async () => {
  await using lab = await startAgent();
  await lab.logs.append('app.log', asText(lines.slice(0, 500)));
  await lab.delivered(lines.slice(0, 500));
  assert.equal(await lab.stop(), 0);
  await lab.logs.append('app.log', asText(lines.slice(500)));
  await lab.logs.gzip('app.log', 'app.log.1.gz');
  await lab.logs.append('app.log', 'successor\n');
  await lab.start();
  await lab.delivered([...lines, 'successor']);
  assert.equal(new Set(lab.server.stored.map(({ id }) => partsOfId(id).fileId)).size, 2, 'the same identity');
});

scenario('a compressed file whose trailer does not check is left alone', async () => {
  await using lab = await startAgent();
  await lab.logs.append('app.log', asText(lines.slice(0, 500)));
  await lab.delivered(lines.slice(0, 500));
  assert.equal(await lab.stop(), 0);
  const cut = gzipSync(asText(lines)).subarray(0, -6);
  await writeFile(lab.logs.at('app.log.1.gz'), cut);
  await lab.logs.remove('app.log');
  await lab.logs.append('new.log', 'new\n');
  await lab.start();
  await lab.delivered([...lines.slice(0, 500), 'new']);
});

scenario('a file that is gone for longer than its record is kept is given up loudly', async () => {
  await using lab = await startAgent({
    outputs: 'http',
    env: { PANNIER_FORGET_AFTER: '1s', PANNIER_DRAIN_TIMEOUT: '3s' },
  });
  await lab.logs.append('app.log', 'read\n');
  await lab.delivered(['read']);
  await lab.server.down();
  await lab.logs.append('app.log', asText(lines));
  await lab.shows('the file', ({ files }) => files[0]?.size === asText(lines).length + 5);
  assert.equal(await lab.stop(), 75);
  await lab.logs.remove('app.log');
  await lab.server.up();
  await lab.start();
  const { reasons } = await lab.shows(
    'dropped',
    ({ outputs }) => outputs.http?.ledger.dropped === asText(lines).length,
  );
  assert.ok(reasons.some(({ code }) => code === 'BYTES_DROPPED'));
  assert.match((await lab.get('/metrics')).body, /pannier_dropped_bytes_total\{[^}]*reason="gone"[^}]*\} [1-9]/);
  await lab.delivered(['read']);
});
