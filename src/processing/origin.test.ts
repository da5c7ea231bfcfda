import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOrigin, type OriginSources } from './origin.js';

const labels = 'app="shop"\napp.kubernetes.io/name="pay"\nrack="rack-22"\n';
const sources = (changed: Partial<OriginSources> = {}): OriginSources => ({
  env: {},
  labels: '',
  annotations: '',
  task: undefined,
  hostname: 'pay-7c9',
  serviceName: undefined,
  wantedAnnotations: [],
  ...changed,
});

test('the downward API says who we are', () => {
  const env = { POD_NAME: 'pay-7c9', POD_NAMESPACE: 'shop', NODE_NAME: 'n1', POD_UID: 'u-1', CONTAINER_NAME: 'app' };
  const annotations = 'example.com/owner="ann"\nkubernetes.io/config.hash="x"\n';
  assert.deepEqual(readOrigin(sources({ env, labels, annotations, wantedAnnotations: ['example.com/*'] })), {
    pod: 'pay-7c9',
    namespace: 'shop',
    node: 'n1',
    podUid: 'u-1',
    container: 'app',
    service: 'pay',
    host: 'pay-7c9',
    labels: { app: 'shop', 'app.kubernetes.io/name': 'pay', rack: 'rack-22' },
    task: '',
    annotations: { 'example.com/owner': 'ann' },
    attributes: new Map(),
    ecs: undefined,
  });
});

test('the service is named by the first of setting, OpenTelemetry, labels and container that is there', () => {
  const attributes = 'service.name=by%20attribute';
  const env = { OTEL_SERVICE_NAME: 'otel', OTEL_RESOURCE_ATTRIBUTES: attributes, CONTAINER_NAME: 'container' };
  const service = (changed: Partial<OriginSources>): string => readOrigin(sources(changed)).service;
  assert.equal(service({ env, labels, serviceName: 'setting' }), 'setting');
  assert.equal(service({ env, labels, serviceName: '' }), 'otel');
  assert.equal(service({ env: { ...env, OTEL_SERVICE_NAME: '' }, labels }), 'by attribute');
  assert.equal(service({ env: { CONTAINER_NAME: 'container' }, labels }), 'pay');
  assert.equal(service({ env: { CONTAINER_NAME: 'container' }, labels: 'app="shop"' }), 'shop');
  assert.equal(service({ env: { CONTAINER_NAME: 'container' } }), 'container');
  assert.equal(service({}), '');
});

test('attributes of an OpenTelemetry operator stand in for the downward API, which wins', () => {
  const OTEL_RESOURCE_ATTRIBUTES =
    'k8s.pod.name=p,k8s.namespace.name=n,k8s.node.name=w,k8s.pod.uid=u,k8s.container.name=c,host.name=h';
  const { pod, namespace, node, podUid, container, host } = readOrigin(
    sources({ env: { OTEL_RESOURCE_ATTRIBUTES, POD_NAME: 'own' } }),
  );
  assert.deepEqual([pod, namespace, node, podUid, container, host], ['own', 'n', 'w', 'u', 'c', 'h']);
});

test('lines of a labels file that are none are left out, and a label may have any name', () => {
  const text = 'words\n=x\na=unquoted\nb="open\nc=1\n__proto__="p"\nd="say \\"hi\\""\r\nlast="l"';
  const origin = readOrigin(sources({ labels: text }));
  assert.deepEqual(Object.entries(origin.labels), [
    ['__proto__', 'p'],
    ['d', 'say "hi"'],
    ['last', 'l'],
  ]);
  assert.equal(Object.getPrototypeOf(origin.labels), Object.prototype);
});
