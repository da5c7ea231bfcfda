import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { runCommand } from '../support/agent-process.js';
import { prepareAgent, scenario, startAgent, type Lab } from '../support/lab.js';
import { type Received, ScriptedHttp } from '../support/scripted-http.js';
import { until } from '../support/until.js';

// Whoever shares the pod with the agent: its loopback, its volumes, maybe its processes.

/** One request with the very headers given; `fetch` would not send a Host of ours. */
function ask(port: number, path: string, method: string, headers: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    asking.on('error', reject).end();
  });
}

scenario(
  'a web page that was rebound to loopback, a relay and another port’s name can neither stop it nor read paths',
  async () => {
    await using lab = await startAgent();
    await lab.logs.append('app.log', 'a line\n');
    await lab.delivered(['a line']);
    const strangers = [
      { host: 'evil.example' },
      { host: `evil.example:${lab.port}` },
      { host: '127.0.0.1.evil.example' },
      { host: '[::1].evil.example' },
      { host: '[fe80::1]' },
      { host: `127.0.0.1:${lab.port}@evil.example` },
      { host: '127.0.0.1', 'x-forwarded-for': '127.0.0.1' },
      { host: '127.0.0.1', forwarded: 'for=127.0.0.1' },
      { host: 'localhost', origin: 'http://evil.example' },
      { host: 'localhost', origin: `http://localhost:${lab.port}` },
      { host: 'localhost', origin: 'null' },
    ];
    for (const headers of strangers)
      for (const path of ['/quit', '/reload'])
        assert.equal(await ask(lab.port, path, 'POST', headers), 403, `${path} ${JSON.stringify(headers)}`);
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])
      assert.equal(await ask(lab.port, '/quit', method, { host: 'localhost' }), 405, method);
    const seen = await new Promise<string>((resolve) => {
      request({ host: '127.0.0.1', port: lab.port, path: '/health', headers: { host: 'evil.example' } }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve(text));
      }).end();
    });
    assert.ok(!seen.includes(lab.logs.path), 'a rebound page sees no path');
    assert.ok((await lab.get('/health')).body.includes(lab.logs.path), 'a caller of this pod does');
    for (const path of [
      '/../../etc/passwd',
      '/..%2f..%2fetc/passwd',
      '//etc/passwd',
      '/health/../quit',
      'http://x/quit',
    ])
      assert.equal(await ask(lab.port, path, 'GET', { host: 'localhost' }), 404, path);
    await lab.logs.append('app.log', 'another\n');
    await lab.delivered(['a line', 'another']);
  },
);

scenario(
  'neither held connections, slow heads, thousands of requests at once nor endless ones keep a probe or a line out',
  async () => {
    await using lab = await startAgent();
    const sockets: Socket[] = [];
    const open = (text: string | Buffer): void => {
      const socket = connect(lab.port, '127.0.0.1', () => socket.write(text));
      socket.on('error', () => {}).resume();
      sockets.push(socket);
    };
    try {
      for (let count = 0; count < 200; count++) open('');
      for (let count = 0; count < 200; count++) open('GET /livez HTTP/1.1\r\nHost: localhost\r\nX: ');
      for (let count = 0; count < 50; count++)
        open('POST /reload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;');
      for (let count = 0; count < 20; count++) open(`GET /${'x'.repeat(100_000)} HTTP/1.1\r\n`);
      for (let count = 0; count < 5; count++) open('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(200));
      await until(() => sockets.every(({ connecting }) => !connecting), { what: 'all have called' });
      for (let probe = 0; probe < 20; probe++) assert.equal((await lab.get('/livez')).status, 200);
      await lab.logs.append('app.log', 'a line\n');
      await lab.delivered(['a line']);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  },
);

/** Paths below `folder` that others than their owner may read, write or enter. */
async function openToOthers(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  const found: string[] = [];
  for (const name of names) {
    const { mode } = await stat(join(folder, name));
    if ((mode & 0o077) !== 0) found.push(`${name} ${(mode & 0o777).toString(8)}`);
  }
  return found;
}

scenario('all that it makes is for its owner alone, however loose the umask it was started with', async () => {
  const before = process.umask(0);
  try {
    await using lab = await prepareAgent({ outputs: 'elasticsearch,file' });
    lab.server.judge = ({ document }) =>
      document.message === 'refused'
        ? { status: 400, type: 'document_parsing_exception', reason: 'no such thing' }
        : undefined;
    await lab.start({ PANNIER_FILE_PATH: join(lab.dir, 'out.ndjson') });
    lab.ledgerBytes = () => undefined;
    await lab.logs.append('app.log', 'fine\nrefused\n');
    await until(async () => (await lab.deadLetters()).length === 1, { what: 'the dead letter is there' });
    await lab.shows('all is done', ({ outputs }) =>
      Object.values(outputs).every(({ ledger }) => ledger.pending === 0 && ledger.delivered > 0),
    );
    const names = await readdir(lab.stateDir);
    assert.ok(names.includes('checkpoints') && names.includes('dead-letters'), names.join());
    assert.deepEqual(await openToOthers(lab.stateDir), []);
    assert.equal((await stat(join(lab.dir, 'out.ndjson'))).mode & 0o777, 0o600);
  } finally {
    process.umask(before);
  }
});

scenario('a signal opens no debugger, which the whole pod could use', async () => {
  await using lab = await startAgent();
  lab.agent.signal('SIGUSR1');
  await lab.logs.append('app.log', 'a line\n');
  await lab.delivered(['a line']);
  lab.agent.signal('SIGUSR1');
  assert.equal(await lab.stop(), 0);
  assert.doesNotMatch(lab.agent.stray.join('\n'), /debugger|inspector/i);
});

const secrets = {
  password: 'p4ss-word-of-the-cluster',
  token: 'token-of-the-collector-0123456789',
  redactKey: 'key-of-the-hash-0123456789abcdef',
};

/** Everything of it that somebody else may come to read. */
async function readable(lab: Lab): Promise<Record<string, string>> {
  const all: Record<string, string> = {
    health: (await lab.get('/health')).body,
    metrics: (await lab.get('/metrics')).body,
    page: (await lab.get('/')).body,
    log: JSON.stringify([lab.agent.log, lab.agent.stray, lab.agent.stdout]),
    arguments: await readFile(`/proc/${lab.agent.pid}/cmdline`, 'latin1'),
    title: await readFile(`/proc/${lab.agent.pid}/comm`, 'latin1'),
  };
  for (const name of await readdir(lab.stateDir, { recursive: true })) {
    const path = join(lab.stateDir, name);
    if ((await stat(path)).isFile()) all[name] = await readFile(path, 'latin1');
  }
  return all;
}

scenario(
  'a secret stands in no log, error, page, metric, argument, state or dead letter, though the servers repeat it',
  async () => {
    const repeats = ({ headers, body }: Received, status: number) => {
      const [, basic = ''] = String(headers.authorization).split(' ');
      const said = `${String(headers.authorization)} ${Buffer.from(basic, 'base64').toString('latin1')}`;
      return {
        status: body.includes('poison') ? 400 : status,
        body: `you said ${said}`,
        headers: { location: `http://x/${encodeURIComponent(said)}` },
      };
    };
    await using server = await ScriptedHttp.start({ answer: (received) => repeats(received, 401) });
    await using other = await ScriptedHttp.start({ answer: (received) => repeats(received, 200) });
    await using lab = await prepareAgent({ outputs: 'elasticsearch,http' });
    const tokenFile = join(lab.dir, 'token');
    await writeFile(tokenFile, `Authorization: Bearer ${secrets.token}\n`);
    const env = {
      PANNIER_ELASTICSEARCH_URL: server.url.replace('//', `//elastic:${secrets.password}@`),
      PANNIER_HTTP_URL: `${other.url}/in`,
      PANNIER_HTTP_HEADERS_FILE: tokenFile,
      PANNIER_REDACT: 'cards',
      PANNIER_REDACT_MODE: 'hash',
      PANNIER_REDACT_KEY: secrets.redactKey,
    };
    await lab.start(env);
    lab.ledgerBytes = () => undefined;
    await lab.logs.append('app.log', 'fine\n');
    await lab.logs.append('poison.log', 'poison\n');
    await until(async () => (await lab.deadLetters('http')).length === 1, { what: 'the dead letter is there' });
    await lab.shows('the error', ({ outputs }) => outputs.elasticsearch?.last_error?.code === 'OUTPUT_AUTH');
    const all = await readable(lab);
    const config = await runCommand({ env: { ...lab.env, ...env }, args: ['config'], cwd: lab.dir });
    const json = await runCommand({ env: { ...lab.env, ...env }, args: ['config', '--json'], cwd: lab.dir });
    all.config = config.stdout + config.stderr + json.stdout + json.stderr;
    assert.equal(config.code, 0);
    const encoded = Buffer.from(`elastic:${secrets.password}`).toString('base64');
    for (const [where, text] of Object.entries(all))
      for (const secret of [...Object.values(secrets), encoded])
        assert.ok(!text.includes(secret), `${where} holds ${secret}: ${text.slice(0, 2_000)}`);
    assert.match(all.health ?? '', /you said/, 'what the server said is shown, without the secret');
  },
);

scenario('TLS that is not verified is a reason in health for as long as it is so', async () => {
  await using lab = await prepareAgent({ outputs: 'http,stdout' });
  await lab.start({ PANNIER_HTTP_URL: 'https://127.0.0.1:1/', PANNIER_HTTP_TLS_VERIFY: 'false' });
  const { status, reasons } = await lab.health();
  assert.equal(status, 'degraded');
  const { output, message, action } = reasons.find(({ code }) => code === 'OUTPUT_TLS_UNVERIFIED') ?? {};
  assert.equal(output, 'http');
  assert.match(String(message), /PANNIER_HTTP_TLS_VERIFY=false/);
  assert.match(String(action), /PANNIER_HTTP_CA_FILE/);
  await lab.restart({ PANNIER_HTTP_URL: 'https://127.0.0.1:1/' });
  assert.ok(!(await lab.health()).reasons.some(({ code }) => code === 'OUTPUT_TLS_UNVERIFIED'));
});
