import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { checkGroupName, checkStreamName } from '../../test/support/cloudwatch-rules.js';
import type { Origin } from '../../src/types/record.js';
import { groupProblem, Names, streamProblem } from './names.js';

const origin: Origin = {
  pod: 'Pay-7c9',
  namespace: 'shop',
  node: '',
  podUid: '',
  container: 'a/b:c*',
  service: '../x',
  host: 'h',
  labels: {},
};
const birthMs = Date.UTC(2026, 10, 20, 23, 59);

test('a name is made from the pod and the birth of the file, and a value adds no level to it', () => {
  const names = new Names('/{namespace}/{container}/{yyyy.MM}', '{pod}/{service}/{yyyy-MM-dd}', origin);
  assert.deepEqual(names.placeOf({ birthMs }), {
    group: '/shop/a-b-c-/2026.11',
    stream: 'Pay-7c9/..-x/2026-11-20',
  });
});

test('a field of the record is no part of a name, since a name belongs to a file', () => {
  assert.match(groupProblem('/x/{field:user}') ?? '', /field:user/);
  assert.match(streamProblem('{field:user}') ?? '', /field:user/);
});

test('what AWS would refuse is refused at the start', () => {
  for (const group of ['', 'a b', 'aws/mine', 'a:b', '{pods}', '{pod', 'x'.repeat(513)])
    assert.ok(groupProblem(group) !== undefined, group);
  for (const stream of ['', 'a:b', 'a*b', 'a\u0000', '{pods}']) assert.ok(streamProblem(stream) !== undefined, stream);
  assert.equal(groupProblem('/a/B_c-d.e#f/{pod}'), undefined);
  assert.equal(streamProblem('any thing/{pod} ü'), undefined);
});

test('whatever the pod is called, the names are names for AWS', () =>
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 600 }), fc.integer(), (value, time) => {
      const odd: Origin = { ...origin, pod: value, namespace: value, container: value, service: value, host: value };
      const place = new Names('/{namespace}/{container}', '{pod}{service}', odd).placeOf({ birthMs: time });
      assert.equal(checkGroupName(place.group), undefined, place.group);
      assert.equal(checkStreamName(place.stream), undefined, place.stream);
      assert.equal(place.group.split('/').length, 3);
    }),
  ));
