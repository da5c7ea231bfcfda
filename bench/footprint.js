// Question: what does the agent cost when there is nothing to do, and how soon after its start is the first line acknowledged?
// `node .ci/build.js --if-stale && node bench/footprint.js [rounds]`: for 0, 1, 200 and 1000 files of one JSON line, starts the built program with the flags and the
// environment of the image, Elasticsearch output, a sink that accepts all; medians of the rounds (default 3). Measures the Node that runs it:
//     ready   ms from spawn to the first 200 of /readyz (asked every 3 ms)
//     acked   ms from spawn to the answer to the first bulk request
//     cpu     ms of all threads until every file's line is acknowledged
//     rss, anon, fds   MiB and open descriptors, 5 s later
//     idle    percent of a core in the 20 s after that; wakes: voluntary context switches a second
// Fails when a line is missing or comes twice.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const rounds = Number(process.argv[2] ?? 3);
const flags = ['--max-semi-space-size=2', '--expose-gc'];
const settleMs = 5000;
const idleMs = 20_000;
const mostMs = 30_000;

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Sums what `read` finds in a file of each thread of a process. */
function ofThreads(pid, file, read) {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, thread) => sum + read(readFileSync(`/proc/${pid}/task/${thread}/${file}`, 'latin1')), 0);
}
const cpuMs = (pid) => ofThreads(pid, 'schedstat', (text) => Number(text.split(' ')[0]) / 1e6);
const wakes = (pid) => ofThreads(pid, 'status', (text) => Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(text)?.[1]));
const mib = (pid, name) =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) / 1024;

/** Listens on a free port; counts documents, and notes when the first answer went out. */
async function startSink() {
  const seen = { documents: 0, firstAt: undefined };
  const server = createServer((request, response) => {
    let lines = 0;
    request.on('data', (chunk) => {
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1;
    });
    request.on('end', () => {
      response.setHeader('x-elastic-product', 'Elasticsearch');
      response.setHeader('content-type', 'application/vnd.elasticsearch+json; compatible-with=8');
      response.end('{"errors":false,"items":[]}', () => {
        seen.firstAt ??= performance.now();
        seen.documents += lines / 2;
      });
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { seen, server };
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const isReady = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end('GET /readyz HTTP/1.0\r\n\r\n'));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk));
    socket.on('error', () => {}); // it does not listen yet
    socket.on('close', () => resolve(answer.startsWith('HTTP/1.1 200')));
  });

async function until(fact, what) {
  const begun = performance.now();
  while (!(await fact())) {
    if (performance.now() - begun > mostMs) throw new Error(`${what}: not within ${mostMs} ms`);
    await wait(3);
  }
}

async function measure(files) {
  const dir = mkdtempSync(join(tmpdir(), 'pannier-footprint-'));
  mkdirSync(join(dir, 'logs'));
  for (let number = 0; number < files; number += 1)
    writeFileSync(
      join(dir, `logs/${number}.log`),
      `{"time":"2026-11-20T09:15:02.123Z","level":"info","msg":"${number}"}\n`,
    );
  const { seen, server } = await startSink();
  const port = await freePort();
  const begun = performance.now();
  const agent = spawn(process.execPath, [...flags, join(root, 'dist/pannier.js')], {
    stdio: 'ignore',
    env: {
      PATH: process.env.PATH,
      MALLOC_ARENA_MAX: '1',
      MALLOC_TRIM_THRESHOLD_: '131072',
      PANNIER_LISTEN: `127.0.0.1:${port}`,
      PANNIER_PATHS: join(dir, 'logs/*.log'),
      PANNIER_STATE_DIR: join(dir, 'state'),
      PANNIER_OUTPUTS: 'elasticsearch',
      PANNIER_ELASTICSEARCH_URL: `http://127.0.0.1:${server.address().port}`,
    },
  });
  const ended = new Promise((resolve) => agent.once('exit', resolve));
  const { pid } = agent;
  try {
    await until(() => isReady(port), 'ready');
    const ready = performance.now() - begun;
    await until(() => seen.documents >= files, 'every line acknowledged');
    const cpu = cpuMs(pid);
    await wait(settleMs);
    const before = { cpu: cpuMs(pid), wakes: wakes(pid), at: performance.now() };
    const figures = { ready, acked: seen.firstAt - begun, cpu, rss: mib(pid, 'VmRSS'), anon: mib(pid, 'RssAnon') };
    const fds = readdirSync(`/proc/${pid}/fd`).length;
    await wait(idleMs);
    const elapsed = performance.now() - before.at;
    if (seen.documents !== files) throw new Error(`${seen.documents} documents of ${files} lines`);
    const idle = (100 * (cpuMs(pid) - before.cpu)) / elapsed;
    return { ...figures, fds, idle, wakes: (1000 * (wakes(pid) - before.wakes)) / elapsed };
  } finally {
    agent.kill('SIGTERM');
    await ended;
    server.closeAllConnections();
    server.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

const digits = { idle: 2, rss: 1, anon: 1 };
console.log(`node ${process.version}, as in the image, Elasticsearch output; medians of ${rounds} rounds`);
for (const files of [0, 1, 200, 1000]) {
  const got = [];
  for (let round = 0; round < rounds; round += 1) got.push(await measure(files));
  const shown = Object.keys(got[0]).map(
    (name) => `${name} ${median(got.map((figures) => figures[name])).toFixed(digits[name] ?? 0)}`,
  );
  console.log(`${String(files).padStart(5)} files: ${shown.join('  ')}`);
}
