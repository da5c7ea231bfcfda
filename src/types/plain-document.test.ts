import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { plainDocument } from './plain-document.js';

const plain = (document: string, statics?: Readonly<Record<string, unknown>>): string =>
  plainDocument(Buffer.from(document), 'mapper: no', statics);

const time = '"@timestamp":"2026-11-20T09:15:02.123Z"';
const log = '"log":{"level":"error","file":{"path":"/a.log"},"offset":7,"part":{"offset":1,"index":2,"last":true}}';

test("a refused document keeps what the agent says, and the line's own members become one string", () => {
  const own = '{"a":12345678901234567890,"fields":{"host":"x"},"__proto__":{"b":"\\"\\n"}}';
  assert.equal(
    plain(`{${time},"message":"mA",${log},"service":{"name":"pay"},${own.slice(1)}`),
    `{${time},"message":"mA","error":{"message":"mapper: no"},${log},"service":{"name":"pay"},` +
      `"event":{"original":${JSON.stringify(own)}}}`,
  );
});

test('what a line merged into the objects of the agent may be what was refused, so it goes with the rest', () => {
  assert.deepEqual(
    JSON.parse(
      plain(
        `{${time},"message":"m","error":{"message":"boom","stack":{}},"log":{"file":{"path":"/a.log","name":[]},"offset":7,"logger":1,"level":{}},` +
          '"service":{"name":"pay","version":{}},"kubernetes":{"pod":{"name":"p","ip":1},"labels":{"app":"x"}},"host":{"name":["h"]}}',
      ),
    ),
    {
      '@timestamp': '2026-11-20T09:15:02.123Z',
      message: 'm',
      error: { message: 'mapper: no; boom' },
      log: { file: { path: '/a.log' }, offset: 7 },
      service: { name: 'pay' },
      kubernetes: { pod: { name: 'p' } },
      event: {
        original:
          '{"error":{"stack":{}},"log":{"file":{"name":[]},"logger":1,"level":{}},"service":{"version":{}},' +
          '"kubernetes":{"pod":{"ip":1},"labels":{"app":"x"}},"host":{"name":["h"]}}',
      },
    },
  );
});

test('static members stay fields when they are given, also beside event.original', () => {
  const statics = {
    team: 'payments',
    event: { dataset: 'pay' },
    kubernetes: { labels: { app: 'x' } },
    log: { from: 'y' },
  };
  assert.equal(
    plain(
      `{"message":"m","log":{"offset":7,"from":"y"},"team":"payments","event":{"dataset":"pay","kind":"k"},"kubernetes":{"labels":{"app":"x","b":"y"}},"c":1}`,
      statics,
    ),
    `{"message":"m","error":{"message":"mapper: no"},"log":{"offset":7,"from":"y"},"team":"payments",` +
      '"event":{"dataset":"pay","original":"{\\"event\\":{\\"kind\\":\\"k\\"},\\"kubernetes\\":{\\"labels\\":{\\"b\\":\\"y\\"}},\\"c\\":1}"},' +
      '"kubernetes":{"labels":{"app":"x"}}}',
  );
});

test('static members never change what the agent keeps of its own', () => {
  const document = `{"message":"m","log":{"offset":7,"from":"y"}}`;
  assert.equal(plain(document, { message: { a: 1 }, log: 'x' }), plain(document));
});

test('a message is always text, and a document without one is its own message', () => {
  assert.match(plain('{"message":{"a":1}}'), /^\{"message":"\{\\"a\\":1\}","error":\{"message":"mapper: no"\}\}$/);
  assert.match(plain('{"message":5}'), /^\{"message":"5",/);
  assert.equal(plain('{"message":""}'), '{"message":"{\\"message\\":\\"\\"}","error":{"message":"mapper: no"}}');
  assert.equal(
    plain('{"a":1}'),
    '{"message":"{\\"a\\":1}","error":{"message":"mapper: no"},"event":{"original":"{\\"a\\":1}"}}',
  );
});

test('any bytes make one line of valid JSON with the reason and a message', () => {
  const bytes = fc.oneof(
    fc.uint8Array().map((array) => Buffer.from(array)),
    fc.json().map((json) => Buffer.from(json)),
    fc
      .dictionary(fc.constantFrom('log', 'error', 'event', 'message', 'x'), fc.jsonValue())
      .map((value) => Buffer.from(JSON.stringify(value))),
  );
  fc.assert(
    fc.property(bytes, fc.string({ unit: 'binary' }), (document, reason) => {
      const text = plainDocument(document, reason, { event: { a: 1 } });
      assert.doesNotMatch(text, /[\r\n]/);
      const value = JSON.parse(text) as { message: unknown; error: { message: string } };
      assert.equal(typeof value.message, 'string');
      assert.ok(value.error.message.startsWith(Buffer.from(reason).toString()));
    }),
  );
});
