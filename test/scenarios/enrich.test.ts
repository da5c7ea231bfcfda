import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { asObject } from '../support/bulk-api.js';
import { prepareAgent, scenario, type Lab } from '../support/lab.js';
import { until } from '../support/until.js';

/** Writes the files of the downward API as kubelet does: a new folder, to which `..data` is then swapped in one step. */
async function mount(folder: string, version: number, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(join(folder, `..v${version}`), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, `..v${version}`, name), text);
    await symlink(join('..data', name), join(folder, name)).catch(() => {});
  }
  await symlink(`..v${version}`, join(folder, '..data_tmp'));
  await rename(join(folder, '..data_tmp'), join(folder, '..data'));
  await rm(join(folder, `..v${version - 1}`), { recursive: true, force: true });
}

/** The record whose message this is, once the destination has it. */
const recordOf = (lab: Lab, message: string): Promise<Readonly<Record<string, unknown>>> =>
  until(() => lab.server.lines.map(({ document }) => document).find((record) => record.message === message), {
    what: `the record ${message}`,
    instead: () => lab.agent.tail(),
  });

const inPod = { POD_NAME: 'pay-7c9', POD_NAMESPACE: 'shop' };

scenario(
  'labels and annotations that change are in the records from then on, and nothing is lost or repeated',
  async () => {
    await using lab = await prepareAgent({ outputs: 'http', env: { ...inPod, PANNIER_ANNOTATIONS: 'example.com/*' } });
    const podinfo = join(lab.dir, 'podinfo');
    const annotations = 'example.com/owner="ann"\nother="x"\n';
    await mount(podinfo, 1, { labels: 'app="shop"\ntrack="stable"\n', annotations });
    await lab.start({ PANNIER_PODINFO_DIR: podinfo });
    await lab.logs.append('app.log', 'first\n');
    const first = await recordOf(lab, 'first');
    assert.deepEqual(first.service, { name: 'shop' });
    assert.deepEqual(first.kubernetes, {
      namespace: 'shop',
      pod: { name: 'pay-7c9' },
      labels: { app: 'shop', track: 'stable' },
      annotations: { 'example_com/owner': 'ann' },
    });

    // An annotation that nobody asked for: nothing is begun anew for it.
    await mount(podinfo, 2, { labels: 'app="shop"\ntrack="stable"\n', annotations: `${annotations}more="y"\n` });
    await mount(podinfo, 3, {
      labels: 'app="shop"\ntrack="canary"\nnew="1"\n',
      annotations: 'example.com/owner="bob"\n',
    });
    await lab.agent.logged('the reload', ({ msg }) => msg.startsWith('reloaded'));
    await lab.logs.append('app.log', 'second\n');
    const second = await recordOf(lab, 'second');
    assert.deepEqual(asObject(second.kubernetes)?.labels, { app: 'shop', track: 'canary', new: '1' });
    assert.deepEqual(asObject(second.kubernetes)?.annotations, { 'example_com/owner': 'bob' });
    await lab.delivered(['first', 'second']);
    assert.equal(lab.agent.log.filter(({ msg }) => msg.startsWith('reloaded')).length, 1);
  },
);

scenario('attributes of OpenTelemetry are in the records, and name the service', async () => {
  const OTEL_RESOURCE_ATTRIBUTES = 'service.name=pay,service.version=1.4,deployment.environment=prod,team=a%20b';
  await using lab = await prepareAgent({ outputs: 'http', env: { OTEL_RESOURCE_ATTRIBUTES } });
  await lab.start();
  await lab.logs.append('app.log', 'line\n{"labels":{"own":1},"service":{"name":"other"},"msg":"json"}\n');
  const { service, labels, host } = await recordOf(lab, 'line');
  assert.deepEqual(service, { name: 'pay', version: '1.4', environment: 'prod' });
  assert.deepEqual(labels, { team: 'a b' });
  assert.ok(typeof asObject(host)?.name === 'string');
  const json = await recordOf(lab, 'json');
  assert.deepEqual(json.labels, { team: 'a b', own: 1 });
  assert.deepEqual(json.service, service);
});

const task = {
  Cluster: 'arn:aws:ecs:eu-central-1:111122223333:cluster/shop',
  TaskARN: 'arn:aws:ecs:eu-central-1:111122223333:task/shop/0a1b2c3d',
  Family: 'pay',
  Revision: '26',
  LaunchType: 'FARGATE',
  Containers: [
    { DockerId: 'own', Name: 'pannier', Image: 'pannier:0.1.0', Type: 'NORMAL' },
    { DockerId: 'app-id', Name: 'app', Image: 'pay:1.4', Type: 'NORMAL' },
  ],
};

/** The task metadata endpoint; `answer`: what it does at each request. */
async function endpoint(answer: (request: number) => 'task' | 'hang' | 500): Promise<Server> {
  let requests = 0;
  const server = createServer(({ url }, response) => {
    const what = answer(requests++);
    if (what === 'hang') return;
    if (what === 500) response.writeHead(500).end('not yet');
    else response.end(JSON.stringify(url === '/v4/own/task' ? task : task.Containers[0]));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
const uriOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/v4/own`;

scenario('an ECS task is named in the records and in templates', async () => {
  const server = await endpoint(() => 'task');
  try {
    await using lab = await prepareAgent({ env: { PANNIER_ELASTICSEARCH_INDEX: 'logs-{container}-{pod}' } });
    await lab.start({ ECS_CONTAINER_METADATA_URI_V4: uriOf(server) });
    await lab.logs.append('app.log', 'line\n');
    await lab.delivered(['line']);
    const [stored] = lab.server.stored;
    assert.ok(stored !== undefined);
    const text = JSON.stringify(stored);
    assert.match(text, /logs-app-0a1b2c3d/);
    for (const part of ['"orchestrator":{"type":"ecs","cluster":{"name":"shop"}}', '"family":"pay","revision":"26"'])
      assert.ok(text.includes(part), text);
  } finally {
    server.close();
  }
});

scenario('an ECS endpoint that does not answer holds nothing up, and is asked again', async () => {
  const server = await endpoint((request) => (request < 2 ? 'hang' : request < 4 ? 500 : 'task'));
  try {
    await using lab = await prepareAgent({ outputs: 'http' });
    await lab.logs.append('app.log', 'first\n');
    await lab.start({ ECS_CONTAINER_METADATA_URI_V4: uriOf(server) });
    assert.equal((await recordOf(lab, 'first')).aws, undefined);
    await lab.agent.logged('why', ({ fields }) => fields.reason === 'no answer within 1 s');
    await lab.agent.logged('the reload', ({ msg }) => msg.startsWith('reloaded'));
    await lab.logs.append('app.log', 'second\n');
    const { aws, container } = await recordOf(lab, 'second');
    assert.deepEqual(asObject(asObject(aws)?.ecs)?.task, {
      arn: task.TaskARN,
      id: '0a1b2c3d',
      family: 'pay',
      revision: '26',
    });
    assert.deepEqual(container, { id: 'app-id', name: 'app', image: { name: 'pay', tag: '1.4' } });
    await lab.delivered(['first', 'second']);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
