import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseEcsTask, taskMembers } from './ecs-task.js';

const arn = 'arn:aws:ecs:eu-central-1:111122223333:task/shop/0a1b2c3d4e5f';
const container = (name: string, more: object = {}) => ({
  DockerId: `id-${name}`,
  Name: name,
  Image: `111122223333.dkr.ecr.eu-central-1.amazonaws.com:443/team/${name}:1.4@sha256:abc`,
  ContainerARN: `arn:aws:ecs:eu-central-1:111122223333:container/${name}`,
  Type: 'NORMAL',
  ...more,
});
const task = (containers: readonly unknown[], more: object = {}): string =>
  JSON.stringify({
    Cluster: 'shop',
    TaskARN: arn,
    Family: 'pay',
    Revision: '26',
    LaunchType: 'FARGATE',
    AvailabilityZone: 'eu-central-1b',
    Containers: containers,
    ...more,
  });
const own = JSON.stringify(container('pannier'));

test('a task becomes members of ECS and of the resource aws.ecs', () => {
  const text = task([container('pannier'), container('app'), container('~internal~ecs~pause', { Type: 'CNI_PAUSE' })]);
  const known = parseEcsTask(text, own, '');
  assert.ok(known !== undefined);
  assert.deepEqual(Object.fromEntries(taskMembers(known).map(([path, value]) => [path.join('.'), value])), {
    'cloud.provider': 'aws',
    'cloud.region': 'eu-central-1',
    'cloud.availability_zone': 'eu-central-1b',
    'cloud.account.id': '111122223333',
    'orchestrator.type': 'ecs',
    'orchestrator.cluster.name': 'shop',
    'aws.ecs.cluster.arn': 'arn:aws:ecs:eu-central-1:111122223333:cluster/shop',
    'aws.ecs.launchtype': 'fargate',
    'aws.ecs.task.arn': arn,
    'aws.ecs.task.id': '0a1b2c3d4e5f',
    'aws.ecs.task.family': 'pay',
    'aws.ecs.task.revision': '26',
    'aws.ecs.container.arn': 'arn:aws:ecs:eu-central-1:111122223333:container/app',
    'container.id': 'id-app',
    'container.name': 'app',
    'container.image.name': '111122223333.dkr.ecr.eu-central-1.amazonaws.com:443/team/app',
    'container.image.tag': '1.4',
  });
});

test('the application is the container that was named, or the only one beside us', () => {
  const both = [container('pannier'), container('app')];
  const nameOf = (containers: readonly unknown[], ownText: string, named = ''): string | undefined =>
    parseEcsTask(task(containers), ownText, named)?.container?.name;
  assert.equal(nameOf(both, own), 'app');
  assert.equal(nameOf([...both, container('proxy')], own), undefined);
  assert.equal(nameOf([...both, container('proxy')], own, 'proxy'), 'proxy');
  assert.equal(nameOf(both, own, 'other'), undefined);
  assert.equal(nameOf([container('app')], ''), 'app');
  assert.equal(nameOf([container('pannier')], own), 'pannier');
});

test('a cluster may be given by its ARN, and a task by one of the old form', () => {
  const clusterArn = 'arn:aws:ecs:eu-central-1:111122223333:cluster/other';
  const known = parseEcsTask(task([], { Cluster: clusterArn }), '', '');
  assert.deepEqual([known?.clusterArn, known?.clusterName], [clusterArn, 'other']);
  const old = parseEcsTask(task([], { TaskARN: 'arn:aws-cn:ecs:cn-north-1:1:task/abc', Cluster: undefined }), '', '');
  assert.deepEqual([old?.id, old?.clusterName, old?.clusterArn, old?.container], ['abc', '', '', undefined]);
});

test('what is not the answer for a task is none, and nothing makes it throw', () => {
  for (const text of ['', '{}', '[]', 'null', '{"TaskARN":7}', '{"TaskARN":"x"}', '<html>'])
    assert.equal(parseEcsTask(text, '', ''), undefined);
  const odd = [null, 7, [], { Name: { a: 1 } }, { Name: '__proto__', Image: ':' }];
  assert.ok(parseEcsTask(task(odd), '[]', '') !== undefined);
  fc.assert(
    fc.property(fc.json(), fc.json(), (value, ownValue) => {
      parseEcsTask(value, ownValue, '');
      parseEcsTask(task([JSON.parse(value)], { Family: JSON.parse(ownValue) as unknown }), ownValue, 'a');
    }),
  );
});
