import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelsPath, readOrigin, type OriginSources } from './origin.js';

const labels = 'app="shop"\napp.kubernetes.io/name="pay"\nrack="rack-22"\n';
const sources = (changed: Partial<OriginSources> = {}): OriginSources => ({
  env: {},
  readFile: () => undefined,
  hostname: 'pay-7c9',
  serviceName: undefined,
  ...changed,
});

test('the downward API says who we are', () => {
  const env = { POD_NAME: 'pay-7c9', POD_NAMESPACE: 'shop', NODE_NAME: 'n1', POD_UID: 'u-1', CONTAINER_NAME: 'app' };
  const readFile = (path: string): string | undefined => (path === labelsPath ? labels : undefined);
  assert.deepEqual(readOrigin(sources({ env, readFile })), {
    pod: 'pay-7c9',
    namespace: 'shop',
    node: 'n1',
    podUid: 'u-1',
    container: 'app',
    service: 'pay',
    host: 'pay-7c9',
    labels: { app: 'shop', 'app.kubernetes.io/name': 'pay', rack: 'rack-22' },
  });
});

test('the service is named by the first of setting, OpenTelemetry, labels and container that is there', () => {
  const env = { OTEL_SERVICE_NAME: 'otel', CONTAINER_NAME: 'container' };
  const service = (changed: Partial<OriginSources>): string => readOrigin(sources(changed)).service;
  assert.equal(service({ env, readFile: () => labels, serviceName: 'setting' }), 'setting');
  assert.equal(service({ env, readFile: () => labels, serviceName: '' }), 'otel');
  assert.equal(service({ env: { ...env, OTEL_SERVICE_NAME: '' }, readFile: () => labels }), 'pay');
  assert.equal(service({ env: { CONTAINER_NAME: 'container' }, readFile: () => 'app="shop"' }), 'shop');
  assert.equal(service({ env: { CONTAINER_NAME: 'container' } }), 'container');
  assert.equal(service({}), '');
});

test('without a labels file, or with an unreadable one, there are no labels', () => {
  const readFile = (): never => {
    throw new Error('EACCES');
  };
  assert.deepEqual(readOrigin(sources({ readFile })).labels, {});
  assert.deepEqual(readOrigin(sources()).labels, {});
});

test('lines of a labels file that are none are left out, and a label may have any name', () => {
  const readFile = (): string => 'words\n=x\na=unquoted\nb="open\nc=1\n__proto__="p"\nd="say \\"hi\\""\r\nlast="l"';
  const origin = readOrigin(sources({ readFile }));
  assert.deepEqual(Object.entries(origin.labels), [
    ['__proto__', 'p'],
    ['d', 'say "hi"'],
    ['last', 'l'],
  ]);
  assert.equal(Object.getPrototypeOf(origin.labels), Object.prototype);
});
