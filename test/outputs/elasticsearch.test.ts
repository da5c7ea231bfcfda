import assert from 'node:assert/strict';
import test from 'node:test';
import { output as elasticsearch } from '../../outputs/elasticsearch/index.js';
import type { Output } from '../../outputs/output.js';
import { acceptedBefore } from '../../src/types/batch.js';
import { ConfigError, PermanentError, RetryableError } from '../../src/types/errors.js';
import { bulkReply, conflict, type ItemVerdict, parseBulk, refusal } from '../support/bulk-api.js';
import { httpOutputContract, type HttpSubject } from '../support/contract.js';
import { itemsOf, plainItemsOf, recordOf } from '../support/items.js';
import { type Received, type Reply, ScriptedHttp } from '../support/scripted-http.js';

type Settings = Parameters<typeof elasticsearch.create>[0]['settings'];
const origin = {
  pod: 'p',
  namespace: 'n',
  node: 'n1',
  podUid: '',
  container: 'c',
  service: 's',
  host: 'h',
  labels: {},
};
const never = new AbortController().signal;
const product = { 'x-elastic-product': 'Elasticsearch' };

function create(urls: readonly string[], over: Partial<Settings> = {}): Output {
  const settings: Settings = {
    url: urls,
    index: 'logs-test-default',
    apiKey: undefined,
    username: undefined,
    password: undefined,
    caFile: undefined,
    certFile: undefined,
    keyFile: undefined,
    tlsVerify: true,
    compression: 'none',
    pipeline: undefined,
    concurrency: 2,
    connectTimeout: 10_000,
    requestTimeout: 30_000,
    ...over,
  };
  return elasticsearch.create({ name: 'es-main', settings, batchMaxBytes: 2 << 20, origin, version: '1.2.3' });
}

interface Stored {
  readonly index: string;
  readonly id: string;
  readonly document: Readonly<Record<string, unknown>>;
}

/** What one node, or several of one cluster, hold. */
class Cluster {
  readonly stored: Stored[] = [];
  readonly ids = new Set<string>();
  judge: (document: Readonly<Record<string, unknown>>) => ItemVerdict | undefined = () => undefined;

  answer = ({ url, body }: Received): Reply => {
    const { pathname, searchParams } = new URL(url, 'http://x');
    const path = /^(?:\/proxied)?\/(?:([^/]+)\/)?_bulk$/.exec(pathname);
    if (path === null) return { status: 404, headers: product, body: '{"error":"no handler found"}' };
    try {
      const items = parseBulk(body.toString('utf8'), path[1] === undefined ? undefined : decodeURIComponent(path[1]));
      const verdicts = items.map((item) => ({
        id: item.id,
        ...(refusal(item) ?? this.judge(item.document) ?? this.#store(item)),
      }));
      return { status: 200, headers: product, body: bulkReply(verdicts, searchParams.get('filter_path') ?? undefined) };
    } catch (error) {
      return { status: 400, headers: product, body: errorBody('illegal_argument_exception', String(error)) };
    }
  };

  #store({ index, id, document }: Stored): ItemVerdict {
    if (this.ids.has(`${index}/${id}`)) return conflict(id);
    this.ids.add(`${index}/${id}`);
    this.stored.push({ index, id, document });
    return { status: 201 };
  }

  messages(): string[] {
    return this.stored.map(({ document }) => String(document.message));
  }
}

const errorBody = (type: string, reason: string) =>
  JSON.stringify({ error: { root_cause: [], type, reason }, status: 400 });
const itemsBody = (...items: readonly unknown[]) =>
  JSON.stringify({ errors: true, items: items.map((create) => ({ create })) });

interface Node extends HttpSubject {
  readonly cluster: Cluster;
}
async function openNode(over: Partial<Settings> = {}): Promise<Node> {
  const cluster = new Cluster();
  const server = await ScriptedHttp.start({ answer: cluster.answer });
  const output = create([server.url], over);
  return {
    output,
    server,
    cluster,
    stored: () => cluster.messages(),
    async [Symbol.asyncDispose]() {
      await output[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}
const send = (output: Output, ...lines: readonly string[]) =>
  output.send(
    itemsOf(
      output,
      lines.map((line) => recordOf(line)),
    ),
    never,
  );
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => assert.fail(`resolved with ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
/** The error that `send` throws when Elasticsearch answers `reply`. */
async function failureOn(reply: Reply, over: Partial<Settings> = {}): Promise<Error & { code: string }> {
  await using node = await openNode(over);
  node.server.next({ kind: 'reply', ...reply });
  const error = await failure(send(node.output, 'one'));
  assert.ok(error instanceof Error && 'code' in error && typeof error.code === 'string', String(error));
  return Object.assign(error, { code: error.code });
}

for (const compression of ['none', 'gzip'] as const)
  httpOutputContract(`elasticsearch (${compression})`, {
    open: ({ requestTimeoutMs }) => openNode({ requestTimeout: requestTimeoutMs, compression, apiKey: 'a2V5' }),
    replies: {
      busy: {
        reply: {
          status: 429,
          headers: { ...product, 'retry-after': '7' },
          body: errorBody('es_rejected_execution_exception', 'full'),
        },
        retryAfterMs: 7000,
      },
      serverError: { status: 500, headers: product, body: errorBody('null_pointer_exception', '') },
      unauthorised: { status: 401, headers: product, body: errorBody('security_exception', 'unable to authenticate') },
      tooLarge: { status: 413, headers: product },
      refused: { status: 400, headers: product, body: errorBody('x_content_parse_exception', 'bad json') },
      missing: { status: 404, headers: product, body: errorBody('index_not_found_exception', 'no such index') },
      garbage: [
        { status: 200, body: '<html>welcome</html>' },
        { status: 200, headers: product, body: '<html>welcome</html>' },
        { status: 200, headers: product, body: '' },
        { status: 200, headers: product, body: '{"errors":true,"items":[{"create":{"status":201}}]}' },
        { status: 200, headers: product, body: '{"errors":true,"items":[{"create":{"status":201}},{"create":{}}]}' },
        { status: 200, headers: product, body: '{"errors":true,"items":[{"create":{"status":201}},null]}' },
        { status: 200, headers: product, body: '[]' },
        { status: 200, headers: product, body: '{"took":1}' },
        { status: 202, headers: product, body: '{"errors":false}' },
      ],
      mixed: {
        status: 200,
        headers: product,
        body: itemsBody(
          { status: 201 },
          { status: 429, error: { type: 'es_rejected_execution_exception', reason: 'full' } },
          { status: 400, error: { type: 'document_parsing_exception', reason: '[1:2] failed' } },
        ),
      },
    },
  });

test('a record has the id of its bytes, and a second delivery of it is accepted as there already', async () => {
  await using node = await openNode();
  const records = [recordOf('a'), recordOf('b', { part: { offset: 0, index: 3, last: false } })];
  const items = itemsOf(node.output, records);
  assert.equal(await node.output.send(items, never), 'accepted');
  assert.deepEqual(await node.output.send(items, never), [acceptedBefore, acceptedBefore]);
  const ids = records.map(({ file, start, end }) => `${file.fileId}-${start}-${end}`);
  assert.deepEqual(
    node.cluster.stored.map(({ id }) => id),
    [ids[0], `${ids[1]}-3`],
  );
});

test('the index is in the path where it is constant, and in each action where it is not', async () => {
  await using node = await openNode({ index: 'logs-{service}' });
  await send(node.output, 'a');
  assert.match(node.server.received[0]?.url ?? '', /^\/logs-s\/_bulk\?/);
  assert.doesNotMatch(node.server.received[0]?.body.toString() ?? '', /_index/);

  await using dated = await openNode({ index: 'logs-{field:team}-{yyyy.MM.dd}' });
  const timeMs = Date.UTC(2026, 10, 20, 12);
  const records = ['red', 'Blue/..', undefined].map((team) =>
    recordOf('x', { timeMs, members: team === undefined ? [] : [{ key: 'team', json: JSON.stringify(team) }] }),
  );
  await dated.output.send(itemsOf(dated.output, records), never);
  assert.match(dated.server.received[0]?.url ?? '', /^\/_bulk\?/);
  assert.deepEqual(
    dated.cluster.stored.map(({ index }) => index),
    ['logs-red-2026.11.20', 'logs-blue-..-2026.11.20', 'logs-unknown-2026.11.20'],
  );
});

test('a refused document is stored as text under the same id, its neighbours as they are', async () => {
  await using node = await openNode();
  node.cluster.judge = (document) =>
    'bad' in document
      ? { status: 400, type: 'document_parsing_exception', reason: 'failed to parse field [bad]' }
      : undefined;
  const bad = recordOf('second', { members: [{ key: 'bad', json: '{"a":1}' }] });
  const items = itemsOf(node.output, [recordOf('first'), bad]);
  assert.deepEqual(await node.output.send(items, never), [
    { kind: 'accepted' },
    { kind: 'rejected', code: 'RECORD_REFUSED', reason: 'document_parsing_exception: failed to parse field [bad]' },
  ]);
  const plain = plainItemsOf(node.output, itemsOf(node.output, [bad]), 'no');
  assert.equal(await node.output.send(plain, never), 'accepted');
  const { id, document } = node.cluster.stored[1] ?? assert.fail('nothing was stored');
  assert.equal(id, `${bad.file.fileId}-${bad.start}-${bad.end}`);
  assert.equal(document.message, 'second');
  assert.match(JSON.stringify(document.error), /no/);
  assert.match(JSON.stringify(document.event), /bad/);
});

test('an item that meets a fault of the output is tried again, and is never taken for the record’s', async () => {
  const faults: readonly (readonly [number, string, string, string])[] = [
    [400, 'illegal_argument_exception', 'pipeline with id [p] does not exist', 'OUTPUT_NOT_FOUND'],
    [400, 'illegal_argument_exception', 'no write index is defined for alias [logs].', 'OUTPUT_NOT_FOUND'],
    [400, 'index_closed_exception', 'closed', 'OUTPUT_NOT_FOUND'],
    [404, 'index_not_found_exception', 'no such index', 'OUTPUT_NOT_FOUND'],
    [400, 'validation_exception', 'Validation Failed: 1: this action would add [2] shards, but', 'OUTPUT_REFUSED'],
    [400, 'illegal_argument_exception', 'Validation Failed: 1: this action would add [2] shards', 'OUTPUT_REFUSED'],
    [400, 'invalid_index_name_exception', 'must be lowercase', 'OUTPUT_REFUSED'],
    [403, 'cluster_block_exception', 'index read-only', 'OUTPUT_BUSY'],
    [403, 'security_exception', 'action is unauthorized', 'OUTPUT_AUTH'],
    [401, 'security_exception', 'no', 'OUTPUT_AUTH'],
    [409, 'some_other_exception', 'no', 'OUTPUT_REFUSED'],
    [429, 'circuit_breaking_exception', 'too large', 'OUTPUT_BUSY'],
    [503, 'unavailable_shards_exception', 'no', 'OUTPUT_BUSY'],
    [500, 'exception', 'no', 'OUTPUT_SERVER_ERROR'],
  ];
  await using node = await openNode();
  for (const [status, type, reason, code] of faults) {
    node.server.next({
      kind: 'reply',
      status: 200,
      headers: product,
      body: itemsBody({ status, error: { type, reason } }),
    });
    assert.deepEqual(await send(node.output, 'x'), [{ kind: 'retry', code, reason: `${type}: ${reason}` }]);
  }
});

test('Retry-After counts also for a request that a write block refuses', async () => {
  await using node = await openNode();
  const body = errorBody('cluster_block_exception', 'index read-only');
  node.server.next({ kind: 'reply', status: 429, headers: { ...product, 'retry-after': '40' }, body });
  await assert.rejects(send(node.output, 'x'), { code: 'OUTPUT_BUSY', retryAfterMs: 40_000 });
});

test('a document cannot pass its refusal off as a fault of the output', async () => {
  await using node = await openNode();
  const reason = "failed to parse field [a], preview: 'pipeline with id [p] does not exist'";
  const error = { type: 'document_parsing_exception', reason };
  node.server.next({ kind: 'reply', status: 200, headers: product, body: itemsBody({ status: 400, error }) });
  assert.deepEqual(await send(node.output, 'x'), [
    { kind: 'rejected', code: 'RECORD_REFUSED', reason: `document_parsing_exception: ${reason}` },
  ]);
});

test('a whole request that meets a fault of the output is tried again, also with status 400', async () => {
  for (const [type, reason, code] of [
    ['illegal_argument_exception', 'pipeline with id [p] does not exist', 'OUTPUT_NOT_FOUND'],
    ['invalid_index_name_exception', 'must be lowercase', 'OUTPUT_REFUSED'],
    ['validation_exception', 'Validation Failed: 1: this action would add [2] shards', 'OUTPUT_REFUSED'],
  ] as const) {
    const error = await failureOn({ status: 400, headers: product, body: errorBody(type, reason) });
    assert.ok(error instanceof RetryableError, type);
    assert.equal(error.code, code);
  }
  assert.ok((await failureOn({ status: 422, headers: product })) instanceof PermanentError);
  const tls = await failureOn({ status: 400, body: '<h1>400 The plain HTTP request was sent to HTTPS port</h1>' });
  assert.ok(tls instanceof RetryableError && tls.code === 'OUTPUT_TLS');
});

test('what is said of wrong credentials names the setting and shows no secret', async () => {
  const secrets = { username: 'elastic', password: 'pa55-word' };
  const echo = Buffer.from('elastic:pa55-word').toString('base64');
  const reply = {
    status: 401,
    headers: product,
    body: errorBody('security_exception', `pa55-word Basic ${echo} is wrong`),
  };
  const error = await failureOn(reply, secrets);
  assert.equal(error.code, 'OUTPUT_AUTH');
  assert.match(error.message, /PANNIER_ES_MAIN_USERNAME and PANNIER_ES_MAIN_PASSWORD/);
  assert.doesNotMatch(error.message + String(error.cause), new RegExp(`pa55|${echo}`));
  assert.match((await failureOn(reply, { apiKey: 'id:key' })).message, /PANNIER_ES_MAIN_API_KEY/);
});

test('credentials, pipeline and our name go along with each request', async () => {
  const authorizationOf = async (over: Partial<Settings>) => {
    await using node = await openNode(over);
    await send(node.output, 'x');
    return node.server.received[0] ?? assert.fail('no request');
  };
  assert.equal((await authorizationOf({ apiKey: 'ZW5jb2RlZA==' })).headers.authorization, 'ApiKey ZW5jb2RlZA==');
  assert.equal((await authorizationOf({ apiKey: 'id:key' })).headers.authorization, `ApiKey ${btoa('id:key')}`);
  const basic = await authorizationOf({ username: 'ü', password: 'p:w', pipeline: 'my pipe&x=1', compression: 'gzip' });
  assert.equal(basic.headers.authorization, `Basic ${Buffer.from('ü:p:w').toString('base64')}`);
  assert.equal(new URL(basic.url, 'http://x').searchParams.get('pipeline'), 'my pipe&x=1');
  assert.equal(basic.headers['content-encoding'], 'gzip');
  assert.equal(basic.headers['content-type'], 'application/vnd.elasticsearch+x-ndjson; compatible-with=8');
  assert.equal(basic.headers['user-agent'], 'pannier/1.2.3');
});

test('settings that contradict each other stop the start', () => {
  const refused = (over: Partial<Settings>, where: RegExp) =>
    assert.throws(
      () => create(['http://127.0.0.1:1'], over),
      (error) => error instanceof ConfigError && where.test(error.message),
    );
  refused({ apiKey: 'a', username: 'u', password: 'p' }, /PANNIER_ES_MAIN_API_KEY: cannot be used together/);
  refused({ username: 'u' }, /PANNIER_ES_MAIN_USERNAME: needs PANNIER_ES_MAIN_PASSWORD/);
  refused({ password: 'p' }, /PANNIER_ES_MAIN_PASSWORD: needs/);
  refused({ caFile: '/nowhere/ca.pem' }, /PANNIER_ES_MAIN_CA_FILE: cannot be read/);
});

test('a path and credentials in the URL are used, for nodes behind a proxy', async () => {
  const cluster = new Cluster();
  await using server = await ScriptedHttp.start({ answer: cluster.answer });
  await using output = create([`http://u:s%3Acret@127.0.0.1:${server.port}/proxied/`]);
  await send(output, 'x');
  assert.match(server.received[0]?.url ?? '', /^\/proxied\/logs-test-default\/_bulk\?/);
  assert.equal(server.received[0]?.headers.authorization, `Basic ${btoa('u:s:cret')}`);
  await server[Symbol.asyncDispose]();
  const error = await failure(send(output, 'x'));
  assert.ok(error instanceof RetryableError);
  assert.doesNotMatch(error.message, /cret/);
});

test('nodes take turns, and one that is down is met once, then left out', async () => {
  const cluster = new Cluster();
  await using a = await ScriptedHttp.start({ answer: cluster.answer });
  await using b = await ScriptedHttp.start({ answer: cluster.answer });
  await using output = create([a.url, b.url, a.url]);
  for (const line of ['1', '2', '3', '4']) await send(output, line);
  assert.deepEqual([a.received.length, b.received.length], [2, 2]);

  await b[Symbol.asyncDispose]();
  let failures = 0;
  for (let i = 0; i < 10; i++) await send(output, `${i}`).catch(() => failures++);
  assert.equal(failures, 1);
  assert.equal(a.received.length, 11);
});

test('a node that hangs is met once, then left out', async () => {
  const cluster = new Cluster();
  await using a = await ScriptedHttp.start({ answer: cluster.answer });
  await using b = await ScriptedHttp.start({ answer: cluster.answer });
  b.always({ kind: 'hang' });
  await using output = create([a.url, b.url], { requestTimeout: 200 });
  let failures = 0;
  for (let i = 0; i < 6; i++) await send(output, `${i}`).catch(() => failures++);
  assert.equal(failures, 1);
  assert.equal(cluster.stored.length, 5);
});

test('when all nodes are down, each is tried, and the first that is back gets the batch', async () => {
  const cluster = new Cluster();
  await using a = await ScriptedHttp.start({ answer: cluster.answer });
  await using b = await ScriptedHttp.start({ answer: cluster.answer });
  a.always({ kind: 'reply', status: 503, headers: product });
  b.always({ kind: 'reply', status: 503, headers: product });
  await using output = create([a.url, b.url]);
  for (let i = 0; i < 4; i++) await assert.rejects(send(output, 'x'), RetryableError);
  assert.ok(a.received.length > 0 && b.received.length > 0);
  b.always(undefined);
  await send(output, 'x').catch(() => send(output, 'x'));
  assert.deepEqual(cluster.messages(), ['x']);
});

test('a check fails without the privilege to create documents, and passes where there is no security', async () => {
  const answers = (reply: Reply) => async (): Promise<unknown> => {
    const cluster = new Cluster();
    await using server = await ScriptedHttp.start({
      answer: (request) => (request.url.startsWith('/_security') ? reply : cluster.answer(request)),
    });
    await using output = create([server.url]);
    const result = await output.check(never).catch((error: unknown) => error);
    assert.deepEqual(cluster.stored, []);
    return result;
  };
  const denied = await answers({ status: 200, headers: product, body: '{"has_all_requested":false,"index":{}}' })();
  assert.ok(denied instanceof RetryableError && denied.code === 'OUTPUT_AUTH', String(denied));
  assert.match(denied.message, /create_doc on logs-test-default/);
  assert.equal(await answers({ status: 200, headers: product, body: '{"has_all_requested":true}' })(), undefined);
  for (const status of [400, 404, 405, 500])
    assert.equal(await answers({ status, headers: product, body: errorBody('exception', 'no handler') })(), undefined);
});

test('a check against something that is not Elasticsearch says so', async () => {
  await using server = await ScriptedHttp.start({ answer: () => ({ status: 200, body: '<html>Router login</html>' }) });
  await using output = create([server.url]);
  const error = await failure(output.check(never));
  assert.ok(error instanceof RetryableError && error.code === 'OUTPUT_INVALID_REPLY');
  assert.match(error.message, /Router login/);
});
