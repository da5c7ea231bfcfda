import assert from 'node:assert/strict';
import { prepareAgent, scenario } from '../support/lab.js';
import { asText } from '../support/logs.js';
import { textOf } from '../support/bulk-server.js';

// An application that writes what it likes into its log.

/** What somebody would write to be stored in an index of his choice. */
const wishes: readonly unknown[] = [
  '../other',
  '..',
  '.',
  '/_bulk',
  'x/_doc/1?pipeline=evil',
  'a,b',
  '*',
  '_all',
  '.security',
  '.security-7',
  '-secret',
  '+x',
  'UPPER',
  '',
  'x'.repeat(300),
  'é'.repeat(300),
  '<logs-{now/d}>',
  '%2e%2e%2fother',
  'a"},"pipeline":"evil',
  'a"}}\n{"index":{"_index":"other"}}',
  'nul\u0000',
  'line\u2028end',
  '\ud800',
  '{field:other}',
  '$&',
  '__proto__',
  { toString: 'x' },
  ['other'],
  null,
  1e308,
  true,
];

scenario('a name made of a field keeps to the pattern of the setting, whatever the field holds', async () => {
  for (const [pattern, allowed] of [
    ['logs-{field:tenant}-x', /^logs-[a-z0-9._-]{1,248}-x$/],
    // With nothing of the operator's in it, still no index of Elasticsearch's own and no list, pattern or path.
    ['{field:tenant}', /^[a-z0-9][a-z0-9._-]{0,254}$/],
  ] as const) {
    await using lab = await prepareAgent({ env: { PANNIER_ELASTICSEARCH_INDEX: pattern } });
    await lab.logs.append(
      'app.log',
      asText(wishes.map((tenant, n) => JSON.stringify({ message: `line ${n}`, tenant }))),
    );
    await lab.start();
    await lab.delivered(wishes.map((_, n) => `line ${n}`));
    for (const { index, document } of lab.server.stored) {
      assert.match(index, allowed, String(document.message));
      assert.ok(Buffer.byteLength(index) <= 255, index);
    }
    for (const { path } of lab.server.requests)
      assert.match(path, /^\/_bulk\?filter_path=[^&]*$/, 'no request but bulk');
  }
});

const deep = (open: string, close: string, count: number): string => `${open.repeat(count)}1${close.repeat(count)}`;

/** JSON as nobody means it, and text that would be a bulk action or an NDJSON line of its own. */
const lines: readonly string[] = [
  '{"index":{"_index":"other","_id":"1"}}',
  '{"create":{"_index":"other"}}',
  '{"delete":{"_index":"logs","_id":"1"}}',
  '{"message":"a","_id":"mine","_index":"other","_routing":"x","pipeline":"evil"}',
  '{"message":"b\\n{\\"delete\\":{\\"_id\\":\\"1\\"}}\\n"}',
  'text"}\r{"index":{}}\u2028{"message":"forged"}\u2029{"message":"forged"}',
  '{"message":"c","message":"d","message":"e"}',
  '{"__proto__":{"polluted":1},"message":"f"}',
  '{"constructor":{"prototype":{"polluted":1}},"message":"g"}',
  '{"a":{"__proto__":{"polluted":1}},"__proto__.polluted":1,"message":"h"}',
  `{"message":"i","deep":${deep('[', ']', 50_000)}}`,
  `{"message":"j","deep":${deep('{"a":', '}', 20_000)}}`,
  `{"message":"k","n":${'9'.repeat(5_000)},"m":-1e999999,"t":1e-999999}`,
  `{"message":"l",${Array.from({ length: 60_000 }, (_, n) => `"k${n}":${n}`).join()}}`,
  `{"message":"m","${'k'.repeat(50_000)}":1}`,
  '{"message":"\\ud800","\\udfff":"\\ud83d"}',
  'nul\u0000 bell\u0007 escape\u001b[2J\u001b]0;title\u0007 delete\u007f',
  '{"message":"n","@timestamp":"+275760-09-13T00:00:00Z"}',
  '{"message":"o","time":1e400}',
  '{"message":"p","level":{"toString":1}}',
  '{"log":"q","log.file.path":"/etc/passwd","kubernetes":{"pod":{"name":"other"}},"host":[]}',
  `${'a'.repeat(30_000)}! ${'('.repeat(30_000)}`,
  `at ${'x('.repeat(20_000)}`,
  '[2026-11-20'.repeat(5_000),
  '"=\\'.repeat(20_000),
];

scenario('lines that nobody means are one record each, whole, and none is more than a line', async () => {
  await using lab = await prepareAgent({
    outputs: 'elasticsearch,http',
    env: { PANNIER_FILTER: '', PANNIER_REDACT: 'all', PANNIER_MULTILINE: 'off' },
  });
  await lab.logs.append('app.log', asText(lines));
  await lab.start();
  await lab.caughtUp();
  const { stored, lines: ndjson } = lab.server;
  assert.equal(stored.length, lines.length);
  assert.equal(ndjson.length, lines.length);
  assert.equal(new Set(stored.map(({ id }) => id)).size, lines.length, 'ids are ours, one each');
  for (const { index, id, document } of stored) {
    assert.equal(index, 'logs-pannier-default');
    assert.match(id, /^[\w-]{16,}/);
    assert.equal(Object.getPrototypeOf(document), Object.prototype);
  }
  for (const { source } of ndjson) {
    assert.ok(source.includes(`"path":"${lab.logs.at('app.log')}"`), 'what the agent says stands');
    assert.doesNotMatch(source, /[\u0000-\u001f]/, 'no control character is sent as it is');
  }
  assert.equal(ndjson.filter((line) => textOf(line) === 'forged').length, 0);
  assert.equal(Object.getOwnPropertyDescriptor(Object.prototype, 'polluted'), undefined);
  await lab.logs.append('app.log', 'after all that\n');
  await lab.shows('the line after', () => lab.server.lines.map(textOf).includes('after all that'));
});
