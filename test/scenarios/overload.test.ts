import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { getPriority, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { prepareAgent, type Lab, scenario, startAgent } from '../support/lab.js';
import { asText, numbered } from '../support/logs.js';
import { until } from '../support/until.js';

const metric = async (lab: Lab, name: string): Promise<number> => {
  const line = (await lab.get('/metrics')).body.split('\n').find((each) => each.startsWith(`${name}{`));
  assert.ok(line !== undefined, name);
  return Number(line.split(' ').at(-1));
};
/** 1.5 MB of lines: several batches' worth. */
const many = numbered('a line of some length, so that there is more than one batch of them in all', 15_000);

scenario(
  'in a storm of 429 one small request at a time asks, /health says when, and all arrives once after it',
  async () => {
    await using lab = await prepareAgent();
    lab.server.always({ kind: 'status', status: 429 });
    await lab.logs.append('app.log', asText(many));
    await lab.start();
    await until(() => lab.server.requests.length >= 6, { what: 'six attempts' });
    const first = lab.server.requests[0]!;
    assert.ok(first.bytes > 200_000, 'the first knew nothing of the storm');
    for (const { bytes } of lab.server.requests.slice(1)) assert.ok(bytes < 70_000, `a probe of ${bytes} bytes`);
    const { reasons } = await lab.shows('when the next comes', (health) =>
      health.reasons.some(({ action }) =>
        /waits \d+ s, then one small request|one request is trying it now/.test(action),
      ),
    );
    assert.equal(reasons[0]?.code, 'OUTPUT_BUSY');
    assert.equal(await metric(lab, 'pannier_concurrency_limit'), 1);
    lab.server.always(undefined);
    await lab.delivered(many, 60_000);
    assert.equal(lab.server.repeated, 0);
    await lab.shows('well again', ({ status, reasons: left }) => status === 'ok' && left.length === 0);
    assert.equal(await metric(lab, 'pannier_concurrency_limit'), 2);
  },
);

scenario('a server that takes requests and never answers costs a time-out each, and no line', async () => {
  await using lab = await prepareAgent({ env: { PANNIER_ELASTICSEARCH_REQUEST_TIMEOUT: '300ms' } });
  const lines = numbered('line', 100);
  lab.server.next({ kind: 'hang' }, 2);
  await lab.logs.append('app.log', asText(lines));
  await lab.start();
  await lab.shows('the time-out', ({ outputs }) => outputs.elasticsearch?.last_error?.code === 'OUTPUT_TIMEOUT');
  await lab.delivered(lines);
  assert.equal(lab.server.scripted, 0);
});

scenario(
  'a rate limit makes batches small and waits between them, is no trouble, and does not hold back a drain',
  async () => {
    await using lab = await prepareAgent({ env: { PANNIER_RATE_LIMIT: '64KiB' } });
    await lab.logs.append('app.log', asText(many));
    await lab.start();
    await until(() => lab.server.requests.length >= 2, { what: 'two batches' });
    for (const { bytes } of lab.server.requests) assert.ok(bytes <= 65_536, `${bytes} bytes in one request`);
    assert.ok((await metric(lab, 'pannier_rate_limited_seconds_total')) > 0.5);
    const { status, outputs } = await lab.health();
    assert.equal(status, 'ok');
    assert.equal(outputs.elasticsearch?.state, 'sending');
    assert.equal(await lab.stop(), 0);
    await lab.delivered(many);
  },
);

scenario(
  'PANNIER_NICE reaches every thread of the process, and a reload may raise it',
  async () => {
    const config = join(await mkdtemp(join(tmpdir(), 'pannier-nice-')), 'pannier.yaml');
    try {
      await writeFile(config, 'nice: 5\n');
      await using lab = await startAgent({ env: { PANNIER_CONFIG: config } });
      const own = getPriority();
      const niceness = async (): Promise<number[]> => {
        const tasks = `/proc/${lab.agent.pid}/task`;
        const stats = await Promise.all(
          (await readdir(tasks)).map((task) => readFile(join(tasks, task, 'stat'), 'utf8')),
        );
        // The 19th field; the second, the name, may hold blanks and ends with the last parenthesis.
        return stats.map((stat) => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]));
      };
      assert.ok(own < 5, 'the tests run nicer themselves: this would prove nothing');
      await lab.logs.append('app.log', 'a line\n');
      await lab.delivered(['a line']);
      const before = await niceness();
      assert.ok(before.length > 4, 'libuv and V8 have threads');
      assert.deepEqual(new Set(before), new Set([5]));
      await writeFile(config, 'nice: 7\n');
      await until(async () => (await niceness()).every((each) => each === 7), { what: 'the reload' });
    } finally {
      await rm(dirname(config), { recursive: true });
    }
  },
  { skip: process.platform === 'linux' ? false : 'threads have a niceness of their own on Linux only' },
);
