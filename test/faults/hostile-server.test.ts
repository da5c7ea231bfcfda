import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { PermanentError, RetryableError } from '../../src/types/errors.js';
import { asObject } from '../support/bulk-api.js';
import { type Behaviour, forEver, HostileServer, says } from '../support/hostile-server.js';
import { credentials, httpTypes, openOutput, sent } from '../support/http-outputs.js';
import { Random } from '../support/random.js';
import { until } from '../support/until.js';

// A destination that is in the hands of somebody else. Whatever it says: no crash, no end of the wait, no growth, no secret, and nothing that was not
// accepted counts as delivered.

const lines = ['one', 'two', 'three'];
const product = 'x-elastic-product: Elasticsearch\r\ncontent-type: application/json\r\n';
const ok = (headers: string, body: string) =>
  `HTTP/1.1 200 OK\r\n${product}${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const chunked = `HTTP/1.1 200 OK\r\n${product}transfer-encoding: chunked\r\n\r\n`;
const gzipBomb = gzipSync(Buffer.alloc(64 << 20, ' '));
const bomb = Buffer.concat([
  Buffer.from(`HTTP/1.1 200 OK\r\n${product}content-encoding: gzip\r\ncontent-length: ${gzipBomb.length}\r\n\r\n`),
  gzipBomb,
]);
const created = { create: { status: 201 } };
const bulk = (items: unknown) => ok('', JSON.stringify({ errors: true, items }));

/** What the three types have in common: an answer that is none, or no success. */
const never: Readonly<Record<string, Behaviour>> = {
  'a head without an end': forEver('HTTP/1.1 200 OK\r\n', `x-more: ${'x'.repeat(1000)}\r\n`),
  'a status line without an end': forEver('HTTP/1.1 200 ', 'x'.repeat(1000)),
  'interim answers for ever': forEver(
    '',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n',
  ),
  'another protocol': says(
    'HTTP/1.1 101 Switching Protocols\r\nupgrade: evil\r\nconnection: upgrade\r\n\r\nanything',
    true,
  ),
  'a line that is no HTTP': says('220 mail.example ESMTP\r\n'),
  'bytes of TLS': says(Buffer.from('1503010002022a', 'hex')),
  'nothing at all': says(''),
  'two lengths': says(`HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 50\r\n\r\nhello`),
  'a negative length': says('HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n'),
  'a length and chunks': says('HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'),
  'a status that does not exist': says('HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n'),
  'a status of many digits': says('HTTP/1.1 20000000000 OK\r\ncontent-length: 0\r\n\r\n'),
  'a redirect to another host': says('HTTP/1.1 307 T\r\nlocation: http://127.0.0.2:1/x\r\ncontent-length: 0\r\n\r\n'),
  'a line end in a header': says('HTTP/1.1 503 Busy\r\nretry-after: 1\rx: y\r\ncontent-length: 0\r\n\r\n'),
};

/** Bodies of a success by its status; only for what reads them. */
const badBodies: Readonly<Record<string, Behaviour>> = {
  'chunks for ever': forEver(chunked, `10000\r\n${' '.repeat(65_536)}\r\n`),
  'a chunk’s extension for ever': forEver(`${chunked}1;`, 'x'.repeat(1000)),
  'trailers for ever': forEver(`${chunked}0\r\n`, `x: ${'x'.repeat(1000)}\r\n`),
  'a length of terabytes': forEver(
    `HTTP/1.1 200 OK\r\n${product}content-length: 9000000000000\r\n\r\n`,
    ' '.repeat(65_536),
  ),
  'a gzip bomb': says(bomb),
  'a page of a login': says(ok('', '<html>Sign in</html>')),
  'half an object': says(ok('', '{"errors":')),
  null: says(ok('', 'null')),
  'brackets a million deep': says(ok('', '['.repeat(1_000_000))),
};

/** Replies of a bulk API about records that it was not asked about. */
const badItems: Readonly<Record<string, Behaviour>> = {
  'fewer items': says(bulk([created, created])),
  'more items': says(bulk([created, created, created, created])),
  'a thousand items more': says(bulk(Array.from({ length: 1000 }, () => created))),
  'items that are null': says(bulk([null, created, created])),
  'a status that is a text': says(bulk([created, created, { create: { status: '201' } }])),
  'no status': says(bulk([created, created, { create: {} }])),
  'an object for a list': says(bulk({ 0: created, 1: created, 2: created, length: 3 })),
  'errors that are no truth': says(ok('', JSON.stringify({ errors: 'false', items: [created, created, created] }))),
  'a prototype for a reply': says(
    ok('', '{"__proto__":{"errors":false},"constructor":{"prototype":{"errors":false}}}'),
  ),
  'the last of two keys': says(ok('', '{ "errors":false,"errors":"no","items":[]}')),
};

const behavioursOf = (type: (typeof httpTypes)[number]): Readonly<Record<string, Behaviour>> =>
  type === 'http'
    ? never
    : type === 'cloudwatch'
      ? { ...never, ...badBodies }
      : { ...never, ...badBodies, ...badItems };

/** What holds of every error that a destination caused. */
function assertHarmless(error: unknown, what: string): void {
  assert.ok(error instanceof RetryableError || error instanceof PermanentError, `${what}: ${String(error)}`);
  assert.ok(error.message.length < 1_000, `${what}: a message of ${error.message.length} characters`);
  assert.doesNotMatch(error.message, /[\p{Cc}\p{Zl}\p{Zp}]/u, what);
  for (const secret of Object.values(credentials)) assert.ok(!error.message.includes(secret), what);
}

for (const type of httpTypes) {
  test(`${type}: an answer that is none leaves the batch to be sent again, within its time and without a trace`, async () => {
    await using server = await HostileServer.start(says(''));
    for (const [what, behaviour] of Object.entries(behavioursOf(type))) {
      server.behaviours = [behaviour];
      await using output = await openOutput(type, server.url, { requestTimeoutMs: 1_000 });
      const before = server.requests;
      const error = await sent(output, lines);
      assertHarmless(error, what);
      assert.ok(error instanceof RetryableError, `${what} judges no record: ${String(error)}`);
      assert.ok(server.requests > before, `${what}: it was asked`);
      await output[Symbol.asyncDispose]();
      await until(() => server.connections === 0, { what: `the connection of ${what} is closed` });
    }
    assert.equal(Object.getOwnPropertyDescriptor(Object.prototype, 'errors'), undefined);
  });

  test(`${type}: a reply without an end is not kept: gigabytes on offer, megabytes taken`, async () => {
    for (const start of ['content-length: 9000000000000\r\n\r\n', 'transfer-encoding: chunked\r\n\r\n']) {
      let offered = 0;
      const chunk = start.startsWith('t') ? `100000\r\n${' '.repeat(1 << 20)}\r\n` : ' '.repeat(1 << 20);
      const pour = forEver(`HTTP/1.1 200 OK\r\n${product}${start}`, chunk, (bytes) => (offered += bytes));
      await using server = await HostileServer.start(pour);
      await using output = await openOutput(type, server.url);
      const outcome = await sent(output, lines);
      // To plain HTTP the status is the answer.
      if (type === 'http') assert.equal(outcome, 'accepted');
      else assertHarmless(outcome, start);
      await until(() => server.connections === 0, { what: 'the connection is given up' });
      assert.ok(offered < 64 << 20, `${offered} bytes were taken`);
    }
  });
}

/** A valid reply, with bytes changed, cut, doubled or put in by chance. */
function mangled(random: Random, reply: Buffer): Buffer {
  let bytes = Buffer.from(reply);
  for (let count = random.between(1, 4); count > 0; count--) {
    const at = random.below(bytes.length + 1);
    const rest = bytes.subarray(Math.min(bytes.length, at + random.below(20)));
    const put = Buffer.from(
      random.pick([
        '',
        '\r\n',
        '\0',
        '{',
        '"',
        ']',
        ',',
        '\uD800',
        '\u2028',
        ':',
        '9'.repeat(30),
        '-1',
        'null',
        '\r\n\r\n',
      ]),
    );
    const how = random.below(4);
    if (how === 0) bytes = Buffer.concat([bytes.subarray(0, at), put, rest]);
    else if (how === 1) bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at)]);
    else if (how === 2) bytes = Buffer.from(bytes.subarray(0, at));
    else if (at < bytes.length) bytes[at] = random.below(256);
  }
  return bytes;
}

const valid: Readonly<Record<(typeof httpTypes)[number], readonly string[]>> = {
  http: ['HTTP/1.1 204 No Content\r\n\r\n', 'HTTP/1.1 429 Busy\r\nretry-after: 7\r\ncontent-length: 4\r\n\r\nbusy'],
  elasticsearch: [
    ok('', JSON.stringify({ errors: false, items: [created, created, created] })),
    bulk([created, { create: { status: 429, error: { type: 'busy', reason: 'later' } } }, created]),
    bulk([created, created, { create: { status: 400, error: { type: 'document_parsing_exception', reason: 'x' } } }]),
  ],
  cloudwatch: [
    ok('', '{}'),
    ok('', '{"rejectedLogEventsInfo":{"tooOldLogEventEndIndex":1}}'),
    'HTTP/1.1 400 Bad\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: 62\r\n\r\n{"__type":"ThrottlingException","message":"Rate exceeded, wait"}',
  ],
};

for (const type of httpTypes) {
  const seed = Number(process.env.PANNIER_SEED ?? 20_261_121);
  test(`${type}: whatever is left of a mangled reply, each record has one outcome or the batch comes again (seed ${seed})`, async () => {
    const random = new Random(seed);
    await using server = await HostileServer.start(says(''));
    await using output = await openOutput(type, server.url, { requestTimeoutMs: 300 });
    for (let round = 0; round < 150; round++) {
      const reply = mangled(random, Buffer.from(random.pick(valid[type])));
      server.behaviours = [says(reply)];
      const outcome = await sent(output, lines);
      const what = `round ${round}: ${JSON.stringify(reply.toString('latin1'))}`;
      if (outcome instanceof Error) assertHarmless(outcome, what);
      else if (outcome !== 'accepted') {
        assert.ok(Array.isArray(outcome) && outcome.length === lines.length, what);
        for (const each of outcome) {
          const { kind, reason = '' } = asObject(each) ?? {};
          assert.ok(['accepted', 'retry', 'rejected'].includes(String(kind)), what);
          assert.doesNotMatch(String(reason), /[\p{Cc}\p{Zl}\p{Zp}]/u, what);
        }
      }
      // Only a head that says success makes one.
      if (outcome === 'accepted') assert.match(reply.toString('latin1'), /HTTP\/1\.1 ?2/, what);
    }
  });
}
