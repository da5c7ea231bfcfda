import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import tls, { type SecureVersion } from 'node:tls';
import { RetryableError } from '../../src/types/errors.js';
import { type KeyPair, TestAuthority } from '../support/certificates.js';
import { credentials, httpTypes, openOutput, sent } from '../support/http-outputs.js';

const skip = !TestAuthority.isPossible() && 'openssl is not there';
const authority = skip === false ? new TestAuthority() : undefined;
after(() => authority?.[Symbol.dispose]());

// What somebody could have put into the environment of the container: none of it may count.
tls.DEFAULT_MIN_VERSION = 'TLSv1';
tls.DEFAULT_CIPHERS = 'DEFAULT@SECLEVEL=0';
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
process.removeAllListeners('warning');

interface Impostor extends AsyncDisposable {
  readonly url: string;
  /** Requests that got through, with whatever they carried. */
  readonly heard: string[];
}

async function impostor(pair: KeyPair, maxVersion: SecureVersion = 'TLSv1.3'): Promise<Impostor> {
  const heard: string[] = [];
  const server: Server = createServer(
    {
      cert: readFileSync(pair.certFile),
      key: readFileSync(pair.keyFile),
      minVersion: 'TLSv1',
      maxVersion,
      ciphers: 'DEFAULT@SECLEVEL=0',
    },
    (request, response) => {
      heard.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
      response.writeHead(200, { 'x-elastic-product': 'Elasticsearch', 'content-type': 'application/json' });
      response.end('{"errors":false,"items":[]}');
    },
  );
  server.on('tlsClientError', () => {});
  server.on('connect', ({ url, headers }, socket) => {
    heard.push(`CONNECT ${url} ${JSON.stringify(headers)}`);
    socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** By name: a server that must hear nothing. The trust of the client is `caFile` in each. */
function impostors(mine: TestAuthority, stranger: TestAuthority): Record<string, () => Promise<Impostor>> {
  return {
    'TLS 1.0 at most': () => impostor(mine.issue('old'), 'TLSv1'),
    'TLS 1.1 at most': () => impostor(mine.issue('old'), 'TLSv1.1'),
    'a certificate for another host': () => impostor(mine.issue('other', 'DNS:other.example,IP:127.0.0.2')),
    'an expired certificate': () => impostor(mine.issue('expired', 'IP:127.0.0.1', -1)),
    'a certificate of another authority': () => impostor(stranger.issue('server')),
    'a certificate that signed itself': () => {
      const keyFile = stranger.caFile.replace(/ca\.pem$/, 'ca.key');
      return impostor({ certFile: stranger.caFile, keyFile });
    },
  };
}

for (const type of httpTypes) {
  test(`${type}: TLS 1.2 is spoken, with the right name and authority`, { skip }, async () => {
    assert.ok(authority !== undefined);
    await using server = await impostor(authority.issue('server'), 'TLSv1.2');
    await using output = await openOutput(type, server.url, { caFile: authority.caFile });
    await sent(output);
    assert.equal(server.heard.length, 1);
  });

  test(
    `${type}: who cannot prove to be the destination hears nothing, whatever the environment says`,
    { skip },
    async () => {
      assert.ok(authority !== undefined);
      using stranger = new TestAuthority('another authority');
      for (const [what, start] of Object.entries(impostors(authority, stranger))) {
        await using server = await start();
        await using output = await openOutput(type, server.url, { caFile: authority.caFile });
        const error = await sent(output);
        assert.ok(error instanceof RetryableError, `${what}: ${String(error)}`);
        assert.equal(error.code, 'OUTPUT_TLS', `${what}: ${error.message}`);
        assert.deepEqual(server.heard, [], what);
        for (const secret of Object.values(credentials)) assert.ok(!error.message.includes(secret), what);
      }
    },
  );
}

test('a TLS proxy must prove who it is too, before it gets its password', { skip }, async () => {
  assert.ok(authority !== undefined);
  using stranger = new TestAuthority('another authority');
  await using proxy = await impostor(stranger.issue('proxy'));
  process.env.HTTPS_PROXY = proxy.url.replace('https://', 'https://me:proxy-password@');
  try {
    for (const type of httpTypes) {
      await using output = await openOutput(type, 'https://destination.invalid', { caFile: authority.caFile });
      const error = await sent(output);
      assert.ok(error instanceof RetryableError, String(error));
      assert.doesNotMatch(error.message, /proxy-password/);
    }
  } finally {
    delete process.env.HTTPS_PROXY;
  }
  assert.deepEqual(proxy.heard, []);
});

test('an output that takes any certificate says by which setting', async () => {
  for (const type of ['http', 'elasticsearch'] as const) {
    await using loose = await openOutput(type, 'https://127.0.0.1:1', { tlsVerify: false });
    assert.equal(loose.unverifiedBy, `PANNIER_${type.toUpperCase()}_TLS_VERIFY`);
    await using plain = await openOutput(type, 'http://127.0.0.1:1', { tlsVerify: false });
    assert.equal(plain.unverifiedBy, undefined, 'there is nothing to verify');
    await using strict = await openOutput(type, 'https://127.0.0.1:1');
    assert.equal(strict.unverifiedBy, undefined);
  }
});
