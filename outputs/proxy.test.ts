import assert from 'node:assert/strict';
import test from 'node:test';
import { ConfigError } from '../src/types/errors.js';
import { proxyFor } from './proxy.js';

const proxy = (url: string, environment: Record<string, string>) => proxyFor(new URL(url), environment)?.href;

test('HTTPS_PROXY is for https only; the lower-case form wins; a bare host is http', () => {
  assert.equal(proxy('https://a', { HTTPS_PROXY: 'http://p:3128' }), 'http://p:3128/');
  assert.equal(proxy('http://a', { HTTPS_PROXY: 'http://p:3128' }), undefined);
  assert.equal(proxy('https://a', { HTTPS_PROXY: 'http://p', https_proxy: 'http://q' }), 'http://q/');
  assert.equal(proxy('https://a', { HTTPS_PROXY: 'p:3128' }), 'http://p:3128/');
  assert.equal(proxy('https://a', { HTTPS_PROXY: '' }), undefined);
  assert.equal(proxy('https://a', {}), undefined);
  for (const bad of ['socks5://p', 'http://'])
    assert.throws(() => proxy('https://a', { HTTPS_PROXY: bad }), ConfigError);
});

test('NO_PROXY exempts hosts, their subdomains, and single ports', () => {
  const goes = (url: string, exceptions: string) =>
    proxy(url, { HTTPS_PROXY: 'http://p', NO_PROXY: exceptions }) !== undefined;
  assert.equal(goes('https://es.example.com', 'other, example.com'), false);
  assert.equal(goes('https://es.example.com', '.example.com'), false);
  assert.equal(goes('https://es.example.com', '*.Example.com'), false);
  assert.equal(goes('https://example.com.evil', 'example.com'), true);
  assert.equal(goes('https://notexample.com', 'example.com'), true);
  assert.equal(goes('https://a:9200', 'a:9200'), false);
  assert.equal(goes('https://a', 'a:443'), false);
  assert.equal(goes('https://a:9200', 'a:443'), true);
  assert.equal(goes('https://10.0.0.1', '10.0.0.1'), false);
  assert.equal(goes('https://a', '*'), false);
  assert.equal(goes('https://a', ' , ,'), true);
});
