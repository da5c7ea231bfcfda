import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whyNotControl, whyNotLocal } from './access.js';

const local = { remoteAddress: '127.0.0.1', headers: { host: '127.0.0.1:9600' } };

test('a connection from loopback under a name of loopback is local', () => {
  for (const host of ['127.0.0.1:9600', 'localhost:9600', 'LOCALHOST', '[::1]:9600', '127.0.0.1'])
    for (const remoteAddress of ['127.0.0.1', '::1', '::ffff:127.0.0.1'])
      assert.equal(whyNotControl({ remoteAddress, headers: { host } }), undefined, `${remoteAddress} ${host}`);
});

test('a connection from anywhere else is not, nor one from the address that a service mesh relays from', () => {
  for (const remoteAddress of ['10.0.0.9', '127.0.0.6', '::ffff:10.0.0.9', 'fe80::1', '', undefined])
    assert.notEqual(whyNotLocal({ ...local, remoteAddress }), undefined, String(remoteAddress));
});

test('a Host that is not of loopback is refused: the name of a page that was rebound to 127.0.0.1, or none', () => {
  for (const host of [
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example:9600',
    'localhost:9600x',
    '',
    undefined,
  ])
    assert.notEqual(whyNotLocal({ ...local, headers: { host } }), undefined, String(host));
});

test('what was relayed is not local', () => {
  for (const name of ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip'])
    assert.notEqual(whyNotLocal({ ...local, headers: { ...local.headers, [name]: '127.0.0.1' } }), undefined, name);
});

test('any Origin forbids control, also null and our own, but not looking', () => {
  for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:9600']) {
    const caller = { ...local, headers: { ...local.headers, origin } };
    assert.notEqual(whyNotControl(caller), undefined, origin);
    assert.equal(whyNotLocal(caller), undefined);
  }
});
