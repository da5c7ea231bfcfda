import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EcsTask } from './ecs-task.js';
import type { Surrounded } from './origin.js';
import { staticMembers } from './static-members.js';

const unknown: Surrounded = {
  pod: '',
  namespace: '',
  node: '',
  podUid: '',
  container: '',
  service: '',
  host: 'h1',
  labels: {},
  annotations: {},
  attributes: new Map(),
  ecs: undefined,
};
const inPod: Surrounded = { ...unknown, pod: 'pay-7c9', namespace: 'shop', node: 'n1', service: 'pay' };

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

const ecs: EcsTask = {
  id: 't1',
  arn: 'arn:task',
  clusterArn: '',
  clusterName: 'shop',
  family: 'pay',
  revision: '',
  launchType: '',
  region: '',
  zone: '',
  account: '',
  container: { id: 'c1', name: 'app', arn: '', image: 'pay', tag: '' },
};

test('in an ECS task the container is no part of Kubernetes, and the host is named', () => {
  assert.deepEqual(staticMembers({ ...unknown, ecs, container: 'app', service: 'pay' }, {}), {
    cloud: { provider: 'aws' },
    orchestrator: { type: 'ecs', cluster: { name: 'shop' } },
    aws: { ecs: { task: { arn: 'arn:task', id: 't1', family: 'pay' } } },
    container: { id: 'c1', name: 'app', image: { name: 'pay' } },
    service: { name: 'pay' },
    host: { name: 'h1' },
  });
});

test('resource attributes add to what is known, annotations stand beside the labels', () => {
  const attributes = new Map([
    ['service.version', '1.4'],
    ['service.name', 'not this one'],
    ['deployment.environment.name', 'prod'],
    ['my.team', 'pay'],
    ['__proto__', 'p'],
  ]);
  const members = staticMembers({ ...inPod, attributes, annotations: { 'example.com/owner': 'ann' } }, {});
  assert.equal(
    JSON.stringify(members),
    '{"service":{"version":"1.4","name":"pay","environment":"prod"},"labels":{"my_team":"pay","__proto__":"p"},' +
      '"kubernetes":{"namespace":"shop","pod":{"name":"pay-7c9"},"node":{"name":"n1"},"annotations":{"example_com/owner":"ann"}}}',
  );
});
