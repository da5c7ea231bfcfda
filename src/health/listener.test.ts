import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { test } from 'node:test';
import { readHealth } from '../../test/support/health-form.js';
import { ManualClock } from '../../test/support/manual-clock.js';
import { refused, sampleOutput, sampleStatus } from '../../test/support/sample-status.js';
import { until } from '../../test/support/until.js';
import { silentLog } from '../types/log.js';
import type { AgentStatus } from '../types/stats.js';
import { startListener } from './listener.js';
import type { Listener, ListenerOptions } from './listener.js';

interface Lab extends AsyncDisposable {
  readonly listener: Listener;
  readonly port: number;
  /** What the listener logged as errors. */
  readonly errors: string[];
  readonly commands: string[];
  ask(path: string, options?: Ask): Promise<Reply>;
}
interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}
interface Reply {
  readonly code: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function lab(status: Partial<AgentStatus> = {}, options: Partial<ListenerOptions> = {}): Promise<Lab> {
  const errors: string[] = [];
  const commands: string[] = [];
  const listener = await startListener({
    listen: { host: '127.0.0.1', port: 0 },
    statusPublic: false,
    control: 'on',
    probes: () => sampleStatus(status),
    status: () => sampleStatus(status),
    onQuit: () => commands.push('quit'),
    onReload: () => commands.push('reload'),
    log: { ...silentLog, error: (_fields, message) => errors.push(message) },
    clock: new ManualClock(),
    ...options,
  });
  const port = listener.port ?? 0;
  return {
    listener,
    port,
    errors,
    commands,
    ask: (path, asked) => ask(port, path, asked),
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}

function ask(port: number, path: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ code: response.statusCode ?? 0, headers: response.headers, body: text }));
      response.on('error', reject);
    });
    asking.on('error', reject);
    asking.end(body);
  });
}

/** Sends raw bytes and gives what comes back until the connection ends. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
  socket.on('error', () => {});
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

const paths = '/ /livez /readyz /startupz /health /metrics /quit /reload';

test('probes answer 200 or 503 by what the agent says, and never ask about an output', async () => {
  await using well = await lab({ outputs: [sampleOutput('es', refused)] });
  await using ill = await lab({ live: false, ready: false });
  for (const path of ['/livez', '/readyz', '/startupz']) {
    assert.equal((await well.ask(path)).code, 200, path);
    assert.equal((await ill.ask(path)).code, 503, path);
  }
  // With thousands of files the whole status costs milliseconds, and probes come as often as somebody likes.
  await using dear = await lab({}, { status: () => assert.fail('the status of all files was gathered') });
  for (const path of ['/livez', '/readyz', '/startupz']) assert.equal((await dear.ask(path)).code, 200, path);
  await using starting = await lab({ ready: false });
  assert.equal((await starting.ask('/livez')).code, 200);
});

test('/health is 200 unless failing, and with strict=1 unless degraded', async () => {
  await using ok = await lab();
  await using degraded = await lab({ outputs: [sampleOutput('es', refused)] });
  await using failing = await lab({ failing: true });
  const codes = async (path: string) => [
    (await ok.ask(path)).code,
    (await degraded.ask(path)).code,
    (await failing.ask(path)).code,
  ];
  assert.deepEqual(await codes('/health'), [200, 200, 503]);
  assert.deepEqual(await codes('/health?strict=1'), [200, 503, 503]);
  assert.deepEqual(await codes('/health?strict=0'), [200, 200, 503]);
  const reply = await degraded.ask('/health');
  assert.equal(reply.headers['content-type'], 'application/json');
  assert.equal(readHealth(reply.body).status, 'degraded');
});

test('paths and error texts are for callers of loopback, or for everybody when the operator says so', async () => {
  const status: Partial<AgentStatus> = {
    outputs: [sampleOutput('es', refused)],
    files: [{ path: '/secret.log', format: 'raw', parsedShare: undefined, size: 1, state: 'open', outputs: {} }],
    filesTotal: 1,
  };
  const foreign = { headers: { Host: 'pannier.shop.svc:9600' } };
  const knows = ({ body }: Reply): boolean => body.includes('/secret.log') && body.includes('ECONNREFUSED');
  const tells = ({ body }: Reply): boolean => /secret|ECONNREFUSED/.test(body);
  await using closed = await lab(status);
  await using open = await lab(status, { statusPublic: true });
  for (const path of ['/health', '/']) {
    assert.ok(knows(await closed.ask(path)), path);
    assert.ok(!tells(await closed.ask(path, foreign)), path);
    assert.ok(knows(await open.ask(path, foreign)), path);
  }
});

test('/metrics is Prometheus’ text, and two scrapes at once both get it', async () => {
  await using t = await lab({ outputs: [sampleOutput('es')] });
  const replies = await Promise.all([t.ask('/metrics'), t.ask('/metrics')]);
  for (const { code, headers, body } of replies) {
    assert.equal(code, 200);
    assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
    assert.match(body, /^pannier_output_up\{output="es"\} 1$/m);
    assert.match(body, /^process_resident_memory_bytes \d+$/m);
  }
});

test('the status page comes with a policy that lets it do nothing', async () => {
  await using t = await lab();
  const { code, headers } = await t.ask('/');
  assert.equal(code, 200);
  assert.equal(headers['content-type'], 'text/html; charset=utf-8');
  assert.match(headers['content-security-policy']?.toString() ?? '', /default-src 'none'/);
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal(headers['cache-control'], 'no-store');
});

test('control from loopback is accepted, done once the answer is on its way, and a body does not matter', async () => {
  await using t = await lab();
  assert.equal((await t.ask('/reload', { method: 'POST', body: '{"a":1}' })).code, 202);
  assert.equal((await t.ask('/quit', { method: 'POST' })).code, 202);
  assert.deepEqual(t.commands, ['reload', 'quit']);
});

test('control that a web page, a rebound name or a relay asks for is refused and not done', async () => {
  await using t = await lab();
  const foreign: Readonly<Record<string, string>>[] = [
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
    { Host: 'evil.example' },
    { 'X-Forwarded-For': '127.0.0.1' },
  ];
  for (const headers of foreign)
    for (const path of ['/quit', '/reload'])
      assert.equal((await t.ask(path, { method: 'POST', headers })).code, 403, JSON.stringify(headers));
  assert.deepEqual(t.commands, []);
});

test('control is not there when it is off', async () => {
  await using t = await lab({}, { control: 'off' });
  const { code, body } = await t.ask('/quit', { method: 'POST' });
  assert.equal(code, 404);
  assert.equal(body, 'there is no /quit; there are / /livez /readyz /startupz /health /metrics\n');
  assert.deepEqual(t.commands, []);
});

test('a command that throws is logged and ends nothing', async () => {
  const fail = (): Promise<void> => Promise.reject(new Error('no'));
  await using t = await lab({}, { onReload: fail });
  assert.equal((await t.ask('/reload', { method: 'POST' })).code, 202);
  await until(() => t.errors.length === 1, { what: 'the log entry' });
  assert.equal((await t.ask('/livez')).code, 200);
});

test('a wrong method is 405 and says which are right; an unknown path is 404 and says which there are', async () => {
  await using t = await lab();
  for (const path of ['/health', '/', '/livez', '/metrics']) {
    const { code, headers } = await t.ask(path, { method: 'DELETE' });
    assert.deepEqual([code, headers.allow], [405, 'GET, HEAD'], path);
  }
  const { code, headers } = await t.ask('/quit');
  assert.deepEqual([code, headers.allow], [405, 'POST']);
  for (const path of ['/nothing', '/health/', '//', '/__proto__', '/constructor', '/%2e%2e', '/HEALTH'])
    assert.equal((await t.ask(path)).body, `there is no ${path}; there are ${paths}\n`);
  assert.equal((await t.ask('/x'.repeat(500))).code, 404);
  assert.deepEqual(t.commands, []);
});

test('HEAD gives the head of GET', async () => {
  await using t = await lab();
  for (const path of ['/livez', '/health', '/']) {
    const [head, get] = [await t.ask(path, { method: 'HEAD' }), await t.ask(path)];
    assert.deepEqual([head.code, head.body, head.headers['content-length']], [200, '', get.headers['content-length']]);
  }
});

test('a status that throws is 500, is logged, and the next request is answered again', async () => {
  let broken = true;
  const brokenStatus = (): AgentStatus => {
    if (broken) throw new Error('a defect with /secret in it');
    return sampleStatus();
  };
  await using t = await lab({}, { probes: brokenStatus, status: brokenStatus });
  for (const path of ['/livez', '/health', '/metrics', '/']) {
    const { code, body } = await t.ask(path);
    assert.equal(code, 500, path);
    assert.doesNotMatch(body, /secret/);
  }
  assert.equal(t.errors.length, 4);
  broken = false;
  assert.equal((await t.ask('/livez')).code, 200);
});

test('headers over 8 KiB and what is no HTTP end their connection and nothing else', async () => {
  await using t = await lab();
  assert.match(
    await raw(t.port, `GET /livez HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(9000)}\r\n\r\n`),
    /^HTTP\/1.1 431 /,
  );
  assert.match(await raw(t.port, '\x16\x03\x01 hello\r\n\r\n'), /^HTTP\/1.1 400 /);
  assert.equal((await t.ask('/livez')).code, 200);
});

test('a body that goes on ends its connection', async () => {
  await using t = await lab();
  const head = 'POST /reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n';
  const socket = connect(t.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(head);
  let open = true;
  socket.on('close', () => (open = false));
  socket.resume();
  await until(
    () => {
      if (open) socket.write('x'.repeat(16 * 1024));
      return !open;
    },
    { what: 'the connection is ended' },
  );
  assert.ok(socket.bytesWritten < 4 * 1024 * 1024, `${socket.bytesWritten} bytes were taken`);
  assert.equal((await t.ask('/livez')).code, 200);
});

test('who holds every connection keeps no probe out: the oldest of 64 ends for a new one', async () => {
  await using t = await lab();
  const sockets: Socket[] = [];
  const ended: number[] = [];
  try {
    for (let count = 0; count < 70; count++) {
      const socket = connect(t.port, '127.0.0.1');
      socket.on('error', () => {}).on('close', () => ended.push(count));
      socket.resume();
      sockets.push(socket);
      await once(socket, 'connect');
      if (count % 2 === 0) socket.write('GET /livez HTTP/1.1\r\nX-Slow: ');
    }
    await until(() => ended.length === 6, { what: 'six connections are ended', instead: () => ended.join() });
    assert.deepEqual(ended, [0, 1, 2, 3, 4, 5]);
    for (let probe = 0; probe < 10; probe++) assert.equal((await t.ask('/livez')).code, 200);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
  assert.equal((await t.ask('/livez')).code, 200);
});

test('a port that is taken is logged once and named, and had once it is free', async () => {
  const taken = createServer();
  taken.listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const clock = new ManualClock();
  await using t = await lab({}, { listen: { host: '127.0.0.1', port }, clock });
  try {
    assert.equal(t.listener.port, undefined);
    assert.match(t.listener.problem, new RegExp(`PANNIER_LISTEN=127\\.0\\.0\\.1:${port} .*EADDRINUSE`));
    await clock.advance(9_999);
    assert.equal(clock.waiting, 1);
    await clock.advance(1);
    await until(() => clock.waiting === 1, { what: 'another wait after a try in vain' });
    assert.equal(t.errors.length, 1, 'said once');
  } finally {
    taken.close();
    await once(taken, 'close');
  }
  await clock.advance(10_000);
  await until(() => t.listener.port === port, { what: 'it listens' });
  assert.equal(t.listener.problem, '');
  assert.equal((await ask(port, '/livez')).code, 200);
});

test('an address that this machine has not is a problem, not an end', async () => {
  await using t = await lab({}, { listen: { host: '203.0.113.7', port: 9600 } });
  assert.match(t.listener.problem, /203\.0\.113\.7:9600/);
});

test('off opens nothing, and a disposal ends a wait for a port', async () => {
  await using off = await lab({}, { listen: undefined });
  assert.deepEqual([off.listener.port, off.listener.problem], [undefined, '']);
  const clock = new ManualClock();
  const waiting = await lab({}, { listen: { host: '203.0.113.7', port: 9600 }, clock });
  await waiting[Symbol.asyncDispose]();
  assert.equal(clock.waiting, 0);
});

test('a disposal ends open connections and frees the port', async () => {
  const t = await lab();
  const socket = connect(t.port, '127.0.0.1');
  await once(socket, 'connect');
  const closed = once(socket, 'close');
  // The second answer shows that the server has seen the beginning of the third request.
  socket.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\nGET /livez HTTP/1.1\r\nHost: x\r\n\r\nGET /li');
  let answers = '';
  socket.setEncoding('utf8').on('data', (text: string) => (answers += text));
  await until(() => answers.split('200 OK').length === 3, { what: 'two answers' });
  await t[Symbol.asyncDispose]();
  await closed;
  // A server that waits for the rest of a request gives up with 408.
  assert.equal(answers.split('HTTP/1.1').length, 3);
  await assert.rejects(t.ask('/livez'), /ECONNREFUSED/);
});
