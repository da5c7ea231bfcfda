import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Configuration } from '../src/types/configuration.js';
import { ConfigError } from '../src/types/errors.js';
import { problemsOf, readSample, sampleCatalogue } from '../test/support/sample-catalogue.js';
import { loadConfiguration } from './load.js';

async function load(...args: Parameters<typeof readSample>): Promise<Configuration> {
  const { configuration, problems } = await readSample(...args);
  assert.deepEqual(problems, []);
  assert.ok(configuration !== undefined);
  return configuration;
}

async function shown(variable: string, ...args: Parameters<typeof readSample>): Promise<string> {
  const { listing } = await readSample(...args);
  const found = listing.filter((setting) => setting.variable === variable);
  assert.equal(found.length, 1, variable);
  return `${found[0]?.value ?? '-'} from ${found[0]?.source ?? ''}`;
}

const search = { PANNIER_OUTPUTS: 'search', PANNIER_SEARCH_URL: 'http://es:9200' };

test('an output’s own rate limit wins over that of all, also when it is off', async () => {
  const env = {
    PANNIER_OUTPUTS: 'stdout,search,audit=search',
    PANNIER_SEARCH_URL: 'http://es:9200',
    PANNIER_AUDIT_URL: 'http://es:9200',
    PANNIER_RATE_LIMIT: '5MB',
    PANNIER_SEARCH_RATE_LIMIT: '64KiB',
    PANNIER_AUDIT_RATE_LIMIT: 'off',
  };
  const limits = async (changes: Record<string, string>) =>
    (await load({ ...env, ...changes })).outputs.map(({ rateLimit }) => rateLimit);
  assert.deepEqual(await limits({}), [5_000_000, 65_536, undefined]);
  assert.deepEqual(await limits({ PANNIER_RATE_LIMIT: 'off' }), [undefined, 65_536, undefined]);
  assert.match((await problemsOf({ PANNIER_RATE_LIMIT: '1KB' }))[0] ?? '', /PANNIER_RATE_LIMIT.*16KiB/);
});

test('without a setting everything has the default of the contract', async () => {
  const { hash, ...configuration } = await load({});
  assert.match(hash, /^[0-9a-f]{12}$/);
  assert.deepEqual(configuration, {
    paths: ['/var/log/app/**/*.log'],
    exclude: ['**/*.gz', '**/*.zst', '**/*.tmp'],
    stateDir: '/var/lib/pannier',
    format: 'auto',
    multiline: 'auto',
    startAt: 'beginning',
    maxLineBytes: 1_048_576,
    partialLineTimeoutMs: 30_000,
    multilineTimeoutMs: 3000,
    multilineMaxBytes: 1_048_576,
    fields: {},
    serviceName: undefined,
    annotations: [],
    podinfoDir: '/etc/podinfo',
    logMetrics: false,
    listen: { host: '0.0.0.0', port: 9600 },
    drainTimeoutMs: 25_000,
    drainQuietMs: 1000,
    drainMinMs: 0,
    exitOnFile: undefined,
    exitWhenIdleMs: undefined,
    exitZero: false,
    nice: 0,
    logLevel: 'info',
    commitIntervalMs: 1000,
    holdMaxBytes: undefined,
    holdMaxAgeMs: 86_400_000,
    holdGraceMs: 60_000,
    forgetAfterMs: 604_800_000,
    pin: 'off',
    volumeLimit: undefined,
    deleteShipped: 'off',
    deadLetterMaxBytes: 67_108_864,
    onFatal: 'exit',
    timezone: 'UTC',
    control: 'on',
    statusPublic: false,
    outputs: [
      {
        name: 'stdout',
        type: 'stdout',
        batchMaxBytes: 262_144,
        batchMaxWaitMs: 50,
        catchUp: 'oldest-first',
        rateLimit: undefined,
        startAt: undefined,
        processing: {
          minLevel: undefined,
          filter: undefined,
          sample: undefined,
          throttle: undefined,
          dedupe: false,
          dropFields: [],
          renameFields: {},
          redact: [],
          redactPatterns: {},
          redactMode: 'mask',
          redactKey: undefined,
        },
        settings: {},
      },
    ],
  });
});

test('all problems come at once, in one ConfigError', async () => {
  const env = {
    PANNIER_DRAIN_TIMEOUT: '25',
    PANNIER_FORMT: 'json',
    PANNIER_OUTPUTS: 'search,http',
    PANNIER_HTTP_URL: 'nowhere',
    PANNIER_LOG_LEVEL: 'warning',
  };
  const loading = loadConfiguration({
    env,
    catalogue: sampleCatalogue,
    cwd: '/',
    readFile: () => Promise.reject(new Error()),
  });
  await assert.rejects(loading, (error) => {
    assert.ok(error instanceof ConfigError);
    assert.equal(error.code, 'CONFIG_INVALID');
    assert.deepEqual(error.problems.map(({ where }) => where).sort(), [
      'PANNIER_DRAIN_TIMEOUT',
      'PANNIER_FORMT',
      'PANNIER_HTTP_URL',
      'PANNIER_LOG_LEVEL',
      'PANNIER_SEARCH_URL',
    ]);
    assert.match(error.message, /PANNIER_DRAIN_TIMEOUT: "25" is not a duration \(did you mean 25s\?\)/);
    assert.match(error.message, /PANNIER_FORMT: is not a setting \(did you mean PANNIER_FORMAT\?\)/);
    assert.match(error.message, /PANNIER_LOG_LEVEL: "warning" is none of: .*\(did you mean warn\?\)/);
    assert.match(error.message, /PANNIER_SEARCH_URL: is required \(Nodes\.\)/);
    return true;
  });
});

test('an empty value is unset, whoever gives it', async () => {
  const configuration = await load(
    { PANNIER_FORMAT: '', PANNIER_PATHS: ' ', PANNIER_NO_SUCH: '', PANNIER_CONFIG: 'x.yaml' },
    { '/srv/x.yaml': 'listen:\nfields: ""\n' },
  );
  assert.equal(configuration.format, 'auto');
  assert.deepEqual(configuration.paths, ['/var/log/app/**/*.log']);
  assert.deepEqual(configuration.listen, { host: '0.0.0.0', port: 9600 });
});

test('bounds of settings hold, and name the bound', async () => {
  assert.deepEqual(await problemsOf({ PANNIER_MAX_LINE_BYTES: '10B', PANNIER_BATCH_MAX_BYTES: '1GiB' }), [
    'PANNIER_MAX_LINE_BYTES: is too small (at least 1KiB)',
    'PANNIER_BATCH_MAX_BYTES: is too large (at most 64MiB)',
  ]);
  assert.deepEqual(await problemsOf({ ...search, PANNIER_SEARCH_NODES: '6' }), [
    'PANNIER_SEARCH_NODES: is too large (at most 5)',
  ]);
  assert.equal((await load({ PANNIER_MAX_LINE_BYTES: '1KiB' })).maxLineBytes, 1024);
});

test('a format that does not exist is refused with those that do', async () => {
  const [problem] = await problemsOf({ PANNIER_FORMAT: 'cobol' });
  assert.match(
    problem ?? '',
    /^PANNIER_FORMAT: "cobol" is none of: auto, raw, json, logfmt, cri, docker, klog, .*regex:…$/,
  );
  assert.equal((await problemsOf({ PANNIER_MULTILINE: 'cobol' })).length, 1);
  assert.equal((await problemsOf({ PANNIER_PIN: 'x' })).length, 1);
  assert.equal((await load({ PANNIER_MULTILINE: 'off' })).multiline, 'off');
});

test('variables that Kubernetes sets for services called pannier are no settings and no problems', async () => {
  await load({
    PANNIER_SERVICE_HOST: '10.0.0.1',
    PANNIER_SERVICE_PORT: '9600',
    PANNIER_SERVICE_PORT_METRICS: '9600',
    PANNIER_PORT: 'tcp://10.0.0.1:9600',
    PANNIER_PORT_9600_TCP: 'tcp://10.0.0.1:9600',
    PANNIER_PORT_9600_TCP_PROTO: 'tcp',
    PANNIER_PORT_9600_TCP_ADDR: '10.0.0.1',
    PANNIER_HTTP_SERVICE_HOST: '10.0.0.1',
    PANNIER_AGENT_PORT_53_UDP_PORT: '53',
  });
  for (const name of ['PANNIER_PORT_X', 'PANNIER_HOST', 'PANNIER_PORT_1_QUIC', 'PANNIER_SERVICE_HOSTS']) {
    assert.equal((await problemsOf({ [name]: 'x' })).length, 1, name);
  }
});

test('a variable of a known output that is not in use may stay, and is noted', async () => {
  const { problems, notes } = await readSample({
    PANNIER_SEARCH_URL: 'http://h',
    PANNIER_SEARCH_API_KEY_FILE: '/nowhere',
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(notes, [
    'PANNIER_SEARCH_URL has no effect: PANNIER_OUTPUTS does not name search',
    'PANNIER_SEARCH_API_KEY_FILE has no effect: PANNIER_OUTPUTS does not name search',
  ]);
  assert.deepEqual(await problemsOf({ PANNIER_SEARCH_URI: 'http://h' }), [
    'PANNIER_SEARCH_URI: is not a setting (did you mean PANNIER_SEARCH_URL?)',
  ]);
});

test('a variable of an output that nothing names is answered with how to name it', async () => {
  assert.deepEqual(await problemsOf({ PANNIER_CENTRAL_AUDIT_URL: 'http://h' }), [
    'PANNIER_CENTRAL_AUDIT_URL: is not a setting (for an output called central-audit, PANNIER_OUTPUTS has to name it, as in central-audit=<type>)',
  ]);
});

test('a second output of a type has settings of its own and inherits nothing', async () => {
  const { outputs } = await load({
    PANNIER_OUTPUTS: 'http, central-audit = http',
    PANNIER_HTTP_URL: 'http://one',
    PANNIER_HTTP_COMPRESSION: 'gzip',
    PANNIER_HTTP_START_AT: 'end',
    PANNIER_CENTRAL_AUDIT_URL: 'http://two,http://three',
  });
  assert.deepEqual(
    outputs.map(({ name, type, startAt, settings }) => [name, type, startAt, settings.url, settings.compression]),
    [
      ['http', 'http', 'end', ['http://one'], 'gzip'],
      ['central-audit', 'http', undefined, ['http://two', 'http://three'], 'none'],
    ],
  );
});

test('names of outputs that would be mistaken for something else are refused', async () => {
  const refused = [
    'batch',
    'drain',
    'state',
    'log',
    'hold',
    'dead-letter',
    'paths',
    'filter',
    'min',
    'x-service-port',
    'search',
    'Audit',
    'a_b',
    '1a',
    '-a',
    'a.b',
    'a'.repeat(101),
    '__proto__',
    'constructor-',
  ];
  for (const name of refused.filter((each) => each !== 'constructor-')) {
    const problems = await problemsOf({ PANNIER_OUTPUTS: `${name}=stdout` });
    assert.equal(problems.length, 1, `${name}: ${problems.join('; ')}`);
    assert.match(problems[0] ?? '', /^PANNIER_OUTPUTS: /);
  }
  for (const name of ['audit', 'a', 'a-1', 'drains', 'bat', 'constructor'])
    await load({ PANNIER_OUTPUTS: `${name}=stdout` });
});

test('an output of an unknown type, one named twice, and none at all are problems', async () => {
  assert.deepEqual(await problemsOf({ PANNIER_OUTPUTS: 'serch' }), [
    'PANNIER_OUTPUTS: there is no output type "serch"; there are: stdout, file, search, http (did you mean search?)',
  ]);
  assert.match((await problemsOf({ PANNIER_OUTPUTS: 'my-own-audit' }))[0] ?? '', /write my-own-audit=<type>/);
  assert.match((await problemsOf({ PANNIER_OUTPUTS: 'constructor' }))[0] ?? '', /no output type "constructor"/);
  assert.match((await problemsOf({ PANNIER_OUTPUTS: 'stdout,stdout' }))[0] ?? '', /named twice/);
  assert.match((await problemsOf({ PANNIER_OUTPUTS: ',' }))[0] ?? '', /names no output/);
});

test('two outputs whose variables have the same name are a problem', async () => {
  const env = {
    PANNIER_OUTPUTS: 'x=http,x-request=http',
    PANNIER_X_URL: 'http://h',
    PANNIER_X_REQUEST_URL: 'http://h',
  };
  const problems = await problemsOf(env);
  assert.equal(problems.length, 1);
  assert.match(
    problems[0] ?? '',
    /^PANNIER_X_REQUEST_TIMEOUT: means a setting of the output x and one of the output x-request/,
  );
});

test('the batch settings of an output win over the global ones, and these over the default of its type', async () => {
  const env = {
    PANNIER_OUTPUTS: 'stdout,two=stdout',
    PANNIER_BATCH_MAX_BYTES: '4KiB',
    PANNIER_BATCH_MAX_WAIT: '7s',
    PANNIER_TWO_BATCH_MAX_BYTES: '8KiB',
  };
  const { outputs } = await load(env);
  assert.deepEqual(
    outputs.map(({ batchMaxBytes, batchMaxWaitMs }) => [batchMaxBytes, batchMaxWaitMs]),
    [
      [4096, 7000],
      [8192, 7000],
    ],
  );
  assert.equal(await shown('PANNIER_STDOUT_BATCH_MAX_BYTES', env), '4KiB from PANNIER_BATCH_MAX_BYTES');
  assert.equal(await shown('PANNIER_TWO_BATCH_MAX_BYTES', env), '8KiB from PANNIER_TWO_BATCH_MAX_BYTES');
  assert.equal(await shown('PANNIER_STDOUT_BATCH_MAX_BYTES', {}), '256KiB from default');
});

test('a secret may be in a file, of which one line end is cut', async () => {
  for (const [content, value] of [
    ['key\n', 'key'],
    ['key\r\n', 'key'],
    ['key', 'key'],
    [' key ', ' key '],
  ] as const) {
    const { outputs } = await load({ ...search, PANNIER_SEARCH_API_KEY_FILE: 'key' }, { '/srv/key': content });
    assert.equal(outputs[0]?.settings.apiKey, value);
  }
  assert.match(
    (await problemsOf({ ...search, PANNIER_SEARCH_API_KEY_FILE: 'key' }, { '/srv/key': 'key\n\n' }))[0] ?? '',
    /line end/,
  );
  const { outputs } = await load(
    { PANNIER_OUTPUTS: 'http', PANNIER_HTTP_URL: 'http://h', PANNIER_HTTP_HEADERS_FILE: '/run/headers' },
    { '/run/headers': 'Authorization: Bearer x\nX-Scope: a,b\n' },
  );
  assert.deepEqual(outputs[0]?.settings.headers, { Authorization: 'Bearer x', 'X-Scope': 'a,b' });
});

test('a secret and its file together are a problem, also from the YAML file', async () => {
  const both = { ...search, PANNIER_SEARCH_API_KEY: 'k', PANNIER_SEARCH_API_KEY_FILE: 'key' };
  assert.deepEqual(await problemsOf(both, { '/srv/key': 'k' }), [
    'PANNIER_SEARCH_API_KEY: is given twice: here, and as a file by PANNIER_SEARCH_API_KEY_FILE (remove one of them)',
  ]);
  const yaml = 'outputs:\n  search: {url: "http://h", api_key: k, api_key_file: key}\n';
  assert.equal((await problemsOf({ PANNIER_CONFIG: 'c' }, { '/srv/c': yaml, '/srv/key': 'k' })).length, 1);
});

test('the environment replaces a secret of the YAML file, whichever of its two forms each uses', async () => {
  const yaml = 'outputs:\n  search: {url: "http://h", api_key: from-yaml, password_file: pw}\n';
  const env = { PANNIER_CONFIG: 'c', PANNIER_SEARCH_API_KEY_FILE: 'key', PANNIER_SEARCH_PASSWORD: 'from-env' };
  const { outputs } = await load(env, { '/srv/c': yaml, '/srv/key': 'from-file' });
  assert.deepEqual([outputs[0]?.settings.apiKey, outputs[0]?.settings.password], ['from-file', 'from-env']);
});

test('a setting whose own name ends in _FILE is itself, not the file of another', async () => {
  const { outputs } = await load({ ...search, PANNIER_SEARCH_CA_FILE: 'certs/ca.pem', PANNIER_SEARCH_CA: 'secret' });
  assert.deepEqual([outputs[0]?.settings.caFile, outputs[0]?.settings.ca], ['/srv/certs/ca.pem', 'secret']);
  assert.match((await problemsOf({ PANNIER_STATE_DIR_FILE: '/x' }))[0] ?? '', /is not a setting/);
});

test('a file of a secret that is missing or empty is named with its path, and watched all the same', async () => {
  const env = { ...search, PANNIER_SEARCH_API_KEY_FILE: '/run/key', PANNIER_SEARCH_PASSWORD_FILE: 'pw' };
  assert.deepEqual(await problemsOf(env, { '/srv/pw': '\n' }), [
    'PANNIER_SEARCH_API_KEY_FILE (/run/key): the file does not exist',
    'PANNIER_SEARCH_PASSWORD_FILE (/srv/pw): the file is empty',
  ]);
  const { watchFiles } = await readSample({ ...env, PANNIER_CONFIG: 'c.yaml' }, { '/srv/c.yaml': 'outputs: search' });
  assert.deepEqual(watchFiles, ['/srv/c.yaml', '/run/key', '/srv/pw']);
});

test('a YAML file that is missing is named with its path, and watched all the same', async () => {
  assert.deepEqual(await problemsOf({ PANNIER_CONFIG: 'gone.yaml' }), [
    'PANNIER_CONFIG (/srv/gone.yaml): the file does not exist',
  ]);
  assert.deepEqual((await readSample({ PANNIER_CONFIG: 'gone.yaml' })).watchFiles, ['/srv/gone.yaml']);
});

test('a variable whose name holds control characters can not forge a line of the message', async () => {
  assert.deepEqual(await problemsOf({ 'PANNIER_A\nB\u001b[2J': 'x' }), [
    'PANNIER_A\\u{a}B\\u{1b}[2J: is not a setting',
  ]);
});

test('secrets are masked in the listing and never in a problem', async () => {
  const env = {
    PANNIER_OUTPUTS: 'search,http',
    PANNIER_SEARCH_URL: 'https://elastic:hunter2@a:9200,https://b:9200',
    PANNIER_SEARCH_API_KEY: 'hunter2',
    PANNIER_HTTP_URL: 'https://h/in?token=hunter2',
    PANNIER_HTTP_HEADERS: 'Authorization=Bearer hunter2,X-Scope=hunter2',
  };
  assert.equal(await shown('PANNIER_SEARCH_URL', env), 'https://****@a:9200,https://b:9200 from PANNIER_SEARCH_URL');
  assert.equal(
    await shown('PANNIER_SEARCH_URL', { ...env, PANNIER_SEARCH_URL: 'elastic:hunter2@a:9200' }),
    '**** from PANNIER_SEARCH_URL',
  );
  assert.equal(await shown('PANNIER_SEARCH_API_KEY', env), '**** from PANNIER_SEARCH_API_KEY');
  assert.equal(await shown('PANNIER_HTTP_HEADERS', env), 'Authorization=****,X-Scope=**** from PANNIER_HTTP_HEADERS');
  const reading = await readSample({ ...env, PANNIER_SEARCH_PASSWORD: 'hunter2!' });
  assert.deepEqual(reading.problems, [{ where: 'PANNIER_SEARCH_PASSWORD', problem: 'is not acceptable' }]);
  assert.ok(!JSON.stringify([reading.listing, reading.problems, reading.notes]).includes('hunter2'));
});

test('the hash follows every value but secrets', async () => {
  const hashOf = async (env: Record<string, string>): Promise<string> => (await load({ ...search, ...env })).hash;
  const hash = await hashOf({});
  assert.equal(await hashOf({}), hash);
  assert.equal(await hashOf({ PANNIER_SEARCH_API_KEY: 'a' }), hash);
  assert.equal(await hashOf({ PANNIER_DRAIN_TIMEOUT: '25000ms' }), hash);
  assert.equal((await hashOf({ PANNIER_SEARCH_URL: 'http://es:9201' })) === hash, false);
  assert.equal((await hashOf({ PANNIER_FIELDS: 'a=b' })) === hash, false);
  assert.equal((await hashOf({ PANNIER_OUTPUTS: 'search,stdout' })) === hash, false);
});

test('relative paths begin at the working directory', async () => {
  const configuration = await load({
    PANNIER_PATHS: 'logs/*.log',
    PANNIER_STATE_DIR: '.pannier',
    PANNIER_EXIT_ON_FILE: 'done',
  });
  assert.deepEqual(configuration.paths, ['/srv/logs/*.log']);
  assert.equal(configuration.stateDir, '/srv/.pannier');
  assert.equal(configuration.exitOnFile, '/srv/done');
});

test('the two ways to end by itself are off unless set, also by the word off', async () => {
  const configuration = await load({ PANNIER_EXIT_ON_FILE: 'off', PANNIER_EXIT_WHEN_IDLE: 'off' });
  assert.equal(configuration.exitOnFile, undefined);
  assert.equal(configuration.exitWhenIdleMs, undefined);
  assert.equal((await load({ PANNIER_EXIT_WHEN_IDLE: '5s' })).exitWhenIdleMs, 5000);
});

test('the time zone is the one set, else TZ where that is one, else UTC', async () => {
  assert.equal((await load({ PANNIER_TIMEZONE: 'Europe/Berlin', TZ: 'Asia/Tokyo' })).timezone, 'Europe/Berlin');
  assert.equal((await load({ TZ: 'Asia/Tokyo' })).timezone, 'Asia/Tokyo');
  assert.equal(await shown('PANNIER_TIMEZONE', { TZ: 'Asia/Tokyo' }), 'Asia/Tokyo from TZ');
  assert.equal((await load({ TZ: ':/etc/localtime' })).timezone, 'UTC');
  assert.match((await problemsOf({ PANNIER_TIMEZONE: 'Mars/Base' }))[0] ?? '', /not a time zone/);
});

test('what a failing process needs is read as far as it can be', async () => {
  const broken = { PANNIER_ON_FATAL: 'stay', PANNIER_LISTEN: ':9700', PANNIER_OUTPUTS: 'nope', PANNIER_CONFIG: 'gone' };
  const { configuration, survival } = await readSample(broken);
  assert.equal(configuration, undefined);
  assert.equal(survival.onFatal, 'stay');
  assert.deepEqual(survival.listen, { host: '0.0.0.0', port: 9700 });
  assert.deepEqual((await readSample({ PANNIER_LISTEN: 'nowhere' })).survival.listen, { host: '0.0.0.0', port: 9600 });
});

test('a pattern of a format of one’s own is compiled, and its flaw is named with its place', async () => {
  assert.equal((await load({ PANNIER_FORMAT: 'regex:^(?<level>[A-Z]+) ' })).format, 'regex:^(?<level>[A-Z]+)');
  assert.deepEqual(await problemsOf({ PANNIER_FORMAT: 'regex:a(b' }), [
    'PANNIER_FORMAT: the pattern is not valid: missing closing ) at character 2',
  ]);
  assert.deepEqual(await problemsOf({ PANNIER_FORMAT: 'regex:' }), [
    'PANNIER_FORMAT: "regex:" has nothing behind the colon',
  ]);
});
