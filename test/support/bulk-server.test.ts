import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from '@elastic/elasticsearch';
import { BulkServer } from './bulk-server.js';

const filter = 'errors,items.*.status,items.*.error.type,items.*.error.reason';

function body(...ids: string[]): string {
  return ids
    .map((id) => `{"create":{"_id":"${id}"}}\n{"@timestamp":"2026-11-20T09:15:02Z","message":"text of ${id}"}\n`)
    .join('');
}

async function bulk(server: BulkServer, text: string, filterPath = filter): Promise<unknown> {
  const response = await fetch(`${server.url}/logs-x-y/_bulk?filter_path=${filterPath}`, {
    method: 'POST',
    body: text,
  });
  return await response.json();
}

test('the client takes the scripted server for Elasticsearch, and its documents are kept once', async () => {
  await using server = await BulkServer.start();
  const client = new Client({ node: server.url, maxRetries: 0 });
  for (const errors of [false, true]) {
    const reply = await client.bulk({
      index: 'logs-x-y',
      operations: [{ create: { _id: 'f-0-5' } }, { '@timestamp': '2026-11-20T09:15:02Z', message: 'once' }],
    });
    assert.equal(reply.errors, errors);
    assert.equal(reply.items[0]?.create?.status, errors ? 409 : 201);
  }
  await client.close();
  assert.deepEqual(server.messages(), ['once']);
  assert.equal(server.repeated, 1);
});

test('with the whole filter every item keeps its place in the reply; with errors alone positions are lost', async () => {
  await using server = await BulkServer.start();
  assert.deepEqual(await bulk(server, body('a-0-1')), { errors: false, items: [{ create: { status: 201 } }] });
  const reply = await bulk(server, body('a-1-2', 'a-0-1'));
  assert.deepEqual(JSON.stringify(reply).match(/"status":\d+/g), ['"status":201', '"status":409']);
  const short = await bulk(server, body('a-2-3', 'a-0-1'), 'errors,items.*.error.type');
  assert.deepEqual(short, {
    errors: true,
    items: [{ create: { error: { type: 'version_conflict_engine_exception' } } }],
  });
});

test('an action other than create, a missing time and a missing last line end are refused', async () => {
  await using server = await BulkServer.start();
  for (const text of [
    '{"index":{"_id":"a-0-1"}}\n{"@timestamp":"2026-11-20T09:15:02Z"}\n',
    '{"create":{"_id":"a-0-1"}}\n{}\n',
  ])
    assert.match(JSON.stringify(await bulk(server, text)), /"status":400/);
  assert.match(JSON.stringify(await bulk(server, body('a-0-1').trimEnd(), '')), /terminated by a newline/);
  assert.deepEqual(server.messages(), []);
});

test('scripted faults are met in order, and a lost reply leaves the documents stored', async () => {
  await using server = await BulkServer.start();
  server.next({ kind: 'status', status: 429, headers: { 'retry-after': '1' } });
  server.next({ kind: 'lost-reply' });
  const first = await fetch(`${server.url}/_bulk`, { method: 'POST', body: body('a-0-1') });
  assert.deepEqual([first.status, first.headers.get('retry-after'), server.stored.length], [429, '1', 0]);
  await assert.rejects(bulk(server, body('a-0-1')));
  assert.deepEqual(server.messages(), ['text of a-0-1']);
  await server.down();
  await assert.rejects(bulk(server, body('a-1-2')));
  await server.up();
  assert.match(JSON.stringify(await bulk(server, body('a-0-1'))), /"status":409/);
});
