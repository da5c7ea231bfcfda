import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { ConfiguredListen } from './ask-agent.js';
import { health } from './health.js';

type Script = Readonly<Record<string, readonly [code: number, body: string] | 'hang'>>;

/** Runs the command against an agent that answers by a script. */
async function run(
  script: Script,
  options: { ready?: boolean; strict?: boolean } = {},
  envOf: (port: number) => Readonly<Record<string, string>> = (port) => ({ PANNIER_LISTEN: `0.0.0.0:${port}` }),
  configured: (port: number) => Awaited<ReturnType<ConfiguredListen>> = () => assert.fail('nobody asks'),
): Promise<{ code: number; out: string; err: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.headers.host?.replace(/\d+$/, '') ?? ''} ${request.url ?? ''}`);
    const answer = script[request.url ?? ''] ?? [404, 'not here'];
    if (answer === 'hang') return;
    response.writeHead(answer[0]).end(answer[1]);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    let out = '';
    let err = '';
    const io = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
    const code = await health({ ready: false, strict: false, ...options }, envOf(port), io, () =>
      Promise.resolve(configured(port)),
    );
    return { code, out, err, asked };
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

const well: Script = { '/livez': [200, 'ok'], '/readyz': [200, 'ok'], '/health?strict=1': [200, '{}'] };

test('it asks /livez, or what its flags name, on loopback', async () => {
  const { code, out, asked } = await run(well);
  assert.deepEqual([code, asked], [0, ['127.0.0.1: /livez']]);
  assert.match(out, /^ok: http:\/\/127\.0\.0\.1:\d+\/livez answered 200\n$/);
  assert.deepEqual((await run(well, { ready: true })).asked, ['127.0.0.1: /readyz']);
  assert.deepEqual((await run(well, { strict: true })).asked, ['127.0.0.1: /health?strict=1']);
  const both = await run(well, { ready: true, strict: true });
  assert.deepEqual([both.code, both.asked.length], [0, 2]);
});

test('anything but 200 is 1, with one line that says why', async () => {
  const ready = await run({ '/readyz': [503, 'the first scan has not ended yet\n'] }, { ready: true });
  assert.equal(ready.code, 1);
  assert.match(ready.err, /^not ok: http:\S+\/readyz answered 503: the first scan has not ended yet\n$/);
  const reasons = [{ code: 'OUTPUT_AUTH', output: 'es', message: '401\u001b[2J\nfrom es', action: 'x' }, 7, null];
  const strict = await run(
    { '/health?strict=1': [503, JSON.stringify({ status: 'degraded', reasons })] },
    { strict: true },
  );
  assert.equal(strict.code, 1);
  assert.match(strict.err, /answered 503: degraded: OUTPUT_AUTH es 401 \[2J from es;/);
  assert.equal(strict.err.split('\n').length, 2, 'one line');
});

test('an answer of any kind is survived', async () => {
  for (const body of ['', '{', 'null', '{"status":1,"reasons":{}}', 'x'.repeat(100_000)]) {
    const { code, err } = await run({ '/livez': [500, body] });
    assert.equal(code, 1);
    assert.ok(err.length < 700 && err.endsWith('\n'), err);
  }
});

test('nobody there is 1, and says where it asked', async () => {
  const { code, err } = await run(well, {}, (port) => ({ PANNIER_LISTEN: `:${port === 1 ? 2 : 1}` }));
  assert.equal(code, 1);
  assert.match(err, /^not ok: http:\/\/127\.0\.0\.1:1\/livez: .*ECONNREFUSED/);
});

test('an agent that does not answer is 1 after three seconds', async () => {
  const { code, err } = await run({ '/livez': 'hang' });
  assert.equal(code, 1);
  assert.match(err, /no answer within 3 s/);
});

test('every form of PANNIER_LISTEN leads to an address that can be asked', async () => {
  for (const form of ['127.0.0.1', 'localhost', '', '0.0.0.0']) {
    const { code, err } = await run(well, {}, (port) => ({ PANNIER_LISTEN: `${form}:${port}` }));
    assert.equal(code, 0, `${form} ${err}`);
  }
  const six = await run(well, {}, () => ({ PANNIER_LISTEN: '[::]:1' }));
  assert.match(six.err, /^not ok: http:\/\/\[::1\]:1\/livez: /);
});

test('off, and what is no address, is 1 and says so', async () => {
  const off = await run(well, {}, () => ({ PANNIER_LISTEN: 'off' }));
  assert.equal(off.code, 1);
  assert.match(off.err, /PANNIER_LISTEN is off/);
  for (const listen of ['9600', 'a:b', 'http://x:1', '127.0.0.1:0', ':70000', '[::1]', 'x y:1'])
    assert.match((await run(well, {}, () => ({ PANNIER_LISTEN: listen }))).err, /which is no host:port/, listen);
});

test('where the address may stand in a YAML file, the configuration is asked, else it is not', async () => {
  const asked = await run(
    well,
    {},
    () => ({ PANNIER_CONFIG: '/etc/pannier.yaml' }),
    (port) => ({ host: '0.0.0.0', port }),
  );
  assert.deepEqual([asked.code, asked.asked], [0, ['127.0.0.1: /livez']]);
  const six = await run(
    well,
    {},
    () => ({ PANNIER_CONFIG: 'x' }),
    () => ({ host: '::', port: 1 }),
  );
  assert.match(six.err, /http:\/\/\[::1\]:1\/livez/);
  const off = await run(
    well,
    {},
    () => ({ PANNIER_CONFIG: '/etc/pannier.yaml' }),
    () => undefined,
  );
  assert.match(off.err, /PANNIER_LISTEN is off/);
  const both = (port: number) => ({ PANNIER_CONFIG: '/etc/pannier.yaml', PANNIER_LISTEN: `:${port}` });
  assert.equal((await run(well, {}, both)).code, 0);
});
