import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Configuration } from '../src/types/configuration.js';
import { problemsOf, readSample } from '../test/support/sample-catalogue.js';
import { readYaml } from './yaml.js';

const env = { PANNIER_CONFIG: 'pannier.yaml' };
const file = (text: string) => ({ '/srv/pannier.yaml': text });

async function load(text: string, more: Record<string, string> = {}): Promise<Configuration> {
  const { configuration, problems } = await readSample({ ...env, ...more }, file(text));
  assert.deepEqual(problems, []);
  assert.ok(configuration !== undefined);
  return configuration;
}
const problems = (text: string, more: Record<string, string> = {}) => problemsOf({ ...env, ...more }, file(text));

test('keys are the variables in lower case, lists and maps in either form', async () => {
  const configuration = await load(`
paths: [/srv/a/*.log, "/srv/{b,c}/*.log"]
exclude: "*.gz, *.old"
fields:
  team: payments
  version: 1.10
  empty:
drain_timeout: 10s
exit_zero: true
control: off
listen: :9700
`);
  assert.deepEqual(configuration.paths, ['/srv/a/*.log', '/srv/{b,c}/*.log']);
  assert.deepEqual(configuration.exclude, ['**/*.gz', '**/*.old']);
  assert.deepEqual(configuration.fields, { team: 'payments', version: '1.10' });
  assert.equal(configuration.drainTimeoutMs, 10_000);
  assert.equal(configuration.exitZero, true);
  assert.equal(configuration.control, 'off');
  assert.deepEqual(configuration.listen, { host: '0.0.0.0', port: 9700 });
});

test('outputs are a map of names, in its order', async () => {
  const { outputs } = await load(`
outputs:
  central-audit: { type: http, url: "http://a", headers: { Authorization: Bearer x }, start_at: end }
  search:
    url: [http://b, http://c]
    nodes: 3
    batch_max_bytes: 4KiB
  stdout:
`);
  assert.deepEqual(
    outputs.map(({ name, type, startAt, batchMaxBytes }) => [name, type, startAt, batchMaxBytes]),
    [
      ['central-audit', 'http', 'end', 2_097_152],
      ['search', 'search', undefined, 4096],
      ['stdout', 'stdout', undefined, 262_144],
    ],
  );
  assert.deepEqual(outputs[0]?.settings.headers, { Authorization: 'Bearer x' });
  assert.deepEqual(outputs[1]?.settings.url, ['http://b', 'http://c']);
  assert.equal(outputs[1].settings.nodes, 3);
});

test('outputs may also be a list or text, with variables of an output as plain keys', async () => {
  for (const form of ['stdout, audit=http', '[stdout, audit=http]']) {
    const { outputs } = await load(`outputs: ${form}\naudit_url: http://h\n`);
    assert.deepEqual(
      outputs.map(({ name, type }) => [name, type]),
      [
        ['stdout', 'stdout'],
        ['audit', 'http'],
      ],
    );
  }
});

test('a variable of the environment replaces the value of the file as a whole', async () => {
  const text =
    'fields: {team: a, env: b}\nlog_level: debug\noutputs: {audit: {type: http, url: "http://a", headers: {A: b, C: d}}, stdout: {}}\n';
  const { fields, logLevel, outputs } = await load(text, {
    PANNIER_FIELDS: 'x=y',
    PANNIER_OUTPUTS: 'audit',
    PANNIER_AUDIT_HEADERS: 'E=f',
  });
  assert.deepEqual(fields, { x: 'y' });
  assert.equal(logLevel, 'debug');
  assert.deepEqual(
    outputs.map(({ name, type, settings }) => [name, type, settings.headers]),
    [['audit', 'http', { E: 'f' }]],
  );
});

test('the listing names file, line and column as the source', async () => {
  const { listing } = await readSample(
    env,
    file('# comment\nlog_level: debug\noutputs:\n  search:\n    url: http://u:p@h\n'),
  );
  const source = (variable: string) =>
    listing.filter((each) => each.variable === variable).map(({ value, source: from }) => `${value ?? '-'} ${from}`);
  assert.deepEqual(source('PANNIER_LOG_LEVEL'), ['debug pannier.yaml:2:1']);
  assert.deepEqual(source('PANNIER_SEARCH_URL'), ['http://****@h pannier.yaml:5:5']);
  assert.deepEqual(source('PANNIER_OUTPUTS'), ['search pannier.yaml:3:1']);
});

test('every problem has its file, line, column and a suggestion', async () => {
  const text =
    'drain_timout: 5s\nlog_level: loud\nstate-dir: /x\noutputs:\n  search:\n    ulr: x\n    nodes: 9\n  audit: {type: htp}\nPaths: /x\nconfig: other\n';
  assert.deepEqual(
    (await problems(text)).sort(),
    [
      'PANNIER_SEARCH_URL: is required (Nodes.)',
      'pannier.yaml:10:1 config: can not be set in the file itself',
      'pannier.yaml:1:1: the key "drain_timout" is not a setting (did you mean drain_timeout?)',
      'pannier.yaml:2:1 log_level: "loud" is none of: trace, debug, info, warn, error, fatal, silent',
      'pannier.yaml:3:1: the key "state-dir" is not a setting (did you mean state_dir?)',
      'pannier.yaml:6:5 outputs.search: the key "ulr" is not a setting of the output type search (did you mean url?)',
      'pannier.yaml:7:5 outputs.search.nodes: is too large (at most 5)',
      'pannier.yaml:8:3 outputs.audit: there is no output type "htp"; there are: stdout, file, search, http (did you mean http?)',
      'pannier.yaml:9:1: the key "Paths" is not a setting (did you mean paths?)',
    ].sort(),
  );
});

test('a key of one output never reaches another whose variables begin alike', async () => {
  const text = `outputs:\n  a: {type: http, url: "http://a", b_url: "http://evil"}\n  a-b: {type: http}\n`;
  assert.deepEqual(await problems(text), [
    'pannier.yaml:2:36 outputs.a: the key "b_url" is not a setting of the output type http (did you mean url?)',
    'PANNIER_A_B_URL: is required (Where to post.)',
  ]);
});

test('a key that is given twice is a problem on every level', async () => {
  assert.deepEqual(await problems('log_level: info\nlog_level: debug\n'), [
    'pannier.yaml:2:1: the key "log_level" is given twice (first at pannier.yaml:1:1)',
  ]);
  assert.equal((await problems('outputs: {stdout: {}, stdout: {}}')).length, 1);
  assert.equal((await problems('outputs: {stdout: {batch_max_wait: 1s, batch_max_wait: 2s}}')).length, 1);
  assert.equal((await problems('fields: {a: 1, a: 2}')).length, 1);
  assert.match(
    (await problems('outputs: {http: {url: "http://h"}}\nhttp_url: http://i\n'))[0] ?? '',
    /outputs\.http\.url: is given twice/,
  );
});

test('syntax errors come with their place and without the text of the line', async () => {
  for (const text of [
    'a: 1\n b: hunter2',
    'fields: {a: hunter2',
    'password: "hunter2',
    'x: @hunter2',
    '\tx: hunter2',
    'x: !hunter2 y',
    'a: 1\n---\nb: hunter2',
    '"hunter2\\q": 1',
    '[}hunter2',
    '- hunter2',
    'hunter2',
  ]) {
    const found = await problems(text);
    assert.ok(found.length > 0, text);
    for (const problem of found) {
      assert.match(problem, /^pannier\.yaml:\d+:\d+: /);
      assert.ok(!problem.includes('hunter2'), problem);
    }
  }
});

test('a file that can not be understood hides no problem of the environment, and invents none', async () => {
  const more = { PANNIER_OUTPUTS: 'search', PANNIER_AUDIT_URL: 'http://h', PANNIER_LOG_LEVEL: 'loud' };
  assert.deepEqual(
    (await problems('a: [', more)).map((problem) => problem.split(': ')[0]),
    ['pannier.yaml:1:5', 'PANNIER_LOG_LEVEL'],
  );
  assert.deepEqual(
    (await problemsOf({ ...env, ...more })).map((problem) => problem.split(': ')[0]),
    ['PANNIER_CONFIG (/srv/pannier.yaml)', 'PANNIER_LOG_LEVEL'],
  );
});

test('aliases stand for their values; a bomb of them, or one for nothing, is refused', async () => {
  assert.deepEqual(
    (await load('fields: &f {a: b}\noutputs: {http: {url: "http://h", headers: *f}}')).outputs[0]?.settings.headers,
    { a: 'b' },
  );
  assert.match((await problems('fields: *nothing'))[0] ?? '', /stands for nothing/);
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level <= 30; level += 1) lines.push(`a${level}: &a${level} [${`*a${level - 1}, `.repeat(10)}]`);
  // Expanded, it would have 10^30 values, and no end.
  assert.deepEqual(await problems(lines.join('\n')), ['pannier.yaml:1:1: has too many aliases: at most 100']);
});

test('a value of the wrong shape is a problem, not a guess', async () => {
  assert.match((await problems('log_level: [info]'))[0] ?? '', /takes one value, not a list/);
  assert.match((await problems('paths: {a: b}'))[0] ?? '', /takes a list, not a map/);
  assert.match((await problems('fields: [a]'))[0] ?? '', /takes a map, not a list/);
  assert.match((await problems('fields: {a: [b]}'))[0] ?? '', /neither a value nor a plain list or map/);
  assert.match((await problems('paths: [[a]]'))[0] ?? '', /neither a value nor a plain list or map/);
  assert.match((await problems('outputs: {stdout: 5}'))[0] ?? '', /is not a map of settings/);
  assert.match((await problems('outputs: {}'))[0] ?? '', /names no output/);
  assert.match((await problems('? [a]\n: b'))[0] ?? '', /key that is not text/);
  assert.match((await problems('max_line_bytes: 0x100000'))[0] ?? '', /"0x100000" is not a size/);
  assert.match((await problems('service_name: "a\\nb"'))[0] ?? '', /line end/);
  assert.match((await problems('fields: {__proto__: x}'))[0] ?? '', /__proto__/);
});

test('an empty file and one of comments set nothing', async () => {
  for (const text of ['', '# nothing\n', '---\n', '~', '\ufefflog_level: info'])
    assert.equal((await load(text)).logLevel, 'info');
});

test('deep nesting and random text end in problems, never in a throw', () => {
  for (const text of ['['.repeat(20_000), '{a: '.repeat(20_000), '- '.repeat(20_000)])
    assert.ok(readYaml(text, 'f').problems.length > 0);
  const word = fc.constantFrom(
    'a',
    ':',
    ' ',
    '\n',
    '- ',
    '[',
    ']',
    '{',
    '}',
    ',',
    '&x ',
    '*x',
    '!t ',
    '"',
    "'",
    '|',
    '>',
    '? ',
    '#',
    '\t',
    '<<',
    '%',
    '---',
    'outputs',
    'paths',
    '5',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 30 }), (words) => {
      readYaml(words.join(''), 'f');
    }),
  );
});
