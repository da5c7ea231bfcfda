import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LogRecord, Member } from '../types/record.js';
import { splitMembers } from '../types/json-members.js';
import { DocumentWriter } from './document.js';
import { Slot } from './slot.js';

const statics = {
  service: { name: 'pay' },
  kubernetes: { namespace: 'shop', pod: { name: 'pay-7c9' }, node: { name: 'n1' } },
  team: 'payments',
};

function record(changes: Partial<LogRecord> = {}): LogRecord {
  const text = Buffer.from('>payment failed<');
  return {
    file: { fileId: '0123456789abcdef01234567', path: '/var/log/app/pay.log', birthMs: 0 },
    start: 81920,
    end: 81940,
    part: undefined,
    text,
    from: 1,
    to: text.length - 1,
    format: '',
    timeMs: Date.UTC(2026, 10, 20, 9, 15, 2, 123),
    timeText: '',
    level: 'error',
    logger: undefined,
    message: undefined,
    members: [],
    errorMessage: undefined,
    ...changes,
  };
}

/** The record of a JSON line's members, as a parser hands it on. */
const line = (json: string, changes: Partial<LogRecord> = {}): LogRecord =>
  record({ message: 'm', members: splitMembers(json) ?? assert.fail(json), ...changes });

function written(from: LogRecord, writer = new DocumentWriter(statics)): string {
  const slot = new Slot({ bytes: 1 << 23, records: 1, document: writer });
  slot.writer.document(from);
  assert.ok(slot.endItem(from.file, from.timeMs));
  return slot.items(0, 1).body.toString();
}

/** What follows the statics, for a line of these members. */
function tail(json: string, changes: Partial<LogRecord> = {}): string {
  const text = written(line(json, changes));
  const start = text.indexOf(',"team":"payments"');
  return `{${text.slice(start + ',"team":"payments",'.length)}`;
}

test('a record is written in the order of the contract, on one line', () => {
  const head = '{"@timestamp":"2026-11-20T09:15:02.123Z","message":"payment failed"';
  const log = '"log":{"level":"error","file":{"path":"/var/log/app/pay.log"},"offset":81920}';
  const agent =
    '"service":{"name":"pay"},"kubernetes":{"namespace":"shop","pod":{"name":"pay-7c9"},"node":{"name":"n1"}}';
  assert.equal(
    written(record({ members: [{ key: 'order_id', json: '77' }] })),
    `${head},${log},${agent},"team":"payments","order_id":77}`,
  );
  assert.equal(
    written(record({ errorMessage: 'no "JSON"', part: { offset: 5, index: 2, last: false }, level: undefined })),
    `${head},"error":{"message":"no \\"JSON\\""},"log":{"file":{"path":"/var/log/app/pay.log"},"offset":81920,` +
      `"part":{"offset":5,"index":2,"last":false}},${agent},"team":"payments"}`,
  );
});

test('a message that a format found replaces the text, and a line without one has none', () => {
  const plain = new DocumentWriter();
  const log = '"log":{"level":"error","file":{"path":"/var/log/app/pay.log"},"offset":81920}';
  const time = '"@timestamp":"2026-11-20T09:15:02.123456789Z"';
  const timeText = '2026-11-20T09:15:02.123456789Z';
  assert.equal(written(record({ message: 'a\n', timeText }), plain), `{${time},"message":"a\\n",${log}}`);
  assert.equal(written(record({ message: '', timeText }), plain), `{${time},"message":"",${log}}`);
  assert.equal(written(record({ message: null, timeText }), plain), `{${time},${log}}`);
});

test('values keep the text they came in, but for line ends between their tokens', () => {
  assert.equal(
    tail('{"a":12345678901234567890,"r":[\r],"b":1.0,"c":{ "d" : [1,\r2,\n3] , "e":"\\u0041\\n"},"__proto__":{"x":1}}'),
    '{"a":12345678901234567890,"r":[ ],"b":1.0,"c":{ "d" : [1, 2, 3] , "e":"\\u0041\\n"},"__proto__":{"x":1}}',
  );
});

test("a line's objects under the agent's keys keep what the agent does not set, the rest moves to fields", () => {
  const text = written(
    line(
      '{"service":{"name":"x","version":"2"},"log":{"logger":"a","offset":1,"file":{"path":"/x","name":"n"},"part":{"index":9}},"b":1,' +
        '"host":"web1","team":{"x":1},"@timestamp":"never","message":{"a":1},"error":{"message":"boom","stack":"s"},"kubernetes":[1],"ecs":{"version":"8"}}',
    ),
  );
  assert.equal(
    text,
    '{"@timestamp":"2026-11-20T09:15:02.123Z","message":"m","error":{"message":"boom","stack":"s"},' +
      '"log":{"level":"error","file":{"path":"/var/log/app/pay.log","name":"n"},"offset":81920,"logger":"a"},' +
      '"service":{"name":"pay","version":"2"},"kubernetes":{"namespace":"shop","pod":{"name":"pay-7c9"},"node":{"name":"n1"}},"team":"payments",' +
      '"b":1,"ecs":{"version":"8"},' +
      '"fields":{"service":{"name":"x"},"log":{"offset":1,"file":{"path":"/x"},"part":{"index":9}},"host":"web1","team":{"x":1},' +
      '"@timestamp":"never","message":{"a":1},"kubernetes":[1]}}',
  );
});

test('a dotted name counts as its nested form, at every depth', () => {
  assert.equal(
    written(
      line(
        '{"log.logger":"a","log.level":"x","service.name":"y","log.file.path":"/x","ecs.version":"8.1","http.method":"GET","team.lead":1,' +
          '"kubernetes":{"pod.name":"z","pod":{"ip":"10.0.0.1"},"pod.uid":"u"},"message.x":1,"host.os.name":"l","host.os":{"name":"k","kernel":6}}',
      ),
    ).slice('{"@timestamp":"2026-11-20T09:15:02.123Z","message":"m",'.length),
    '"log":{"level":"error","file":{"path":"/var/log/app/pay.log"},"offset":81920,"logger":"a"},"service":{"name":"pay"},' +
      '"kubernetes":{"namespace":"shop","pod":{"name":"pay-7c9","ip":"10.0.0.1","uid":"u"},"node":{"name":"n1"}},"team":"payments",' +
      '"ecs":{"version":"8.1"},"http.method":"GET","host":{"os":{"name":"l","kernel":6}},' +
      '"fields":{"log.level":"x","service.name":"y","log.file.path":"/x","team.lead":1,"kubernetes":{"pod.name":"z"},"message.x":1,' +
      '"host.os":{"name":"k"}}}',
  );
});

test('what one record merged or named is not seen in the next one', () => {
  const writer = new DocumentWriter(statics);
  const file = { fileId: '0123456789abcdef01234568', path: '/b.log', birthMs: 0 };
  const others = [record(), record({ file, errorMessage: 'e' }), line('{"ecs.version":1}', { file })];
  const before = others.map((from) => written(from, new DocumentWriter(statics)));
  written(
    line('{"service.version":1,"kubernetes.pod.ip":"x","log.file.name":"n","error.code":1,"host.name":"h"}'),
    writer,
  );
  assert.deepEqual(
    others.map((from) => written(from, writer)),
    before,
  );
});

test('a line adds nothing to log.part', () => {
  const part = { offset: 1, index: 2, last: true };
  const json = '{"log":{"part":{"x":1}},"log.part.y":2,"log.part":3}';
  for (const from of [record({ part }), record()])
    assert.match(
      written({ ...from, members: splitMembers(json) ?? [] }),
      /"offset":81920(,"part":\{"offset":1,"index":2,"last":true\})?\},.*"fields":\{"log":\{"part":\{"x":1\}\},"log.part.y":2,"log.part":3\}\}$/,
    );
});

test('error.message of a line is kept unless the agent has an error of its own', () => {
  const json = '{"error.message":"boom"}';
  assert.match(written(line(json)), /"message":"m","error":\{"message":"boom"\},"log"/);
  const text = written(line(json, { errorMessage: 'impossible time' }));
  assert.match(text, /"message":"m","error":\{"message":"impossible time"\},"log"/);
  assert.match(text, /"fields":\{"error.message":"boom"\}\}$/);
});

test("a line's own fields join ours, and give way where a name is taken", () => {
  assert.equal(tail('{"fields":{"a":1},"fields.b":2}'), '{"fields":{"a":1,"b":2}}');
  assert.equal(
    tail('{"fields":{"host":"a","fields.host":"b"},"host":"c","fields.host":"d"}'),
    '{"fields":{"host":"c","fields.host":"a","fields.fields.host":"b","fields.fields.fields.host":"d"}}',
  );
  assert.equal(tail('{"fields":[1]}'), '{"fields":{"fields":[1]}}');
  assert.equal(tail('{"fields.":1,"fields":{}}'), '{"fields":{"fields.":1}}');
});

test('static members at log, error and fields add to those of the record; those at its time and message have no effect', () => {
  const writer = new DocumentWriter({
    log: { source: 'app', offset: 'x', file: { owner: 'me', path: 'x' } },
    error: { message: 'x', code: 'y' },
    fields: { team: 'payments' },
    '@timestamp': 'x',
    message: { a: 1 },
  });
  const head = '{"@timestamp":"2026-11-20T09:15:02.123Z","message":"payment failed"';
  assert.equal(
    written(record({ errorMessage: 'e' }), writer),
    `${head},"error":{"message":"e","code":"y"},"log":{"level":"error","file":{"path":"/var/log/app/pay.log","owner":"me"},` +
      '"offset":81920,"source":"app"},"fields":{"team":"payments"}}',
  );
  const text = written(line('{"fields":{"team":"x"},"log.source":"y"}'), writer);
  assert.match(text, /"fields":\{"team":"payments","log\.source":"y","fields\.team":"x"\}\}$/);
});

/** Everything a document says, as Elasticsearch reads it: a dot in a name is a step. */
function paths(value: unknown, at?: string): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [[at ?? '', value]];
  return Object.entries(value).flatMap(([key, inner]) => paths(inner, at === undefined ? key : `${at}.${key}`));
}

const segment = fc.constantFrom(
  ...[
    'log',
    'level',
    'file',
    'path',
    'offset',
    'part',
    'service',
    'name',
    'kubernetes',
    'pod',
    'team',
    'error',
    'message',
  ],
  ...['fields', 'host', 'ecs', '@timestamp', '__proto__', 'x', ''],
);
const name = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'));
const { object } = fc.letrec<{ object: Record<string, unknown>; value: unknown }>((tie) => ({
  object: fc.dictionary(name, tie('value'), { maxKeys: 5, noNullPrototype: false }),
  value: fc.oneof({ maxDepth: 4 }, fc.constant(0), tie('object'), fc.array(fc.constant(0), { maxLength: 2 })),
}));

/** JSON text in which every 0 has become another number, so that each can be looked for. */
function numbered(value: unknown): { json: string; count: number } {
  let count = 0;
  const json = JSON.stringify(value).replace(/\b0\b/g, () => `${1_000_000 + count++}`);
  return { json, count };
}

test('no line forges what the agent says, and each of its values arrives exactly once', () => {
  const writers = [statics, {}, { log: { stream: 'app' }, fields: { env: 'prod' }, host: { name: 'h' } }];
  fc.assert(
    fc.property(object, fc.boolean(), fc.boolean(), fc.constantFrom(...writers), (value, error, isPart, agent) => {
      const { json, count } = numbered(value);
      const from = line(json, {
        errorMessage: error ? 'agent' : undefined,
        part: isPart ? { offset: 1, index: 2, last: true } : undefined,
      });
      const text = written(from, new DocumentWriter(agent));
      const said = paths(JSON.parse(text));
      const lines = paths(JSON.parse(written({ ...from, members: [] }, new DocumentWriter(agent))));
      for (const [path, wanted] of lines) {
        const forged = said.filter(([other]) => other === path || other.startsWith(`${path}.`));
        assert.deepEqual(forged, [[path, wanted]], text);
      }
      if (!isPart) assert.ok(!said.some(([path]) => /^log\.part(\.|$)/.test(path)), text);
      for (let i = 0; i < count; i++) assert.equal(text.split(`${1_000_000 + i}`).length, 2, text);
      assert.equal(said.length, lines.length + count, text);
      // Valid, and without a key twice in one object: splitting and joining again at every depth changes nothing.
      assert.equal(rejoined(text), text);
    }),
    { numRuns: 3000 },
  );
});

function rejoined(json: string): string {
  const members: Member[] | undefined = splitMembers(json);
  return members === undefined
    ? json
    : `{${members.map(({ key, json: value }) => `${JSON.stringify(key)}:${rejoined(value)}`).join(',')}}`;
}

test('any bytes as text and any strings elsewhere make one line of valid JSON', () => {
  const text = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(fc.uint8Array(), text, text, fc.dictionary(text, fc.jsonValue()), (bytes, path, error, members) => {
      const source = Buffer.from(bytes);
      const from = record({
        text: source,
        from: 0,
        to: source.length,
        errorMessage: error,
        members: splitMembers(JSON.stringify(members, undefined, 1)) ?? [],
      });
      from.file = { ...from.file, path };
      const json = written(from);
      assert.doesNotMatch(json, /[\r\n]/);
      const document = JSON.parse(json) as { message: string; log: { file: { path: string } } };
      assert.equal(document.message, new TextDecoder('utf-8', { ignoreBOM: true }).decode(source));
      assert.equal(document.log.file.path, Buffer.from(path).toString());
    }),
  );
});

test('a hostile line of a megabyte is merged in bounded time and depth', { timeout: 10_000 }, () => {
  const steps = 'a.'.repeat(200_000);
  const nested = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
  const many = Array.from({ length: 40_000 }, (_, i) => `"log.a.b${i}.c":${i}`).join(',');
  const taken = Array.from({ length: 400 }, (_, i) => `"${'fields.'.repeat(i)}host":1`)
    .reverse()
    .join(',');
  for (const json of [
    `{"log.${steps}":1}`,
    `{"log":${nested},"log.a.a":${nested},"log.a":${nested}}`,
    `{${many},"log":{${many}}}`,
    `{"host":1,"fields":{${taken}},"ecs.a.a.a.a":1,"ecs":${nested}}`,
  ])
    JSON.parse(written(line(json), new DocumentWriter(statics)));
});
