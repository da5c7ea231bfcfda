import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { CloudWatchLogsClient, DescribeLogGroupsCommand, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { StrictProxy, throttling } from '../support/cloudwatch-strict.js';
import { scenario, startAgent, type Lab } from '../support/lab.js';
import { asText, numbered } from '../support/logs.js';
import { until } from '../support/until.js';
import { startMoto } from './servers.js';

let moto: Awaited<ReturnType<typeof startMoto>>;
let client: CloudWatchLogsClient;
const identity = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'eu-central-1' };

before(async () => {
  moto = await startMoto();
  client = new CloudWatchLogsClient({
    endpoint: moto.url,
    region: identity.AWS_REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
});
after(async () => {
  client.destroy();
  await moto[Symbol.asyncDispose]();
});

const settings = (proxy: StrictProxy, group: string, more: Readonly<Record<string, string>> = {}) => ({
  outputs: 'cloudwatch',
  env: {
    ...identity,
    AWS_ENDPOINT_URL: proxy.url,
    AWS_EC2_METADATA_DISABLED: 'true',
    POD_NAME: 'pay-7c9',
    POD_NAMESPACE: 'shop',
    CONTAINER_NAME: 'app',
    PANNIER_CLOUDWATCH_LOG_GROUP: group,
    PANNIER_CLOUDWATCH_BATCH_MAX_WAIT: '100ms',
    ...more,
  },
});

/** All messages of a stream, in the service's order. */
async function messages(logGroupName: string, logStreamName: string): Promise<string[]> {
  const found: string[] = [];
  let nextToken: string | undefined;
  for (;;) {
    const page = await client.send(
      new GetLogEventsCommand({
        logGroupName,
        logStreamName,
        startFromHead: true,
        limit: 10_000,
        ...(nextToken === undefined ? {} : { nextToken }),
      }),
    );
    found.push(...(page.events ?? []).map(({ message }) => message ?? ''));
    if (page.nextForwardToken === nextToken) return found;
    nextToken = page.nextForwardToken;
  }
}

async function has(
  lab: Lab,
  proxy: StrictProxy,
  group: string,
  stream: string,
  expected: readonly string[],
): Promise<void> {
  await lab.shows(
    'all delivered',
    ({ outputs }) =>
      outputs.cloudwatch?.ledger.delivered === lab.logs.written && outputs.cloudwatch.ledger.pending === 0,
    90_000,
  );
  assert.deepEqual(await messages(group, stream), expected);
  assert.deepEqual(
    proxy.refused.map(({ type, message }) => `${type}: ${message}`),
    [],
    'no request was over a limit of the API',
  );
}

scenario('group and stream are made with their retention when first needed, and lines keep their order', async () => {
  await using proxy = await StrictProxy.start(moto.url);
  const more = { PANNIER_CLOUDWATCH_LOG_STREAM: '{pod}/{container}', PANNIER_CLOUDWATCH_RETENTION_DAYS: '14' };
  await using lab = await startAgent(settings(proxy, '/{namespace}/app', more));
  const lines = numbered('line', 500);
  await lab.logs.append('app.log', asText(lines));
  await has(lab, proxy, '/shop/app', 'pay-7c9/app', lines);
  assert.equal(proxy.calls[0], 'PutLogEvents', 'nothing is asked before it is needed');
  const { logGroups } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/shop/app' }));
  assert.equal(logGroups?.[0]?.retentionInDays, 14);
  await lab.restart();
  await lab.logs.append('app.log', 'after\n');
  await has(lab, proxy, '/shop/app', 'pay-7c9/app', [...lines, 'after']);
});

scenario(
  'a big backlog goes in batches within every limit, in order, through throttling',
  async () => {
    await using proxy = await StrictProxy.start(moto.url);
    for (let request = 0; request < 6; request += 1) proxy.http.next(throttling);
    await using lab = await startAgent(settings(proxy, 'backlog'));
    const lines = numbered('a line of the backlog, of middling length,', 30_000);
    await lab.logs.append('app.log', asText(lines));
    await has(lab, proxy, 'backlog', 'pay-7c9', lines);
  },
  180_000,
);

scenario('lines out of their time’s order arrive, sorted within a batch', async () => {
  await using proxy = await StrictProxy.start(moto.url);
  await using lab = await startAgent(settings(proxy, 'unordered'));
  const now = Date.now();
  const line = (secondsAgo: number) =>
    JSON.stringify({ time: new Date(now - secondsAgo * 1_000).toISOString(), msg: `${secondsAgo} s ago` });
  const ages = [50, 10, 40, 20, 30];
  await lab.logs.append('app.log', asText(ages.map(line)));
  await has(lab, proxy, 'unordered', 'pay-7c9', [50, 40, 30, 20, 10].map(line));
});

scenario('a batch never spans more than a day; too old and too new become dead letters with their reason', async () => {
  await using proxy = await StrictProxy.start(moto.url);
  await using lab = await startAgent(settings(proxy, 'spans'));
  const hour = 3_600_000;
  const line = (hoursAgo: number) =>
    JSON.stringify({ time: new Date(Date.now() - hoursAgo * hour).toISOString(), msg: `${hoursAgo} h ago` });
  const taken = [100, 70, 40, 10, 0].map(line);
  const refused = [24 * 20, -5].map(line);
  await lab.logs.append('app.log', asText([...taken.slice(0, 2), ...refused, ...taken.slice(2)]));
  await lab.shows('all accounted for', ({ outputs }) => outputs.cloudwatch?.ledger.pending === 0);
  await until(async () => (await messages('spans', 'pay-7c9')).length === taken.length, { what: 'five events' });
  assert.deepEqual(await messages('spans', 'pay-7c9'), taken);
  assert.deepEqual((await lab.deadLetters('cloudwatch')).map(({ code }) => code).toSorted(), [
    'RECORD_TOO_NEW',
    'RECORD_TOO_OLD',
  ]);
  assert.deepEqual(proxy.refused, []);
});

scenario('a kill in the middle of a backlog loses nothing and keeps the order of what comes new', async () => {
  await using proxy = await StrictProxy.start(moto.url);
  await using lab = await startAgent(settings(proxy, 'killed'));
  const lines = numbered('line', 20_000);
  await lab.logs.append('app.log', asText(lines));
  await until(() => proxy.calls.filter((call) => call === 'PutLogEvents').length > 2, { what: 'a few batches' });
  await lab.kill9();
  await lab.start();
  await lab.shows('all done', ({ outputs }) => outputs.cloudwatch?.ledger.pending === 0, 60_000);
  const came = new Set(await messages('killed', 'pay-7c9'));
  assert.deepEqual([...came].toSorted(), lines.toSorted());
});
