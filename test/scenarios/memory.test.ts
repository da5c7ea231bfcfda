import assert from 'node:assert/strict';
import { createWriteStream, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { prepareAgent, scenario, type Lab } from '../support/lab.js';
import { until } from '../support/until.js';

/**
 * Promise 3. The bounds are far above what it takes (`npm run bench:memory`: 77 to 81 MiB at most) and far below what it would take if any of the
 * backlog stayed in memory.
 */
const boundMiB = 140;
const backlogBytes = 160e6;

/** A bulk endpoint that takes all and counts line ends: cheap enough for a large backlog. */
class CountingSink implements AsyncDisposable {
  lineEnds = 0;
  readonly #server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => {
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) this.lineEnds += 1;
    });
    request.on('end', () => {
      response.setHeader('x-elastic-product', 'Elasticsearch');
      response.setHeader('content-type', 'application/vnd.elasticsearch+json; compatible-with=8');
      response.end('{"errors":false,"items":[]}');
    });
  });

  /** Records that came, an action line and a document each. */
  get records(): number {
    return this.lineEnds / 2;
  }

  async up(port: number): Promise<void> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Writes lines of `lineBytes` until there are `bytes`; returns how many. */
async function writeBacklog(path: string, lineBytes: number, bytes: number): Promise<number> {
  const file = createWriteStream(path);
  let lines = 0;
  for (let written = 0; written < bytes; written += lineBytes, lines += 1) {
    const line = `${`line ${lines} `.padEnd(lineBytes - 1, 'x')}\n`;
    if (!file.write(line)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
  return lines;
}

const peakMiB = ({ agent }: Lab): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${agent.pid}/status`, 'utf8'))?.[1]) / 1024;
const descriptors = ({ agent }: Lab): number => readdirSync(`/proc/${agent.pid}/fd`).length;

for (const [what, lineBytes] of [
  ['a hundred bytes', 100],
  ['a mebibyte', 1024 * 1024],
] as const) {
  scenario(
    `a backlog of 160 MB in lines of ${what}, while its output is down and then catching up, costs no memory`,
    async () => {
      await using lab = await prepareAgent({ env: { PANNIER_LOG_LEVEL: 'info' } });
      await using sink = new CountingSink();
      await lab.server.down();
      const lines = await writeBacklog(lab.logs.at('app.log'), lineBytes, backlogBytes);
      lab.ledgerBytes = () => lines * lineBytes;
      await lab.start();
      await lab.shows('the output is known to be down', ({ status }) => status === 'degraded');
      assert.ok(peakMiB(lab) < boundMiB, `down: ${peakMiB(lab)} MiB`);
      await sink.up(lab.server.port);
      await until(() => sink.records >= lines, { what: 'all of it came', deadlineMs: 60_000 });
      await lab.caughtUp();
      assert.equal(sink.records, lines);
      assert.ok(peakMiB(lab) < boundMiB, `after catching up: ${peakMiB(lab)} MiB at most`);
    },
    { timeoutMs: 100_000 },
  );
}

scenario('two thousand files cost a little each, and a descriptor each at most', async () => {
  await using lab = await prepareAgent({ env: { PANNIER_LOG_LEVEL: 'info' } });
  const count = 2_000;
  const text = 'a line of a small file\n'.repeat(20);
  for (let n = 0; n < count; n += 1) {
    const folder = join(lab.logs.path, `part-${n % 20}`);
    if (n < 20) await mkdir(folder);
    await writeFile(join(folder, `${n}.log`), text);
  }
  lab.ledgerBytes = () => count * text.length;
  await lab.start();
  await until(() => lab.server.stored.length === count * 20, { what: 'all lines came', deadlineMs: 60_000 });
  await lab.caughtUp();
  assert.ok(peakMiB(lab) < boundMiB + 20, `${peakMiB(lab)} MiB`);
  assert.ok(descriptors(lab) < count + 100, `${descriptors(lab)} descriptors`);
});

scenario(
  'five thousand files and two outputs fit into the heap that the image gives a container of 192 MiB',
  async () => {
    await using lab = await prepareAgent({
      env: {
        PANNIER_LOG_LEVEL: 'info',
        PANNIER_OUTPUTS: 'elasticsearch,file',
        NODE_OPTIONS: `--max-old-space-size=${Math.floor(192 * 0.35)}`,
      },
    });
    const count = 5_000;
    const text = 'a line of a small file\n'.repeat(3);
    for (let n = 0; n < count; n += 1) {
      const folder = join(lab.logs.path, `part-${n % 20}`);
      if (n < 20) await mkdir(folder);
      await writeFile(join(folder, `${n}.log`), text);
    }
    lab.ledgerBytes = () => count * text.length;
    await lab.start({ PANNIER_FILE_PATH: join(lab.dir, 'out.ndjson') });
    await until(() => lab.server.stored.length === count * 3, { what: 'all lines came', deadlineMs: 60_000 });
    await lab.caughtUp();
    assert.equal(lab.agent.ended, undefined);
    assert.ok(peakMiB(lab) < 192, `${peakMiB(lab)} MiB`);
  },
  { timeoutMs: 110_000 },
);

/** More than have their parser kept. */
const manyFiles = 600;

for (const { what, env, first, then, proof } of [
  {
    what: 'a stack trace that is open',
    env: {},
    first: 'INFO before\nERROR it broke\n\tat one.Place(P.java:1)\n',
    then: '\tat another.Place(P.java:2)\nINFO next\n',
    proof: /one\.Place.*another\.Place/,
  },
  {
    what: 'the header of a table',
    env: { PANNIER_FORMAT: 'csv', PANNIER_MULTILINE: 'off' },
    first: 'level,message,code\ninfo,first,1\n',
    then: 'warn,second,2\n',
    proof: /"code":"?2.*"second"|"second".*"code":"?2/,
  },
])
  scenario(`with more files than have their parser kept, ${what} goes on where it was`, async () => {
    await using lab = await prepareAgent({ env: { PANNIER_MULTILINE_TIMEOUT: '30s', ...env } });
    const names = Array.from({ length: manyFiles }, (_, n) => `${n}.log`);
    await Promise.all(names.map((name) => writeFile(lab.logs.at(name), first)));
    lab.ledgerBytes = () => undefined;
    await lab.start();
    await until(() => lab.server.stored.length === manyFiles, { what: 'the first of each came' });
    for (const name of names) await lab.logs.append(name, then);
    await until(
      () => lab.server.stored.filter(({ document }) => proof.test(JSON.stringify(document))).length === manyFiles,
      {
        what: 'each went on',
        instead: () => JSON.stringify(lab.server.stored.at(-1)?.document),
      },
    );
  });
