import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { getEventListeners, once } from 'node:events';
import test, { after, before } from 'node:test';
import { ConfigError, RetryableError } from '../src/types/errors.js';
import { type KeyPair, TestAuthority } from '../test/support/certificates.js';
import { ScriptedHttp } from '../test/support/scripted-http.js';
import { HttpClient, type HttpClientOptions } from './http-client.js';
import { checkTls, type TlsFiles } from './tls.js';

const noFiles: TlsFiles = { caFile: undefined, certFile: undefined, keyFile: undefined, verify: true };
const get = { method: 'GET', path: '/', headers: {}, maxReplyBytes: 1000, statusIsEnough: false } as const;
const never = new AbortController().signal;

function client(url: string, tls: Partial<TlsFiles> = {}, over: Partial<HttpClientOptions> = {}): HttpClient {
  return new HttpClient({
    url: new URL(url),
    tls: { ...noFiles, ...tls },
    proxy: undefined,
    connections: 2,
    connectTimeoutMs: 10_000,
    requestTimeoutMs: 20_000,
    ...over,
  });
}
async function failure(promise: Promise<unknown>): Promise<RetryableError> {
  const error = await promise.then(
    (value) => assert.fail(`resolved with ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
  assert.ok(error instanceof RetryableError, String(error));
  return error;
}

const skip = TestAuthority.isPossible() ? false : 'no openssl here';
let authority: TestAuthority;
let serverPair: KeyPair;
before(() => {
  if (skip !== false) return;
  authority = new TestAuthority();
  serverPair = authority.issue('server');
});
after(() => {
  if (skip === false) authority[Symbol.dispose]();
});

const pem = ({ certFile, keyFile }: KeyPair) => ({ cert: readFileSync(certFile), key: readFileSync(keyFile) });
/** A TLS server that answers with the name in the client's certificate. */
const startTls = (pair: KeyPair = serverPair, wantsClient = false) =>
  ScriptedHttp.start({
    tls: {
      ...pem(pair),
      ca: readFileSync(authority.caFile),
      requestCert: wantsClient,
      rejectUnauthorized: wantsClient,
    },
    answer: () => ({ status: 200, body: 'hello' }),
  });

test(
  'a server whose certificate is from CA_FILE is trusted, another one is not and gets no byte',
  { skip },
  async () => {
    await using server = await startTls();
    using trusting = client(server.url, { caFile: authority.caFile });
    assert.equal((await trusting.exchange(get, never)).body, 'hello');

    using stranger = client(server.url);
    const error = await failure(stranger.exchange(get, never));
    assert.equal(error.code, 'OUTPUT_TLS');
    assert.match(error.message, /set CA_FILE/);
    assert.equal(server.received.length, 1);

    using careless = client(server.url, { verify: false });
    assert.equal((await careless.exchange(get, never)).body, 'hello');
  },
);

test('a certificate for another name is refused', { skip }, async () => {
  await using server = await startTls(authority.issue('other', 'DNS:elsewhere.example'));
  using trusting = client(server.url, { caFile: authority.caFile });
  const error = await failure(trusting.exchange(get, never));
  assert.equal(error.code, 'OUTPUT_TLS');
  assert.match(error.message, /another name/);
});

test('a client certificate is shown, and its lack is named', { skip }, async () => {
  await using server = await startTls(serverPair, true);
  using shown = client(server.url, { caFile: authority.caFile, ...authority.issue('client') });
  assert.equal((await shown.exchange(get, never)).status, 200);
  using bare = client(server.url, { caFile: authority.caFile });
  const error = await failure(bare.exchange(get, never));
  assert.equal(error.code, 'OUTPUT_TLS');
  assert.match(error.message, /CERT_FILE/);
});

test('a renewed CA file is used for the next connection, a half-written one is not', { skip }, async () => {
  using stranger = new TestAuthority('stranger');
  const caFile = authority.file('changing.pem');
  copyFileSync(stranger.caFile, caFile);
  await using server = await startTls();
  using changing = client(server.url, { caFile });
  assert.equal((await failure(changing.exchange(get, never))).code, 'OUTPUT_TLS');
  copyFileSync(authority.caFile, caFile);
  assert.equal((await changing.exchange(get, never)).body, 'hello');
  writeFileSync(caFile, '-----BEGIN CERTIFICATE-----\nMII');
  server.next({ kind: 'reply', status: 200, headers: { connection: 'close' } });
  await changing.exchange(get, never);
  await server.disconnected();
  assert.equal((await changing.exchange(get, never)).body, 'hello');
});

test('files that cannot be used stop the start, each with its setting', { skip }, () => {
  const pair = authority.issue('client');
  const other = authority.issue('other');
  const problem = (files: Partial<TlsFiles>) => {
    try {
      checkTls({ ...noFiles, ...files }, (name) => `PANNIER_X_${name}`);
    } catch (error) {
      assert.ok(error instanceof ConfigError);
      return error.message;
    }
    return '';
  };
  assert.equal(problem({ caFile: authority.caFile, ...pair }), '');
  assert.match(problem({ caFile: '/nowhere' }), /PANNIER_X_CA_FILE: cannot be read/);
  assert.match(problem({ certFile: pair.certFile }), /PANNIER_X_CERT_FILE: needs PANNIER_X_KEY_FILE/);
  assert.match(problem({ certFile: pair.certFile, keyFile: other.keyFile }), /not usable as PEM/);
  const garbage = authority.file('garbage.pem');
  writeFileSync(garbage, 'garbage');
  assert.match(problem({ certFile: garbage, keyFile: pair.keyFile }), /not usable as PEM/);
  assert.match(problem({ caFile: garbage }), /not usable as PEM/);
});

test('TLS spoken to a plain server, and the other way round, is told as such', { skip }, async () => {
  await using plain = await ScriptedHttp.start({ answer: () => ({ status: 200 }) });
  using secure = client(plain.url.replace('http:', 'https:'));
  const error = await failure(secure.exchange(get, never));
  assert.equal(error.code, 'OUTPUT_TLS');
  assert.match(error.message, /may not speak TLS/);

  await using tls = await startTls();
  using insecure = client(tls.url.replace('https:', 'http:'));
  const broken = await failure(insecure.exchange(get, never));
  assert.ok(['OUTPUT_INVALID_REPLY', 'OUTPUT_UNREACHABLE'].includes(broken.code), broken.code);
});

/** A proxy that knows CONNECT only, and says what it was asked. */
async function startProxy(
  refuse: boolean,
): Promise<{ server: Server; url: string; asked: string[]; sockets: Set<Socket> }> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((_, response) => response.writeHead(405).end());
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  });
  server.on('connect', (request, socket) => {
    asked.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`);
    if (refuse) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const [host, port] = (request.url ?? '').split(':');
    const onwards = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onwards.pipe(socket).pipe(onwards);
    });
    for (const end of [onwards, socket]) end.on('error', () => [onwards, socket].forEach((each) => each.destroy()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://me:s%3Acret@127.0.0.1:${(server.address() as AddressInfo).port}`, asked, sockets };
}

test(
  'https goes through a proxy by CONNECT, and the certificate is still that of the destination',
  { skip },
  async () => {
    await using destination = await startTls();
    const proxy = await startProxy(false);
    try {
      using through = client(destination.url, { caFile: authority.caFile }, { proxy: new URL(proxy.url) });
      assert.equal((await through.exchange(get, never)).body, 'hello');
      assert.equal((await through.exchange(get, never)).body, 'hello');
      assert.deepEqual(proxy.asked, [`127.0.0.1:${destination.port} Basic ${btoa('me:s:cret')}`]);
      using stranger = client(destination.url, {}, { proxy: new URL(proxy.url) });
      assert.equal((await failure(stranger.exchange(get, never))).code, 'OUTPUT_TLS');
    } finally {
      proxy.server.close();
      for (const socket of proxy.sockets) socket.destroy();
    }
  },
);

test('a proxy that refuses, or is not there, is named without its password', { skip }, async () => {
  const proxy = await startProxy(true);
  using through = client('https://destination.invalid', {}, { proxy: new URL(proxy.url) });
  const refused = await failure(through.exchange(get, never));
  assert.equal(refused.code, 'OUTPUT_UNREACHABLE');
  assert.match(refused.message, /proxy 127\.0\.0\.1:\d+ answered 407/);
  proxy.server.close();
  for (const socket of proxy.sockets) socket.destroy();
  await once(proxy.server, 'close');
  const gone = await failure(through.exchange(get, never));
  assert.match(gone.message, /proxy 127\.0\.0\.1:\d+ cannot be used/);
  assert.doesNotMatch(refused.message + gone.message, /cret/);
});

test('a name without an address is unreachable', async () => {
  using lost = client('http://destination.invalid');
  assert.equal((await failure(lost.exchange(get, never))).code, 'OUTPUT_UNREACHABLE');
});

test('a body is sent from the very buffer, and a refusal before its end ends the sending', async () => {
  const server = createServer((_, response) => response.writeHead(413).end('too large'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    using sender = client(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const body = Buffer.alloc(64 << 20, 'x');
    const reply = await sender.exchange({ ...get, method: 'POST', body }, never);
    assert.deepEqual([reply.status, reply.body], [413, 'too large']);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test('a body comes whole over TLS, on a new connection and on a kept one', { skip }, async () => {
  await using server = await startTls();
  using secure = client(server.url, { caFile: authority.caFile });
  const body = Buffer.alloc(3 << 20, 'a line of some length\n');
  for (let exchange = 0; exchange < 3; exchange++) await secure.exchange({ ...get, method: 'POST', body }, never);
  assert.equal(server.connectionsMade, 1);
  for (const { headers, body: came } of server.received) {
    assert.equal(headers['content-length'], String(body.length));
    assert.ok(came.equals(body));
  }
});

test('an answer that is too long, or ends before its end, is none, unless its status is enough', async () => {
  await using server = await ScriptedHttp.start({ answer: () => ({ status: 200, body: 'x'.repeat(1001) }) });
  using asking = client(server.url);
  const exchange = (statusIsEnough: boolean) => asking.exchange({ ...get, statusIsEnough }, never);
  for (const kind of ['announced', 'huge', 'cut-short'] as const) {
    if (kind !== 'announced') server.always({ kind });
    const { code } = await failure(exchange(false));
    assert.equal(code, kind === 'cut-short' ? 'OUTPUT_UNREACHABLE' : 'OUTPUT_INVALID_REPLY', kind);
    assert.equal((await exchange(true)).status, 200, kind);
  }
});

test('an abort ends the exchanges of its signal, and no others', async () => {
  await using server = await ScriptedHttp.start({ answer: () => ({ status: 200 }) });
  using asking = client(server.url, {}, { connections: 3 });
  const [first, second] = [new AbortController(), new AbortController()];
  const ended: string[] = [];
  const exchange = async ({ signal }: AbortController) => {
    await asking.exchange(get, signal).catch((error: unknown) => ended.push(String(error)));
  };
  server.always({ kind: 'hang' });
  const exchanges = [first, first, second].map(exchange);
  await server.started(3);
  assert.equal(getEventListeners(first.signal, 'abort').length, 1, 'a signal hears of a client once');
  first.abort('enough');
  await Promise.all(exchanges.slice(0, 2));
  assert.deepEqual(ended, ['Error: enough', 'Error: enough']);
  assert.equal(getEventListeners(first.signal, 'abort').length, 0);
  second.abort('too');
  await exchanges[2];
  assert.deepEqual(ended.slice(2), ['Error: too']);
});

test('closing ends an exchange under way', async () => {
  await using server = await ScriptedHttp.start({ answer: () => ({ status: 200 }) });
  const closing = client(server.url);
  await closing.exchange(get, never);
  server.always({ kind: 'hang' });
  const exchange = failure(closing.exchange(get, never));
  await server.started(2);
  closing[Symbol.dispose]();
  assert.equal((await exchange).code, 'OUTPUT_UNREACHABLE');
  await server.disconnected();
  assert.equal(server.connectionsMade, 1, 'a kept connection that we closed ourselves is not a stale one');
});

test('a kept connection that has been closed meanwhile is replaced, and nobody hears of it', async () => {
  await using server = await ScriptedHttp.start({ answer: () => ({ status: 200 }) });
  using keeping = client(server.url);
  const post = { ...get, method: 'POST', body: Buffer.from('x') } as const;
  const both = [keeping.exchange(post, never), keeping.exchange(post, never)];
  for (const { status } of await Promise.all(both)) assert.equal(status, 200);
  assert.equal(server.connections, 2);
  server.next({ kind: 'reset' }, { kind: 'reset' });
  assert.equal((await keeping.exchange(post, never)).status, 200);
  assert.equal(server.connectionsMade, 3);
});

test('a new connection that breaks is a failure at once', async () => {
  await using server = await ScriptedHttp.start({ answer: () => ({ status: 200 }) });
  using keeping = client(server.url);
  server.always({ kind: 'reset' });
  const error = await failure(keeping.exchange({ ...get, method: 'POST', body: Buffer.from('x') }, never));
  assert.deepEqual([error.code, error.brokenWhileSending], ['OUTPUT_UNREACHABLE', false]);
  assert.equal(server.connectionsMade, 1);
});
