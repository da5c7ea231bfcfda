import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Origin } from '../types/record.js';
import { staticMembers } from './static-members.js';

const unknown: Origin = {
  pod: '',
  namespace: '',
  node: '',
  podUid: '',
  container: '',
  service: '',
  host: 'h1',
  labels: {},
};
const inPod: Origin = { ...unknown, pod: 'pay-7c9', namespace: 'shop', node: 'n1', service: 'pay' };

test('a record of a pod has the members of the example in the design', () => {
  assert.equal(
    JSON.stringify(staticMembers(inPod, {})),
    '{"service":{"name":"pay"},"kubernetes":{"namespace":"shop","pod":{"name":"pay-7c9"},"node":{"name":"n1"}}}',
  );
});

test('uid, container and labels are there when they are known', () => {
  const labels = { app: 'shop', 'app.kubernetes.io/name': 'pay', __proto_: 'x' };
  assert.deepEqual(staticMembers({ ...inPod, podUid: 'u-1', container: 'app', labels }, {}), {
    service: { name: 'pay' },
    kubernetes: {
      namespace: 'shop',
      pod: { name: 'pay-7c9', uid: 'u-1' },
      node: { name: 'n1' },
      container: { name: 'app' },
      labels: { app: 'shop', 'app_kubernetes_io/name': 'pay', __proto_: 'x' },
    },
  });
});

test('outside of Kubernetes the host is named instead', () => {
  assert.deepEqual(staticMembers({ ...unknown, service: 'pay' }, {}), {
    service: { name: 'pay' },
    host: { name: 'h1' },
  });
  assert.deepEqual(staticMembers({ ...unknown, host: '' }, {}), {});
});

test('fields are added, nest at their dots, and win', () => {
  const fields = { team: 'payments', 'a.b.c': '1', 'a.b.d': '2', 'service.name': 'mine', 'service.version': '3' };
  assert.deepEqual(staticMembers(inPod, fields), {
    service: { name: 'mine', version: '3' },
    kubernetes: { namespace: 'shop', pod: { name: 'pay-7c9' }, node: { name: 'n1' } },
    team: 'payments',
    a: { b: { c: '1', d: '2' } },
  });
});

test('a field at a place where a text stood replaces it', () => {
  assert.deepEqual(staticMembers({ ...unknown, host: '' }, { a: '1', 'a.b': '2' }), { a: { b: '2' } });
  assert.deepEqual(staticMembers({ ...unknown, host: '' }, { 'a.b': '2', a: '1' }), { a: '1' });
});

test('a field of any name changes nothing but the record', () => {
  const fields = Object.fromEntries([
    ['__proto__.polluted', 'yes'],
    ['constructor.prototype.polluted', 'yes'],
    ['a..b', 'empty name'],
  ]);
  const members = staticMembers({ ...unknown, host: '' }, fields);
  assert.equal(Reflect.get({}, 'polluted'), undefined);
  assert.deepEqual(Object.keys(members), ['__proto__', 'constructor']);
  assert.equal(JSON.stringify(members['constructor']), '{"prototype":{"polluted":"yes"}}');
});
