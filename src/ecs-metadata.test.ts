import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { askEcs } from './ecs-metadata.js';

const task = { TaskARN: 'arn:aws:ecs:eu-central-1:1:task/shop/abc', Containers: [{ DockerId: 'app', Name: 'app' }] };

/** What the client makes of an endpoint that answers so, and how long that took, ms. */
async function ask(
  answer: (url: string, response: ServerResponse, request: IncomingMessage) => void,
  stop = new AbortController().signal,
): Promise<{
  readonly result: Awaited<ReturnType<typeof askEcs>>;
  readonly urls: readonly string[];
}> {
  const urls: string[] = [];
  const server = createServer((request, response) => {
    urls.push(request.url ?? '');
    answer(request.url ?? '', response, request);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const result = await askEcs(`http://127.0.0.1:${port}/v4/own/`, '', stop);
    return { result, urls: urls.sort() };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('the task is asked for, and who we are; the latter may fail', async () => {
  const { result, urls } = await ask((url, response) => {
    if (url === '/v4/own/task') response.end(JSON.stringify(task));
    else response.writeHead(404).end();
  });
  assert.ok(typeof result === 'object');
  assert.deepEqual([result.id, result.container?.name, urls], ['abc', 'app', ['/v4/own', '/v4/own/task']]);
});

test('a redirect is not followed, and an answer that is too long is not read to its end', async () => {
  const redirected = await ask((_url, response) => response.writeHead(302, { Location: '/elsewhere' }).end());
  assert.equal(redirected.result, 'the answer is 302');
  assert.ok(!redirected.urls.includes('/elsewhere'));
  const long = await ask((_url, response) => response.end(' '.repeat(300 * 1024) + JSON.stringify(task)));
  assert.equal(long.result, 'the answer is too long');
});

test('it takes a second at most, however slowly an answer comes', async () => {
  const { result } = await ask((_url, response) => {
    const timer = setInterval(() => response.write(' '), 50);
    response.on('close', () => clearInterval(timer));
  });
  assert.equal(result, 'no answer within 1 s');
});

test('nobody there, another protocol and an answer for something else are no task', async () => {
  const stop = new AbortController().signal;
  for (const uri of ['http://127.0.0.1:1/v4/x', 'file:///etc/passwd', 'nonsense', 'https://127.0.0.1:1'])
    assert.equal(typeof (await askEcs(uri, '', stop)), 'string', uri);
  assert.equal((await ask((_url, response) => response.end('{}'))).result, 'the answer is not that of a task');
});
