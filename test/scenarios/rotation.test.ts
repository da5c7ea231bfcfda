import assert from 'node:assert/strict';
import { partsOfId } from '../support/bulk-server.js';
import { scenario, startAgent } from '../support/lab.js';
import { asText, numbered } from '../support/logs.js';

scenario('a line written just before a rename is delivered once, also across a restart', async () => {
  await using lab = await startAgent({ outputs: 'http' });
  await lab.logs.append('app.log', 'known\n');
  await lab.delivered(['known']);
  await lab.logs.append('app.log', 'first\n');
  await lab.logs.rename('app.log', 'app.log.1');
  await lab.logs.append('app.log', 'second\n');
  await lab.delivered(['known', 'first', 'second']);
  await lab.restart();
  await lab.logs.append('app.log', 'third\n');
  await lab.delivered(['known', 'first', 'second', 'third']);
});

scenario('a file renamed to a name that no glob matches is read to its end', async () => {
  await using lab = await startAgent({ outputs: 'http' });
  const lines = numbered('backlog', 400);
  await lab.server.down();
  await lab.logs.append('app.log', asText(lines));
  await lab.shows('the backlog', ({ outputs }) => (outputs.http?.lag_bytes ?? 0) > 0);
  await lab.logs.rename('app.log', 'archive/app.2026-11-20');
  await lab.logs.append('archive/app.2026-11-20', 'late\n');
  await lab.server.up();
  await lab.delivered([...lines, 'late']);
});

scenario('the new file under an old name waits until the old one was read to its end', async () => {
  await using lab = await startAgent({ outputs: 'http' });
  await lab.server.down();
  const expected: string[] = [];
  for (const turn of ['a', 'b', 'c', 'd']) {
    // Files of several turns each: read side by side they would arrive mixed.
    const lines = numbered(turn.repeat(200), 3_000);
    expected.push(...lines);
    await lab.logs.append('app.log', asText(lines));
    await lab.shows(`file ${turn}`, ({ files_total }) => files_total === 'abcd'.indexOf(turn) + 1);
    if (turn === 'd') break;
    for (const [from, to] of [
      ['app.log.2', 'app.log.3'],
      ['app.log.1', 'app.log.2'],
      ['app.log', 'app.log.1'],
    ] as const)
      await lab.logs.rename(from, to).catch(() => {});
  }
  await lab.server.up();
  await lab.delivered(expected);
});

scenario('what an application writes to its renamed file is delivered while the file is held', async () => {
  await using lab = await startAgent();
  await using writer = await lab.logs.writer('app.log');
  await writer.write('before\n');
  await lab.delivered(['before']);
  await lab.logs.rename('app.log', 'app.log.1');
  await lab.logs.append('app.log', 'successor\n');
  await lab.delivered(['before', 'successor']);
  await writer.write('late\n');
  await lab.delivered(['before', 'successor', 'late']);
  const files = new Set(lab.server.stored.map(({ id }) => partsOfId(id).fileId));
  assert.equal(files.size, 2, 'the renamed file keeps its identity, its successor has its own');
});

scenario('two files may swap their names', async () => {
  await using lab = await startAgent();
  await lab.logs.append('a.log', 'a one\n');
  await lab.logs.append('b.log', 'b one\n');
  await lab.delivered(['a one', 'b one']);
  await lab.logs.rename('a.log', 'c.log');
  await lab.logs.rename('b.log', 'a.log');
  await lab.logs.rename('c.log', 'b.log');
  await lab.logs.append('a.log', 'b two\n');
  await lab.logs.append('b.log', 'a two\n');
  await lab.delivered(['a one', 'b one', 'b two', 'a two']);
});

scenario('a truncated file is read again from its start, under a new identity', async () => {
  await using lab = await startAgent();
  await lab.logs.append('app.log', 'old one\nold two\n');
  await lab.delivered(['old one', 'old two']);
  await lab.logs.truncate('app.log');
  await lab.logs.append('app.log', 'new\n');
  await lab.delivered(['old one', 'old two', 'new']);
  const [old, , fresh] = lab.server.stored.map(({ id }) => partsOfId(id));
  assert.notEqual(old?.fileId, fresh?.fileId);
  assert.equal(fresh?.start, 0);
});

for (const [size, old] of [
  ['a small file', numbered('old', 2)],
  ['a file of more than 1 KiB', numbered('old', 300)],
] as const) {
  scenario(
    `${size}, truncated and grown beyond its old size before anyone looked, is read from its start`,
    async () => {
      await using lab = await startAgent();
      await lab.logs.append('app.log', asText(old));
      await lab.delivered(old);
      const lines = numbered('new', 500);
      await lab.logs.truncate('app.log');
      await lab.logs.append('app.log', asText(lines));
      await lab.delivered([...old, ...lines]);
      assert.deepEqual((await lab.health()).reasons, [], 'nothing was dropped: all of the old file had been read');
    },
  );
}

scenario('a file rewritten to the very size it had is read from its start', async () => {
  await using lab = await startAgent();
  await lab.logs.append('app.log', 'one\ntwo\n');
  await lab.delivered(['one', 'two']);
  await lab.logs.truncate('app.log');
  await lab.logs.append('app.log', 'six\nten\n');
  await lab.delivered(['one', 'two', 'six', 'ten']);
});

scenario('bytes truncated away unread are dropped loudly: ledger, metric, log and health', async () => {
  // Small batches: two of them hold a part of the backlog only, the rest is unread.
  await using lab = await startAgent({ outputs: 'http', env: { PANNIER_HTTP_BATCH_MAX_BYTES: '16KiB' } });
  await lab.logs.append('app.log', 'read\n');
  await lab.delivered(['read']);
  lab.forgetDelivered();
  await lab.server.down();
  const lost = asText(numbered('lost', 20_000));
  await lab.logs.append('app.log', lost);
  await lab.shows(
    'the backlog, of which a batch is under way',
    ({ files, outputs }) => files[0]?.size === lost.length + 5 && outputs.http?.state === 'retrying',
  );
  await lab.logs.truncate('app.log');
  await lab.logs.append('app.log', 'after\n');
  await lab.shows('the drop', ({ reasons }) => reasons.some(({ code }) => code === 'BYTES_DROPPED'));
  await lab.server.up();
  // The ledger counts by position, so the drop is in it once what was in flight before it has its outcome.
  await lab.shows(
    'all is read',
    ({ outputs }) => outputs.http?.ledger.pending === 0 && outputs.http.ledger.dropped > 0,
  );
  const { outputs, status, reasons } = await lab.health();
  const sent = lab.server.lines.length;
  // What was in flight when the file was cut may still arrive: it was read before.
  assert.ok((outputs.http?.ledger.dropped ?? 0) <= lost.length && sent >= 2);
  assert.equal(status, 'degraded');
  assert.ok(reasons.some(({ code, output }) => code === 'BYTES_DROPPED' && output === 'http'));
  assert.match((await lab.get('/metrics')).body, /pannier_dropped_bytes_total\{[^}]*reason="truncated"[^}]*\} [1-9]/);
  // As an error: whoever reads errors only reads of it.
  await lab.agent.logged('bytes dropped', ({ fields, level }) => fields.code === 'BYTES_DROPPED' && level === 50);
});

scenario(
  'a file made, written and renamed out of the globs in one moment is read, before what took its name',
  async () => {
    await using lab = await startAgent({ outputs: 'http' });
    await lab.logs.append('app.log', 'first\n');
    await lab.logs.rename('app.log', 'app.log.1');
    await lab.logs.append('app.log', 'second\n');
    await lab.delivered(['first', 'second']);
  },
);
