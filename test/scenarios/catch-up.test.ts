import assert from 'node:assert/strict';
import { utimes } from 'node:fs/promises';
import { prepareAgent, scenario, startAgent, type Lab } from '../support/lab.js';
import { asText, numbered } from '../support/logs.js';
import { textOf } from '../support/bulk-server.js';
import { until } from '../support/until.js';

/** Small batches: some hundred kB are then far more than four of them. No line waits for the next one. */
const newestFirst = { PANNIER_CATCH_UP: 'newest-first', PANNIER_BATCH_MAX_BYTES: '32KiB', PANNIER_MULTILINE: 'off' };

const long = (name: string, count: number): string[] =>
  numbered(name, count).map((line) => `${line} ${'x'.repeat(80)}`);

const stored = (lab: Lab, text: string): boolean => lab.server.stored.some((one) => textOf(one) === text);

/** A file that is whole when it is first seen: in one that is seen growing the lane jumps to where its end is just then. */
async function appear(lab: Lab, name: string, lines: readonly string[]): Promise<void> {
  await lab.logs.append(`${name}.tmp`, asText(lines));
  await lab.logs.rename(`${name}.tmp`, name);
}

/** The agent knows of all that was written: what is behind it is the lane's choice. */
const seen = (lab: Lab) =>
  lab.shows('all that was written', ({ files }) => files.reduce((sum, { size }) => sum + size, 0) === lab.logs.written);

/** Share of the others that came before one, 0 to 1. */
function shareBefore(texts: readonly string[], text: string): number {
  const at = texts.indexOf(text);
  assert.ok(at >= 0, `${text} came`);
  return at / texts.length;
}

scenario('after an outage the line of now comes before nearly all of the backlog, and all come once', async () => {
  await using lab = await startAgent({ env: newestFirst });
  await lab.server.down();
  const backlog = long('old', 20_000);
  await appear(lab, 'app.log', backlog);
  await lab.shows('an attempt failed', ({ outputs }) => outputs.elasticsearch?.last_error !== null);
  await lab.logs.append('app.log', asText(['now']));
  await seen(lab);
  await lab.server.up();
  await lab.delivered([...backlog, 'now']);
  assert.ok(shareBefore(lab.server.stored.map(textOf), 'now') < 0.2);
  assert.equal(lab.server.repeated, 0);
  await lab.caughtUp();
});

scenario('an ordered output gets each line once as well, the newest first', async () => {
  await using lab = await startAgent({
    outputs: 'http',
    env: { PANNIER_HTTP_CATCH_UP: 'newest-first', PANNIER_HTTP_BATCH_MAX_BYTES: '32KiB', PANNIER_MULTILINE: 'off' },
  });
  await lab.server.down();
  const backlog = long('old', 10_000);
  await appear(lab, 'app.log', backlog);
  await lab.shows('an attempt failed', ({ outputs }) => outputs.http?.last_error !== null);
  await lab.logs.append('app.log', asText(['now']));
  await seen(lab);
  await lab.server.up();
  await until(() => lab.server.lines.length > backlog.length, { what: 'all come' });
  const texts = lab.server.lines.map(textOf);
  assert.deepEqual([...texts].sort(), [...backlog, 'now'].sort());
  assert.ok(shareBefore(texts, 'now') < 0.2);
});

scenario('killed when the newest lines are there and the backlog is not: range and gap are gone on with', async () => {
  await using lab = await startAgent({ env: newestFirst });
  const lines: string[] = [];
  for (const turn of [1, 2, 3]) {
    const backlog = long(`old ${turn}`, 10_000);
    await lab.server.down();
    await lab.logs.append('app.log', asText(backlog));
    await lab.logs.append('app.log', asText([`now ${turn}`]));
    lines.push(...backlog, `now ${turn}`);
    await lab.server.up();
    await until(() => stored(lab, `now ${turn}`), { what: 'the newest line comes' });
    await until(() => lab.server.stored.length > lines.length - 10_000 + 1500 * turn, { what: 'some more come' });
    await lab.kill9();
    // Taken back, and given again.
    await lab.start(turn === 2 ? { PANNIER_CATCH_UP: 'oldest-first' } : {});
  }
  await lab.delivered(lines);
  await lab.caughtUp();
});

scenario('renamed during the outage: the new file’s lines come before the backlog of the old one', async () => {
  await using lab = await startAgent({ env: newestFirst });
  await lab.server.down();
  const old = long('old', 15_000);
  await appear(lab, 'app.log', [...old, 'last of the old']);
  await lab.shows('an attempt failed', ({ outputs }) => outputs.elasticsearch?.last_error !== null);
  await lab.logs.rename('app.log', 'app.log.1');
  await lab.logs.append('app.log', asText(['first of the new']));
  await lab.shows('both files', ({ files }) => files.length === 2);
  await lab.server.up();
  await lab.delivered([...old, 'last of the old', 'first of the new']);
  const texts = lab.server.stored.map(textOf);
  assert.ok(shareBefore(texts, 'first of the new') < 0.3);
});

scenario(
  'truncated while the gap is open: its rest counts as dropped, what was sent above it as delivered',
  async () => {
    await using lab = await startAgent({ env: newestFirst });
    await lab.server.down();
    const old = long('old', 20_000);
    await appear(lab, 'app.log', [...old, 'now']);
    await lab.shows('an attempt failed', ({ outputs }) => outputs.elasticsearch?.last_error !== null);
    // The gap gets no further than this.
    lab.server.judge = ({ source }) =>
      source.includes('old 5') ? { status: 429, type: 'es_rejected_execution_exception', reason: 'busy' } : undefined;
    await lab.server.up();
    await until(() => stored(lab, 'now'), { what: 'the newest line comes' });
    await lab.logs.truncate('app.log');
    await lab.agent.logged('the rest is lost', ({ fields }) => fields.code === 'BYTES_DROPPED');
    lab.server.judge = () => undefined;
    await lab.logs.append('app.log', asText(['after']));
    await until(() => stored(lab, 'after'), { what: 'the file goes on' });
    const { outputs } = await lab.shows(
      'all has an outcome',
      (health) => health.outputs.elasticsearch?.ledger.pending === 0,
    );
    const ledger = outputs.elasticsearch?.ledger;
    assert.ok(ledger !== undefined && ledger.dropped > 0);
    const bytes = lab.server.stored.reduce((sum, one) => sum + Buffer.byteLength(textOf(one)) + 1, 0);
    assert.equal(ledger.delivered, bytes);
  },
);

scenario('of many files that wait, those that were written last go first', async () => {
  await using lab = await prepareAgent({ env: { ...newestFirst, PANNIER_ELASTICSEARCH_BATCH_MAX_WAIT: '0s' } });
  const files = Array.from({ length: 20 }, (_, at) => `app${at}.log`);
  const lines: string[] = [];
  for (const [at, name] of files.entries()) {
    const own = long(name, 500);
    lines.push(...own);
    await lab.logs.append(name, asText(own));
    // The first of them is the newest.
    const time = Date.now() / 1000 - at * 60;
    await utimes(lab.logs.at(name), time, time);
  }
  await lab.start();
  await lab.delivered(lines);
  const texts = lab.server.stored.map(textOf);
  const ranks = files.map((name) => texts.findLastIndex((text) => text.startsWith(`${name} `)));
  const half = ranks.length / 2;
  const mean = (of: readonly number[]): number => of.reduce((sum, rank) => sum + rank, 0) / of.length;
  assert.ok(mean(ranks.slice(0, half)) < mean(ranks.slice(half)));
});

scenario('`run --once` ships gap and tail, and ends well', async () => {
  await using lab = await prepareAgent({ env: newestFirst });
  const lines = long('line', 20_000);
  await lab.logs.append('app.log', asText(lines));
  const { code, agent } = await lab.once();
  assert.equal(code, 0, agent.tail());
  await lab.delivered(lines);
  assert.ok(lab.server.stored.findIndex((one) => textOf(one) === lines[19_999]) < 15_000);
});
