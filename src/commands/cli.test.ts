import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { sampleCatalogue } from '../../test/support/sample-catalogue.js';
import { cli } from './cli.js';

let folder = '';
before(async () => (folder = await mkdtemp(join(tmpdir(), 'pannier-cli-'))));
after(() => rm(folder, { recursive: true }));

/** What a command line printed, which options `run` got, and the exit code. */
async function call(line: string, env: Record<string, string> = {}, exitCode = 0) {
  let out = '';
  let err = '';
  const runs: { readonly once: boolean }[] = [];
  const code = await cli(line.split(' ').filter(Boolean), env, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    run: (options) => {
      runs.push(options);
      return Promise.resolve(exitCode);
    },
    catalogue: sampleCatalogue,
    cwd: folder,
    stdin: () => assert.fail('it reads nothing'),
    isInputTerminal: false,
    isTerminal: false,
    terminal: {
      onKey: () => assert.fail(),
      size: () => ({ columns: 80, rows: 24 }),
      stopping: new AbortController().signal,
    },
    drained: () => Promise.resolve(),
  });
  return { code, out, err, runs };
}

test('run is the default, with its option, and its exit code is the exit code', async () => {
  for (const line of ['', 'run']) assert.deepEqual((await call(line)).runs, [{ once: false }], line);
  for (const line of ['--once', 'run --once']) assert.deepEqual((await call(line)).runs, [{ once: true }], line);
  assert.equal((await call('run --once', {}, 75)).code, 75);
});

test('an unknown command, option or argument is 64 with a suggestion, and runs nothing', async () => {
  const lines = {
    valdate: /Did you mean validate\?/,
    'run --onec': /Did you mean --once\?/,
    '--onec': /Did you mean --once\?/,
    'run now': /too many arguments/,
    'config --yaml': /unknown option '--yaml'/,
  };
  for (const [line, expected] of Object.entries(lines)) {
    const { code, out, err, runs } = await call(line);
    assert.equal(code, 64, line);
    assert.match(err, expected);
    assert.match(err, /^pannier: /);
    assert.match(err, /Try: pannier --help/);
    assert.equal(out, '');
    assert.deepEqual(runs, []);
  }
});

test('help and version go to standard output and exit 0', async () => {
  const help = await call('--help');
  assert.equal(help.code, 0);
  for (const word of ['run', 'validate', 'config', 'health', 'status', 'parse', 'Examples:', 'PANNIER_OUTPUTS'])
    assert.ok(help.out.includes(word), word);
  assert.equal((await call('run --help')).code, 0);
  assert.deepEqual(await call('--version'), { code: 0, out: '0.0.0-test\n', err: '', runs: [] });
});

test('validate says what is valid with a line for each output, and exits 0', async () => {
  const { code, out, err } = await call('validate', {
    PANNIER_OUTPUTS: 'stdout,audit=http',
    PANNIER_AUDIT_URL: 'http://h',
    PANNIER_SEARCH_URL: 'http://h',
  });
  assert.equal(code, 0);
  assert.match(
    out,
    /^the configuration is valid: 2 outputs, hash [0-9a-f]{12}\n {2}stdout: type stdout.*\n {2}audit: type http.*\n$/,
  );
  assert.equal(err, 'note: PANNIER_SEARCH_URL has no effect: PANNIER_OUTPUTS does not name search\n');
});

test('validate exits 78 with every problem', async () => {
  const { code, out, err } = await call('validate', { PANNIER_LISTEN: '9600', PANNIER_PATS: 'x' });
  assert.equal(code, 78);
  assert.equal(out, '');
  assert.match(
    err,
    /^pannier: the configuration has 2 problems:\n {2}PANNIER_LISTEN: .*\(?did you mean :9600\?\)?\n {2}PANNIER_PATS: .*did you mean PANNIER_PATHS\?\)\n$/,
  );
});

test('config prints every setting with its value and source, secrets masked', async () => {
  await writeFile(join(folder, 'c.yaml'), 'outputs:\n  search:\n    url: http://u:hunter2@h\n    api_key: hunter2\n');
  await writeFile(join(folder, 'password'), 'hunter2\n');
  const env = { PANNIER_CONFIG: 'c.yaml', PANNIER_SEARCH_PASSWORD_FILE: 'password', PANNIER_LOG_LEVEL: 'debug' };
  const { code, out, err } = await call('config', env);
  assert.equal(code, 0);
  assert.equal(err, '');
  assert.match(out, /^PANNIER_LOG_LEVEL +debug +PANNIER_LOG_LEVEL$/m);
  assert.match(out, /^PANNIER_SEARCH_URL +http:\/\/\*\*\*\*@h +c\.yaml:3:5$/m);
  assert.match(out, /^PANNIER_SEARCH_API_KEY +\*\*\*\* +c\.yaml:4:5$/m);
  assert.match(out, /^PANNIER_SEARCH_PASSWORD +\*\*\*\* +PANNIER_SEARCH_PASSWORD_FILE \(.*\/password\)$/m);
  assert.match(out, /^PANNIER_EXIT_ON_FILE +- +default$/m);
  assert.ok(!out.includes('hunter2'));

  const json: unknown = JSON.parse((await call('config --json', env)).out);
  assert.ok(typeof json === 'object' && json !== null && 'settings' in json && Array.isArray(json.settings));
  assert.deepEqual(
    json.settings.find((each: { variable: string }) => each.variable === 'PANNIER_LOG_LEVEL'),
    {
      variable: 'PANNIER_LOG_LEVEL',
      value: 'debug',
      source: 'PANNIER_LOG_LEVEL',
    },
  );
});

test('config with problems still lists, and exits 78', async () => {
  const { code, out, err } = await call('config', { PANNIER_FORMAT: 'jsn' });
  assert.equal(code, 78);
  assert.match(out, /^PANNIER_FORMAT +jsn +PANNIER_FORMAT$/m);
  assert.match(err, /did you mean json\?/);
});

test('a value can not move the cursor of the terminal that config prints to', async () => {
  const { out } = await call('config', { PANNIER_FIELDS: 'a=\u009b31m\u202e' });
  assert.ok(!/[^\P{Cc}\n]|\p{Cf}/u.test(out));
});
