import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { scenario, startAgent, type Lab } from '../support/lab.js';

const name = 'pannier_log_records_total';

/** The metric's samples, as they stand there. */
async function samplesOf(lab: Lab): Promise<readonly string[]> {
  const { body } = await lab.get('/metrics');
  return body
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`))
    .sort();
}

scenario(
  'records are counted by file name and level, once for all outputs, across a rotation and a reload',
  async () => {
    await using lab = await startAgent({ outputs: 'elasticsearch,http', env: { PANNIER_LOG_METRICS: 'on' } });
    await lab.logs.append('app.log', '{"level":"error","msg":"a"}\n{"level":50,"msg":"b"}\nlevel=warn msg=c\n');
    await lab.logs.append('web/other.log', 'prose\n\n2026-11-21T00:00:01Z stdout F {"level":"info","msg":"d"}\n');
    await lab.shows('both files', ({ files }) => files.length === 2);
    await lab.caughtUp();
    await lab.logs.rename('app.log', 'app.log.1');
    await lab.logs.append('app.log', '{"level":"fatal","msg":"e"}\n');
    await lab.shows('the new file', ({ files }) => files.length === 3);
    await lab.caughtUp();
    const expected = [
      `${name}{file="app.log",level="error"} 2`,
      `${name}{file="app.log",level="fatal"} 1`,
      `${name}{file="app.log",level="warn"} 1`,
      `${name}{file="other.log",level="info"} 1`,
      `${name}{file="other.log",level="none"} 1`,
    ];
    assert.deepEqual(await samplesOf(lab), expected);
    assert.equal((await lab.get('/reload', { method: 'POST' })).status, 202);
    await lab.agent.logged('the reload', ({ msg }) => msg.startsWith('reloaded'));
    await wait(100);
    assert.deepEqual(await samplesOf(lab), expected);
  },
);

scenario('nothing is counted unless it is asked for; the share of parsed records always is', async () => {
  await using lab = await startAgent();
  await lab.logs.append('app.log', `${'{"level":"error","msg":"a"}\n'.repeat(30)}${'prose\n'.repeat(10)}`);
  const { files } = await lab.shows(
    'all is delivered',
    ({ outputs }) => outputs.elasticsearch?.ledger.delivered === 900,
  );
  assert.deepEqual(await samplesOf(lab), []);
  assert.deepEqual(
    files.map(({ format, parsed_share }) => [format, parsed_share]),
    [['auto:json', 0.75]],
  );
  assert.match((await lab.get('/')).body, /<td class="n">75 %<\/td>/);
});

scenario('what the first output holds back is counted all the same', async () => {
  await using lab = await startAgent({ env: { PANNIER_LOG_METRICS: 'on', PANNIER_MIN_LEVEL: 'error' } });
  const lines = '{"level":"error","msg":"a"}\n{"level":"info","msg":"b"}\n{"level":"info","msg":"c"}\n';
  await lab.logs.append('app.log', lines);
  const { files } = await lab.shows('all is done', ({ outputs }) => {
    const ledger = outputs.elasticsearch?.ledger;
    return ledger !== undefined && ledger.delivered + ledger.left_out === lines.length;
  });
  assert.deepEqual(await samplesOf(lab), [
    `${name}{file="app.log",level="error"} 1`,
    `${name}{file="app.log",level="info"} 2`,
  ]);
  assert.equal(files[0]?.parsed_share, 1);
});
