import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { PermanentError, RetryableError, TooLargeError } from '../src/types/errors.js';
import { connectionError, excerpt, retryAfter, statusError } from './http-errors.js';

const destination = { host: 'h:1', credentials: 'PANNIER_X_API_KEY' };
const errorOf = (status: number, headers: Record<string, string> = {}, says = '') =>
  statusError({ status, headers, says }, destination, 0);

test('only 400, 413 and 422 judge records; every other status is a fault of the output', () => {
  for (let status = 100; status < 600; status++) {
    if (status >= 200 && status < 300) continue;
    const judged = [400, 413, 422].includes(status);
    const error = errorOf(status);
    assert.ok(judged ? error instanceof PermanentError : error instanceof RetryableError, `${status}`);
    assert.equal(error instanceof TooLargeError, status === 413);
    assert.match(error.message, new RegExp(`^h:1 answered ${status}`));
  }
});

test('a status has the code that tells an operator where to look', () => {
  const codes = [301, 304, 401, 403, 404, 405, 407, 408, 410, 429, 500, 502, 503, 504].map((status) => [
    status,
    errorOf(status).code,
  ]);
  assert.deepEqual(Object.fromEntries(codes), {
    301: 'OUTPUT_REDIRECT',
    304: 'OUTPUT_REDIRECT',
    401: 'OUTPUT_AUTH',
    403: 'OUTPUT_AUTH',
    404: 'OUTPUT_NOT_FOUND',
    405: 'OUTPUT_REFUSED',
    407: 'OUTPUT_AUTH',
    408: 'OUTPUT_TIMEOUT',
    410: 'OUTPUT_NOT_FOUND',
    429: 'OUTPUT_BUSY',
    500: 'OUTPUT_SERVER_ERROR',
    502: 'OUTPUT_SERVER_ERROR',
    503: 'OUTPUT_BUSY',
    504: 'OUTPUT_SERVER_ERROR',
  });
  assert.match(errorOf(401).message, /PANNIER_X_API_KEY/);
});

test('a redirect is told with its host only', () => {
  const { message } = errorOf(302, { location: 'https://u:p@login.example/?token=abc' });
  assert.match(message, /https:\/\/login\.example,/);
  assert.doesNotMatch(message, /abc|u:p/);
  assert.match(errorOf(302, { location: '/login?token=abc' }).message, /another path/);
});

test('Retry-After is seconds or a date', () => {
  assert.equal(retryAfter('7', 0), 7000);
  assert.equal(retryAfter('0', 0), 0);
  assert.equal(retryAfter('Fri, 20 Nov 2026 09:15:12 GMT', Date.UTC(2026, 10, 20, 9, 15, 2)), 10_000);
  assert.equal(retryAfter('Fri, 20 Nov 2026 09:15:12 GMT', Date.UTC(2027, 0)), 0);
  for (const bad of ['', 'soon', '-1', '1e9', '99999999999'])
    assert.equal(retryAfter(bad, Date.UTC(2026, 0)) ?? 0, 0, bad);
  assert.equal(retryAfter(undefined, 0), undefined);
});

test('an excerpt is one short line without control characters, and without any secret', () => {
  const secrets = ['Bearer top-secret', 'top-secret'];
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 600 }), fc.nat(600), (text, at) => {
      const shown = excerpt(text.slice(0, at) + 'Bearer top-secret' + text.slice(at), secrets);
      assert.ok(shown.length <= 300);
      assert.doesNotMatch(shown, /[\p{Cc}\p{Cs}]|top-s/u);
    }),
  );
});

test('an error of the network has its code, and says that the body may be why only where that can be', () => {
  const url = new URL('https://h:9200/');
  const codeOf = (code: string, broken = false) => {
    const error = connectionError(Object.assign(new Error('it failed'), { code }), url, broken);
    return [error.code, error.brokenWhileSending];
  };
  for (const code of ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ETIMEDOUT', ''])
    assert.deepEqual(codeOf(code, true), ['OUTPUT_UNREACHABLE', false]);
  for (const code of ['ECONNRESET', 'EPIPE']) {
    assert.deepEqual(codeOf(code, true), ['OUTPUT_UNREACHABLE', true]);
    assert.deepEqual(codeOf(code, false), ['OUTPUT_UNREACHABLE', false]);
  }
  for (const code of [
    'CERT_HAS_EXPIRED',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'EPROTO',
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ])
    assert.deepEqual(codeOf(code), ['OUTPUT_TLS', false]);
  assert.deepEqual(codeOf('HPE_INVALID_CONSTANT'), ['OUTPUT_INVALID_REPLY', false]);
});

test('when all addresses of a name fail, each reason is told', () => {
  const all = new AggregateError([
    new Error('connect ECONNREFUSED ::1:1'),
    new Error('connect ECONNREFUSED 127.0.0.1:1'),
  ]);
  assert.match(
    connectionError(all, new URL('http://h:1'), false).message,
    /::1:1; connect ECONNREFUSED 127\.0\.0\.1:1/,
  );
});
