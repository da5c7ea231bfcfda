import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { scenario, startAgent, type Lab } from '../support/lab.js';
import { asText, numbered } from '../support/logs.js';
import { until } from '../support/until.js';
import { Elasticsearch } from './servers.js';

let server: Elasticsearch;
before(async () => {
  server = await Elasticsearch.start();
});
after(async () => {
  await server[Symbol.asyncDispose]();
});

const settings = (index: string, more: Readonly<Record<string, string>> = {}) => ({
  env: { PANNIER_ELASTICSEARCH_URL: server.url, PANNIER_ELASTICSEARCH_INDEX: index, ...more },
});

/** Waits until the index has exactly these messages, each once. */
async function has(lab: Lab, index: string, expected: readonly string[], deadlineMs = 60_000): Promise<void> {
  await until(async () => (await server.count(index)) >= expected.length, {
    what: `${expected.length} documents in ${index}`,
    deadlineMs,
    instead: () => lab.agent.tail(),
  });
  assert.equal(await server.count(index), expected.length);
  const messages: string[] = [];
  // A search shows 10,000 at most; the labels of `numbered` divide what is more.
  for (const label of new Set(expected.map((line) => line.replace(/\d+$/, '')))) {
    const hits = await server.search(index, { prefix: { 'message.keyword': label } });
    messages.push(...hits.map(({ document }) => String(document.message)));
  }
  assert.deepEqual(messages.toSorted(), expected.toSorted());
}

scenario(
  '10,000 lines across a rotation and a kill -9 arrive exactly once',
  async () => {
    await using lab = await startAgent(settings('once'));
    const first = numbered('first', 4_000);
    const second = numbered('second', 2_000);
    const third = numbered('third', 4_000);
    await lab.logs.append('app.log', asText(first));
    await until(async () => (await server.count('once')) > 0, { what: 'some of it is there' });
    await lab.kill9();
    await lab.logs.append('app.log', asText(second));
    await lab.logs.rename('app.log', 'app.log.1');
    await lab.logs.append('app.log', asText(third.slice(0, 2_000)));
    await lab.start();
    await lab.logs.append('app.log', asText(third.slice(2_000)));
    await has(lab, 'once', [...first, ...second, ...third]);
  },
  120_000,
);

scenario('records go into a data stream, and a repeat is told by its id there too', async () => {
  await server.request('PUT', '/_index_template/streams', {
    index_patterns: ['logs-stream-*'],
    data_stream: {},
    priority: 500,
  });
  await using lab = await startAgent(settings('logs-stream-default', { PANNIER_COMMIT_INTERVAL: '60s' }));
  const lines = numbered('stream', 500);
  await lab.logs.append('app.log', asText(lines));
  await has(lab, 'logs-stream-default', lines);
  await lab.kill9();
  await lab.start();
  await lab.shows('all accepted again', ({ outputs }) => outputs.elasticsearch?.ledger.pending === 0);
  await has(lab, 'logs-stream-default', lines);
});

scenario('a mapping conflict arrives as text with its reason, searchable, its neighbours untouched', async () => {
  await server.request('PUT', '/conflict', {
    mappings: { properties: { order_id: { type: 'long' }, user: { properties: { name: { type: 'keyword' } } } } },
  });
  await using lab = await startAgent(settings('conflict'));
  await lab.logs.append(
    'app.log',
    [
      '{"message":"good","order_id":7}',
      '{"message":"bad number","order_id":"seven"}',
      '{"message":"bad object","user":"ann"}',
      '{"message":"also good","order_id":8,"user":{"name":"bob"}}\n',
    ].join('\n'),
  );
  await until(async () => (await server.count('conflict')) === 4, {
    what: 'four documents',
    instead: () => lab.agent.tail(),
  });
  const hits = await server.search('conflict', { exists: { field: 'error.message' } });
  assert.equal(hits.length, 2);
  for (const { document } of hits) assert.match(JSON.stringify(document.error), /parse|mapping|object/i);
  const [found] = await server.search('conflict', { query_string: { query: 'seven' } });
  assert.ok(JSON.stringify(found?.document).includes('bad number'), 'the fields can be searched as text');
  await lab.caughtUp();
  assert.deepEqual(await lab.deadLetters(), []);
});

scenario('a document that is refused in both forms becomes a dead letter, and nothing waits for it', async () => {
  await server.request('PUT', '/strict', { mappings: { properties: { message: { type: 'long' } } } });
  await using lab = await startAgent(settings('strict', { PANNIER_FORMAT: 'raw' }));
  await lab.logs.append('app.log', '17\nno number\n18\n');
  await lab.shows('two delivered, one dead', ({ outputs }) => {
    const ledger = outputs.elasticsearch?.ledger;
    return ledger?.delivered === 6 && ledger.dead_lettered === 10;
  });
  const letters = await lab.deadLetters();
  assert.deepEqual(
    letters.map(({ message, code }) => [message, code]),
    [['no number', 'RECORD_REFUSED']],
  );
  assert.match(String(letters[0]?.reason), /document_parsing_exception/);
});

scenario('an index that does not exist and may not be made is a fault of the output, not of the records', async () => {
  await server.request('PUT', '/_cluster/settings', { persistent: { 'action.auto_create_index': '-forbidden*,*' } });
  await using lab = await startAgent(settings('forbidden-index'));
  await lab.logs.append('app.log', 'patient\n');
  await lab.shows('the fault', ({ outputs }) => outputs.elasticsearch?.last_error?.code === 'OUTPUT_NOT_FOUND');
  await server.request('PUT', '/_cluster/settings', { persistent: { 'action.auto_create_index': null } });
  await has(lab, 'forbidden-index', ['patient']);
  assert.deepEqual(await lab.deadLetters(), []);
});

scenario('a disk that is full at the server (flood stage) delays records and costs none', async () => {
  await server.request('PUT', '/flooded', {});
  await server.request('PUT', '/flooded/_settings', { 'index.blocks.read_only_allow_delete': true });
  await using lab = await startAgent(settings('flooded'));
  const lines = numbered('flooded', 200);
  await lab.logs.append('app.log', asText(lines));
  await lab.shows('refused for now', ({ outputs }) => outputs.elasticsearch?.last_error !== null);
  await server.request('PUT', '/flooded/_settings', { 'index.blocks.read_only_allow_delete': null });
  await has(lab, 'flooded', lines);
});

/** PANNIER_OUTAGE_SECONDS=15 makes it shorter. */
const outageSeconds = Number(process.env.PANNIER_OUTAGE_SECONDS ?? '60');

scenario(
  `the server is stopped for ${outageSeconds} s and started again: nothing is lost, nothing comes twice`,
  async () => {
    await using lab = await startAgent(settings('outage'));
    const before = numbered('before', 500);
    await lab.logs.append('app.log', asText(before));
    await has(lab, 'outage', before);
    await server.down();
    const during: string[] = [];
    for (let second = 0; second < outageSeconds; second += 1) {
      const lines = numbered(`during${second}`, 100);
      during.push(...lines);
      await lab.logs.append('app.log', asText(lines));
      if (second === 5) await lab.logs.rename('app.log', 'app.log.1');
      assert.equal((await lab.get('/readyz')).status, 200);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
    const { status, reasons } = await lab.health();
    assert.equal(status, 'degraded');
    assert.equal(reasons[0]?.output, 'elasticsearch');
    await server.up();
    await has(lab, 'outage', [...before, ...during], 120_000);
    await lab.shows('ok', (health) => health.status === 'ok');
  },
  400_000,
);

scenario(
  'the server is killed under load: what it had acknowledged is there once, the rest comes',
  async () => {
    await using lab = await startAgent(settings('crash'));
    const lines = numbered('crash', 9_000);
    await lab.logs.append('app.log', asText(lines.slice(0, 5_000)));
    await until(async () => (await server.count('crash')) > 0, { what: 'some of it is there' });
    await server.down('SIGKILL');
    await lab.logs.append('app.log', asText(lines.slice(5_000)));
    await server.up();
    await has(lab, 'crash', lines, 120_000);
  },
  400_000,
);
