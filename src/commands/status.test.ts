import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { refused, sampleNowMs, sampleOutput, sampleStatus } from '../../test/support/sample-status.js';
import { healthReport } from '../health/health-report.js';
import { asReport } from './status-report.js';
import { status } from './status.js';

/** No socket, and the environment says the rest. */
const nowhere = { stateDir: undefined, listen: () => assert.fail('the environment says it') };

/** Runs the command against an agent that answers so. */
async function run(body: string, code = 200, json = false): Promise<{ code: number; out: string; err: string }> {
  const server = createServer((_request, response) => response.writeHead(code).end(body));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    let out = '';
    let err = '';
    const io = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
    const exit = await status({ json }, { ...nowhere, env: { PANNIER_LISTEN: `:${port}` } }, io, sampleNowMs);
    return { code: exit, out, err };
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

const file = { format: 'auto:json', size: 2048, state: 'open' as const };
const busy = sampleStatus({
  outputs: [
    sampleOutput(
      'search',
      { lastSuccessMs: sampleNowMs - 4000 },
      { type: 'elasticsearch', lagBytes: 1500, lagSeconds: 7 },
    ),
    sampleOutput('http', refused),
  ],
  files: [
    { ...file, path: '/var/log/app/a.log', parsedShare: 0.999, outputs: { search: { offset: 0, lagBytes: 1500 } } },
    { ...file, path: '/var/log/\u001b[2J\n.log', parsedShare: undefined, outputs: {} },
  ],
  filesTotal: 12,
});
const answer = JSON.stringify(healthReport(busy, true));

test('status shows what the agent says, for a person', async () => {
  const { code, out, err } = await run(answer);
  assert.deepEqual([code, err], [0, '']);
  assert.match(out, /^degraded: something needs a look\n {2}OUTPUT_UNREACHABLE \(http\): connect ECONNREFUSED/);
  assert.match(out, /^Pannier 1\.2\.3, up 60 min, configuration abc123, positions on the disk$/m);
  assert.match(out, /^search \(elasticsearch\) +idle +1\.5 KiB +7 s +0 B +0 B +0 B +4 s ago$/m);
  assert.match(out, /^\/var\/log\/app\/a\.log +open +auto:json +99 % +2\.0 KiB +1\.5 KiB$/m);
  assert.match(out, /^the 2 of 12 files with most lag$/m);
  assert.ok(!/[^\P{Cc}\n]/u.test(out), 'a path does not move the cursor of a terminal');
});

test('as JSON it is the answer of /health itself', async () => {
  const { code, out } = await run(answer, 503, true);
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(out), JSON.parse(answer));
});

test('what is not an agent, and nobody, is 1 with one line', async () => {
  for (const body of ['', 'hello\u001b[2J', '[]', '{"status":1}', '{"status":"ok"}']) {
    const { code, out, err } = await run(body);
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, /^pannier: http:\S+\/health answered 200, not as Pannier does: [^\n\u001b]*\n$/);
  }
  let err = '';
  const io = { out: () => assert.fail(), err: (text: string) => void (err += text) };
  assert.equal(await status({ json: false }, { ...nowhere, env: { PANNIER_LISTEN: ':1' } }, io), 1);
  assert.match(err, /^pannier: http:\/\/127\.0\.0\.1:1\/health: .*ECONNREFUSED.*PANNIER_LISTEN/);
});

test('an answer of any form is survived', () => {
  fc.assert(
    fc.property(fc.json(), fc.json(), (one, other) => {
      asReport(one);
      asReport(
        `{"status":"ok","outputs":${one},"files":[${other},{"outputs":${one}}],"reasons":${other},"state":${one}}`,
      );
    }),
  );
});
