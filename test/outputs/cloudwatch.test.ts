import assert from 'node:assert/strict';
import test from 'node:test';
import { output as cloudwatch } from '../../outputs/cloudwatch/index.js';
import type { Output } from '../../outputs/output.js';
import type { Outcomes } from '../../src/types/batch.js';
import { ConfigError, PermanentError, RetryableError, TooLargeError } from '../../src/types/errors.js';
import type { LogRecord, Origin } from '../../src/types/record.js';
import { refusal, StrictLogs, StrictProxy, throttling, type StrictLogsOptions } from '../support/cloudwatch-strict.js';
import { httpOutputContract } from '../support/contract.js';
import { itemsOf, recordOf } from '../support/items.js';
import { ScriptedHttp, type Reply } from '../support/scripted-http.js';

const key = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
Object.assign(process.env, {
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: key.accessKeyId,
  AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/nonexistent/config',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
});

const origin: Origin = {
  pod: 'pay-7c9',
  namespace: 'shop',
  node: 'n1',
  podUid: '',
  container: 'app',
  service: '',
  host: 'h',
  labels: {},
};
const group = '/shop/app';
const stream = 'pay-7c9';

interface OpenOptions extends StrictLogsOptions {
  readonly logGroup?: string;
  readonly logStream?: string;
  readonly retentionDays?: '7' | '14' | '30';
  readonly body?: 'line' | 'json';
  readonly requestTimeout?: number;
  readonly connectTimeout?: number;
  readonly batchMaxBytes?: number;
  /** Where the output sends to, when not to the server that it is opened with. */
  readonly endpoint?: string;
  /** The place is there already. Default true. */
  readonly made?: boolean;
}

async function open({ made = true, batchMaxBytes = 1_048_576, ...options }: OpenOptions = {}) {
  const logs = new StrictLogs({ key, ...options });
  if (made) logs.make(group, stream);
  const server = await ScriptedHttp.start({ answer: logs.answer });
  process.env.AWS_ENDPOINT_URL = options.endpoint ?? server.url;
  const { logGroup = '/{namespace}/{container}', logStream = '{pod}', retentionDays, body = 'line' } = options;
  const created = cloudwatch.create({
    name: 'cloudwatch',
    settings: {
      logGroup,
      logStream,
      retentionDays,
      body,
      connectTimeout: options.connectTimeout ?? 10_000,
      requestTimeout: options.requestTimeout ?? 30_000,
    },
    batchMaxBytes,
    origin,
    version: '1.2.3',
  });
  const output = await Promise.resolve(created).catch(async (error: unknown) => {
    await server[Symbol.asyncDispose]();
    throw error;
  });
  return {
    logs,
    server,
    output,
    stored: () => logs.stored(group, stream).map(({ message }) => message),
    async [Symbol.asyncDispose]() {
      await output[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const never = new AbortController().signal;
const send = (output: Output, ...records: readonly LogRecord[]): Promise<Outcomes> =>
  output.send(itemsOf(output, records), never);
const at = (line: string, timeMs: number): LogRecord => recordOf(line, { timeMs });
const codes = (outcomes: Outcomes): string[] =>
  outcomes === 'accepted' ? [] : outcomes.map((outcome) => ('code' in outcome ? outcome.code : outcome.kind));
const hour = 3_600_000;
const day = 24 * hour;

const text = (status: number, body: string): Reply => ({ status, body });
httpOutputContract('cloudwatch', {
  open: ({ requestTimeoutMs }) => open({ requestTimeout: requestTimeoutMs }),
  replies: {
    busy: {
      reply: { ...refusal('ThrottlingException', 'Rate exceeded'), headers: { 'retry-after': '7' } },
      retryAfterMs: 7000,
    },
    serverError: { ...refusal('InternalFailure', 'We are sorry'), status: 500 },
    unauthorised: refusal('UnrecognizedClientException', 'The security token included in the request is invalid.'),
    tooLarge: refusal('InvalidParameterException', 'Upload too large: 1049882 bytes exceeds limit of 1048576'),
    refused: refusal('InvalidParameterException', 'Log events must be in chronological order.'),
    garbage: [
      text(200, '<html>Sign in to the Wi-Fi</html>'),
      text(200, 'null'),
      text(200, '[1]'),
      text(200, ''),
      text(200, '{"rejec'),
    ],
  },
});

test('the SDK signs exactly the bytes that are sent, and says their length', async () => {
  await using bench = await open();
  await send(bench.output, recordOf('grün 😀'), recordOf('"two"'));
  const request = bench.server.received[0]!;
  assert.equal(request.headers['content-length'], String(request.body.length));
  assert.equal(request.headers['content-type'], 'application/x-amz-json-1.1');
  assert.match(String(request.headers['user-agent']), /pannier\/1\.2\.3/);
  assert.deepEqual(bench.stored(), ['grün 😀', '"two"'], 'the server checks the signature');
});

test('events carry the time of their record in ms', async () => {
  await using bench = await open();
  const now = Date.now();
  await send(bench.output, at('a', now - hour + 0.7), at('b', now));
  assert.deepEqual(bench.logs.stored(group, stream), [
    { timestamp: now - hour, message: 'a' },
    { timestamp: now, message: 'b' },
  ]);
});

test('with BODY=json the message is the whole record', async () => {
  await using bench = await open({ body: 'json' });
  const record = recordOf('say "hi" \\ \u0001', { members: [{ key: 'a"b', json: '{"c":"\\\\"}' }] });
  await send(bench.output, record, recordOf('second'));
  const [first, second] = bench.stored().map((message): unknown => JSON.parse(message));
  assert.deepEqual(first, {
    '@timestamp': new Date(record.timeMs).toISOString(),
    message: 'say "hi" \\ \u0001',
    log: { file: { path: '/var/log/app/test.log' }, offset: record.start },
    'a"b': { c: '\\' },
  });
  assert.match(JSON.stringify(second), /"second"/);
});

for (const body of ['line', 'json'] as const)
  test(`the weight of an item is what AWS counts: its message in UTF-8 and 26 bytes (${body})`, async () => {
    await using bench = await open({ body });
    const lines = ['a', 'ü"\\\n\u0000', '😀'.repeat(1000), Buffer.from([0xff, 0x41, 0xc3])];
    const items = itemsOf(
      bench.output,
      lines.map((line) => recordOf(line)),
    );
    await bench.output.send(items, never);
    const counted = bench.stored().map((message) => Buffer.byteLength(message) + 26);
    assert.deepEqual(
      lines.map((_, i) => items.weight(i)),
      counted,
    );
  });

test('the largest event and the largest batch that the limits allow are taken, one byte more is not', async () => {
  await using bench = await open();
  const { limits } = bench.output;
  assert.deepEqual(limits, {
    batchBytes: 1_048_576,
    batchRecords: 10_000,
    recordBytes: 1_048_576,
    spanMs: day,
    singleFile: true,
  });
  const largest = 'x'.repeat(limits.recordBytes - 26);
  assert.equal(await send(bench.output, recordOf(largest)), 'accepted');
  await assert.rejects(send(bench.output, recordOf(`${largest}x`)), PermanentError);
  const now = Date.now();
  const many = Array.from({ length: limits.batchRecords }, (_, i) => at(`${i}`.padEnd(78, '.'), now));
  assert.equal(await send(bench.output, ...many), 'accepted', '10,000 events of 104 bytes: 1,040,000 bytes');
  await assert.rejects(send(bench.output, ...many, at('one more', now)), PermanentError);
  await assert.rejects(send(bench.output, recordOf(largest), recordOf('x')), TooLargeError);
});

test('the limits follow a smaller BATCH_MAX_BYTES, and never pass those of the service', async () => {
  await using small = await open({ batchMaxBytes: 65_536 });
  assert.deepEqual([small.output.limits.batchBytes, small.output.limits.recordBytes], [65_536, 65_536]);
  await using large = await open({ batchMaxBytes: 10_000_000 });
  assert.deepEqual([large.output.limits.batchBytes, large.output.limits.recordBytes], [1_048_576, 1_048_576]);
});

test('a batch is sent by time, records of one time in the order of their file', async () => {
  await using bench = await open();
  const now = Date.now();
  const records = [at('c1', now), at('a', now - hour), at('c2', now), at('b', now - 60_000), at('c3', now)];
  assert.equal(await send(bench.output, ...records), 'accepted');
  assert.deepEqual(bench.stored(), ['a', 'b', 'c1', 'c2', 'c3']);
});

test('too old and too new records are refused with their time before they are sent, the others are delivered', async () => {
  await using bench = await open();
  const now = Date.now();
  const outcomes = await send(
    bench.output,
    at('new', now + 2 * hour + 60_000),
    at('b', now - 10 * hour),
    at('old', now - 14 * day - 60_000),
    at('a', now - 20 * hour),
    at('ancient', -5),
    at('never', Number.MAX_VALUE),
    at('nobody knows', Number.NaN),
  );
  assert.deepEqual(codes(outcomes), [
    'RECORD_TOO_NEW',
    'accepted',
    'RECORD_TOO_OLD',
    'accepted',
    'RECORD_TOO_OLD',
    'RECORD_TOO_NEW',
    'RECORD_TOO_OLD',
  ]);
  assert.match(JSON.stringify(outcomes), new RegExp(new Date(now - 14 * day - 60_000).toISOString()));
  assert.deepEqual(bench.stored(), ['a', 'b']);
});

test('a batch of old records alone makes no request', async () => {
  await using bench = await open();
  const outcomes = await send(bench.output, at('old', Date.now() - 15 * day));
  assert.deepEqual(codes(outcomes), ['RECORD_TOO_OLD']);
  assert.deepEqual(bench.logs.calls, []);
});

test('what the service leaves out is found again by its place in the sorted batch', async () => {
  await using bench = await open();
  bench.logs.groups.get(group)!.retentionInDays = 1;
  const now = Date.now();
  const outcomes = await send(
    bench.output,
    at('late', now - hour),
    at('expired', now - 25 * hour),
    at('early', now - 2 * hour),
    at('expired too', now - 24.5 * hour),
  );
  assert.deepEqual(codes(outcomes), ['accepted', 'RECORD_EXPIRED', 'accepted', 'RECORD_EXPIRED']);
  assert.deepEqual(bench.stored(), ['early', 'late']);
});

test('the ends of rejectedLogEventsInfo are exclusive, its start inclusive', async () => {
  await using bench = await open();
  const reply = (info: object) => {
    bench.server.next({ kind: 'reply', status: 200, body: JSON.stringify({ rejectedLogEventsInfo: info }) });
    const now = Date.now();
    return send(bench.output, at('4', now), at('0', now - 4), at('3', now - 1), at('1', now - 3), at('2', now - 2));
  };
  assert.deepEqual(
    codes(await reply({ tooOldLogEventEndIndex: 1, expiredLogEventEndIndex: 2, tooNewLogEventStartIndex: 4 })),
    ['RECORD_TOO_NEW', 'RECORD_TOO_OLD', 'accepted', 'RECORD_EXPIRED', 'accepted'],
  );
  assert.deepEqual(codes(await reply({ tooOldLogEventEndIndex: 0, tooNewLogEventStartIndex: 5 })), [
    ...Array.from({ length: 5 }, () => 'accepted'),
  ]);
  for (const nonsense of [-1, 6, 1.5, '2', {}])
    await assert.rejects(reply({ tooOldLogEventEndIndex: nonsense }), { code: 'OUTPUT_INVALID_REPLY' });
});

test('a missing group and stream are made, with the retention, and the batch is put in the same attempt', async () => {
  await using bench = await open({ made: false, retentionDays: '30' });
  assert.equal(await send(bench.output, recordOf('first')), 'accepted');
  assert.deepEqual(bench.stored(), ['first']);
  assert.equal(bench.logs.groups.get(group)?.retentionInDays, 30);
  assert.deepEqual(bench.logs.calls, [
    'PutLogEvents',
    'CreateLogStream',
    'CreateLogGroup',
    'PutRetentionPolicy',
    'CreateLogStream',
    'PutLogEvents',
  ]);
  await send(bench.output, recordOf('second'));
  assert.equal(bench.logs.calls.length, 7, 'nothing is made twice');
});

test('in a group that is there only the stream is made, and the group keeps its own retention', async () => {
  await using bench = await open({ made: false, retentionDays: '30' });
  bench.logs.make(group);
  await send(bench.output, recordOf('first'));
  assert.deepEqual(bench.logs.calls, ['PutLogEvents', 'CreateLogStream', 'PutLogEvents']);
  assert.equal(bench.logs.groups.get(group)?.retentionInDays, undefined);
});

test('a group that someone else makes at the same moment is as good as ours', async () => {
  await using bench = await open({ made: false, retentionDays: '7' });
  const missing = refusal('ResourceNotFoundException', 'The specified log group does not exist.');
  bench.server.next({ kind: 'reply', ...missing }, { kind: 'reply', ...missing });
  bench.logs.make(group, stream);
  assert.equal(await send(bench.output, recordOf('first')), 'accepted');
  assert.equal(bench.logs.groups.get(group)?.retentionInDays, undefined, 'its maker sets the retention');
});

test('without the right to create, the missing right is named and nothing is lost', async () => {
  await using bench = await open({ made: false, denied: ['CreateLogStream'] });
  const rejected = (right: RegExp) =>
    assert.rejects(send(bench.output, recordOf('x')), (error) => {
      assert.ok(error instanceof RetryableError);
      assert.equal(error.code, 'OUTPUT_NOT_FOUND');
      assert.match(error.message, right);
      return true;
    });
  await rejected(/logs:CreateLogStream/);
  bench.logs.denied = new Set(['CreateLogGroup']);
  await rejected(/logs:CreateLogGroup/);
  bench.logs.make(group, stream);
  bench.logs.denied = new Set(['CreateLogGroup', 'CreateLogStream', 'PutRetentionPolicy']);
  assert.equal(await send(bench.output, recordOf('made by hand')), 'accepted');
});

test('a retention that may not be set is said once and stops nothing', async () => {
  await using bench = await open({ made: false, retentionDays: '14', denied: ['PutRetentionPolicy'] });
  await assert.rejects(send(bench.output, recordOf('x')), { code: 'OUTPUT_AUTH', message: /logs:PutRetentionPolicy/ });
  assert.equal(await send(bench.output, recordOf('x')), 'accepted');
});

test('a retention that is throttled is set by a later attempt', async () => {
  const logs = new StrictLogs({ key });
  let throttle = true;
  await using front = await ScriptedHttp.start({
    answer: (request) => {
      if (!throttle || !/PutRetentionPolicy/.test(String(request.headers['x-amz-target']))) return logs.answer(request);
      throttle = false;
      return refusal('ThrottlingException', 'Rate exceeded');
    },
  });
  await using bench = await open({ endpoint: front.url, retentionDays: '14' });
  await assert.rejects(send(bench.output, recordOf('x')), { code: 'OUTPUT_BUSY' });
  assert.equal(await send(bench.output, recordOf('x')), 'accepted');
  assert.equal(logs.groups.get(group)?.retentionInDays, 14);
});

test('the check needs no more than the right to put, and stores nothing', async () => {
  const denied = ['CreateLogGroup', 'CreateLogStream', 'PutRetentionPolicy'];
  await using bench = await open({ denied });
  await bench.output.check(never);
  assert.deepEqual(bench.logs.calls, ['PutLogEvents']);
  assert.deepEqual(bench.stored(), []);
});

test('the check passes where nothing is made yet, and makes nothing', async () => {
  await using bench = await open({ made: false });
  await bench.output.check(never);
  assert.equal(bench.logs.groups.size, 0);
});

test('the check names the right that is missing', async () => {
  await using bench = await open({ denied: ['PutLogEvents'] });
  await assert.rejects(bench.output.check(never), { code: 'OUTPUT_AUTH', message: /logs:PutLogEvents/ });
});

test('every fault of the service or the way there is retried, and none reaches the dead letters', async () => {
  await using bench = await open();
  const faults: readonly (readonly [Reply, string])[] = [
    [refusal('ThrottlingException', 'Rate exceeded'), 'OUTPUT_BUSY'],
    [refusal('ServiceUnavailableException', 'wait'), 'OUTPUT_BUSY'],
    [text(503, 'upstream connect error'), 'OUTPUT_BUSY'],
    [text(429, ''), 'OUTPUT_BUSY'],
    [text(500, '<html>'), 'OUTPUT_SERVER_ERROR'],
    [text(502, ''), 'OUTPUT_SERVER_ERROR'],
    [refusal('ExpiredTokenException', 'The security token included in the request is expired'), 'OUTPUT_AUTH'],
    [refusal('AccessDeniedException', 'not authorized'), 'OUTPUT_AUTH'],
    [refusal('InvalidSignatureException', 'no match'), 'OUTPUT_AUTH'],
    [text(403, 'Blocked by proxy'), 'OUTPUT_AUTH'],
    [text(407, ''), 'OUTPUT_REFUSED'],
    [text(404, 'not here'), 'OUTPUT_NOT_FOUND'],
    [text(400, '<html>Bad Request</html>'), 'OUTPUT_REFUSED'],
    [refusal('InvalidSequenceTokenException', 'The given sequenceToken is invalid'), 'OUTPUT_REFUSED'],
    [refusal('SomethingNewException', 'of 2031'), 'OUTPUT_REFUSED'],
    [refusal('InvalidParameterException', "Value at 'logGroupName' failed to satisfy constraint"), 'OUTPUT_REFUSED'],
    [text(400, '{"__type":7,"message":{"a":1}}'), 'OUTPUT_REFUSED'],
    [text(400, '{"__proto__":{"x":1},"__type":"__proto__","message":null}'), 'OUTPUT_REFUSED'],
  ];
  for (const [reply, code] of faults) {
    bench.server.next({ kind: 'reply', ...reply });
    await assert.rejects(send(bench.output, recordOf('x')), (error) => {
      assert.ok(error instanceof RetryableError, `${String(reply.body)}: ${String(error)}`);
      assert.equal(error.code, code, String(reply.body));
      return true;
    });
  }
  assert.deepEqual(bench.stored(), []);
});

test('a connection that breaks under a small body is no sign of a large one', async () => {
  await using bench = await open();
  bench.server.next({ kind: 'reset' });
  await assert.rejects(send(bench.output, recordOf('x')), { code: 'OUTPUT_UNREACHABLE', brokenWhileSending: false });
});

test('a refused signature is told without what the service quotes of the request', async () => {
  await using bench = await open();
  const quoted = 'no match.\n\nThe Canonical String should have been\nx-amz-security-token:SECRET';
  bench.server.next({ kind: 'reply', ...refusal('InvalidSignatureException', quoted) });
  await assert.rejects(send(bench.output, recordOf('x')), (error) => {
    assert.ok(error instanceof Error);
    assert.doesNotMatch(error.message, /SECRET/);
    return true;
  });
});

test('a batch that the service says it has already is delivered', async () => {
  await using bench = await open();
  bench.server.next({ kind: 'reply', ...refusal('DataAlreadyAcceptedException', 'The given batch is there') });
  assert.equal(await send(bench.output, recordOf('x')), 'accepted');
});

/** Runs with other variables (undefined: without them), then puts them back. */
async function withEnv<T>(env: Readonly<Record<string, string | undefined>>, run: () => Promise<T>): Promise<T> {
  const set = (values: Readonly<Record<string, string | undefined>>) => {
    for (const [name, value] of Object.entries(values))
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
  };
  const before = Object.fromEntries(Object.keys(env).map((name) => [name, process.env[name]]));
  set(env);
  try {
    return await run();
  } finally {
    set(before);
  }
}

test('a missing region or a wrong endpoint stops at the start, naming the variable', async () => {
  const problemOf = (env: Readonly<Record<string, string | undefined>>) =>
    withEnv(env, async () => {
      try {
        await (await open())[Symbol.asyncDispose]();
        return undefined;
      } catch (error) {
        assert.ok(error instanceof ConfigError, String(error));
        return error.problems[0]?.where;
      }
    });
  assert.equal(await problemOf({}), undefined);
  assert.equal(await problemOf({ AWS_REGION: undefined, AWS_DEFAULT_REGION: undefined }), 'AWS_REGION');
  assert.equal(await problemOf({ AWS_REGION: 'no region!' }), 'AWS_REGION');
  const where = 'AWS_ENDPOINT_URL_CLOUDWATCH_LOGS';
  for (const value of ['localhost:4566', 'no url', 'ftp://127.0.0.1'])
    assert.equal(await problemOf({ [where]: value }), where, value);
});

test('without credentials the error says where they were looked for, and a later attempt finds them', async () => {
  await using bench = await open();
  await withEnv({ AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined }, () =>
    assert.rejects(send(bench.output, recordOf('x')), { code: 'OUTPUT_AUTH', message: /no AWS credentials/ }),
  );
  assert.equal(await send(bench.output, recordOf('x')), 'accepted');
});

test('the strict proxy lets through what the service would take, refuses the rest, and throttles when told', async () => {
  // The signature covers the proxy's host, so the server behind cannot check it; nor does moto.
  const logs = new StrictLogs();
  await using upstream = await ScriptedHttp.start({ answer: logs.answer });
  await using proxy = await StrictProxy.start(upstream.url);
  await using bench = await open({ endpoint: proxy.url });
  proxy.http.next(throttling);
  await assert.rejects(send(bench.output, recordOf('a')), { code: 'OUTPUT_BUSY' });
  assert.equal(await send(bench.output, recordOf('ä')), 'accepted');
  await assert.rejects(send(bench.output, recordOf('x'.repeat(1_048_551))), PermanentError);
  assert.deepEqual(
    logs.stored(group, stream).map(({ message }) => message),
    ['ä'],
  );
  assert.deepEqual(
    proxy.refused.map(({ message }) => message),
    ['Log event too large: 1048577 bytes exceeds limit of 1048576'],
  );
});
