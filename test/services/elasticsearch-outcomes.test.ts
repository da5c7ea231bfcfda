// Which records of a batch the real server refused: found by their places in a reply that holds no ids (`filter_path`).
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { output as elasticsearch } from '../../outputs/elasticsearch/index.js';
import type { Output } from '../../outputs/output.js';
import { recordId, type LogRecord } from '../../src/types/record.js';
import { itemsOf, recordOf } from '../support/items.js';
import { Elasticsearch } from './servers.js';

type Settings = Parameters<typeof elasticsearch.create>[0]['settings'];

const index = 'outcomes';
const never = new AbortController().signal;
let server: Elasticsearch;
before(async () => {
  server = await Elasticsearch.start();
  await server.request('PUT', `/${index}`, { mappings: { properties: { order_id: { type: 'long' } } } });
});
after(async () => {
  await server[Symbol.asyncDispose]();
});

function create(compression: Settings['compression']): Output {
  const none = undefined;
  const credentials = { apiKey: none, username: none, password: none, caFile: none, certFile: none, keyFile: none };
  return elasticsearch.create({
    name: 'elasticsearch',
    settings: {
      ...credentials,
      url: [server.url],
      index,
      tlsVerify: true,
      compression,
      pipeline: undefined,
      concurrency: 2,
      connectTimeout: 10_000,
      requestTimeout: 60_000,
    },
    batchMaxBytes: 2 << 20,
    origin: { pod: '', namespace: '', node: '', podUid: '', container: '', service: '', host: 'h', labels: {} },
    version: '0.0.0',
  });
}

/** What the server will make of a record: store it, find it stored already (409), or refuse its field (400). */
type Fate = 'stored' | 'known' | 'refused';

const count = 2_000;
const patterns: Readonly<Record<string, (place: number) => Fate>> = {
  'the first is refused': (place) => (place === 0 ? 'refused' : 'stored'),
  'the last is refused': (place) => (place === count - 1 ? 'refused' : 'stored'),
  'all are refused': () => 'refused',
  'every seventh is refused': (place) => (place % 7 === 3 ? 'refused' : 'stored'),
  'all but every seventh are refused': (place) => (place % 7 === 3 ? 'stored' : 'refused'),
  'one is refused among repeats': (place) => (place === 1_234 ? 'refused' : 'known'),
  'all are repeats': () => 'known',
  'stored, repeated and refused, as they come': (place) =>
    (['stored', 'known', 'refused'] as const)[((place * 2_654_435_761) >>> 13) % 3]!,
};

const record = (value: number | string): LogRecord =>
  recordOf(`order ${value}`, { members: [{ key: 'order_id', json: JSON.stringify(value) }] });

for (const [name, fateOf] of Object.entries(patterns))
  for (const compression of ['none', 'gzip'] as const)
    test(`${name}, compression ${compression}: each refusal is that of its own record`, async () => {
      await using output = create(compression);
      const fates = Array.from({ length: count }, (_, place) => fateOf(place));
      const records = fates.map((fate, place) => record(fate === 'refused' ? `no number ${place}` : place));
      const known = records.filter((_, place) => fates[place] === 'known');
      if (known.length > 0) assert.equal(await output.send(itemsOf(output, known), never), 'accepted');

      const outcomes = await output.send(itemsOf(output, records), never);
      assert.ok(outcomes !== 'accepted', 'a reply with errors is judged item by item');
      assert.equal(outcomes.length, count);
      for (const [place, outcome] of outcomes.entries()) {
        assert.equal(outcome.kind, fates[place] === 'refused' ? 'rejected' : 'accepted', `record ${place}`);
        if (outcome.kind === 'rejected') {
          assert.equal(outcome.code, 'RECORD_REFUSED');
          assert.ok(outcome.reason.includes(recordId(records[place]!)), `record ${place}: ${outcome.reason}`);
        }
      }

      // Once more, as after a lost answer: now all that was not refused is known.
      const again = await output.send(itemsOf(output, records), never);
      const kinds = again === 'accepted' ? fates.map(() => again) : again.map(({ kind }) => kind);
      assert.deepEqual(
        kinds,
        fates.map((fate) => (fate === 'refused' ? 'rejected' : 'accepted')),
      );
    });

test('a batch that is all new is accepted without a word about its items', async () => {
  await using output = create('none');
  const records = Array.from({ length: count }, (_, place) => record(place));
  assert.equal(await output.send(itemsOf(output, records), never), 'accepted');
});
