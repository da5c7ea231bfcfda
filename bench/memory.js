// Question: how much resident memory does the agent take at most, with 300 MB of backlog, while its output is down and then catching up?
// `npm run bench:memory`: for lines of 100 B and of 1 MiB, starts the built program as shipped, Elasticsearch output, refusing port; after 5 s a sink
// comes up there, which counts lines. Prints VmHWM (peak resident) and RssAnon of the agent, and fails when a line is missing.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const backlogBytes = 300e6;
const downMs = 5000;
const mostMs = 120_000;

/** Writes the backlog; returns its number of lines. */
function backlog(path, lineBytes) {
  const line = (n) => `${`line ${n} `.padEnd(lineBytes - 1, 'x')}\n`;
  const perWrite = Math.max(1, Math.floor(1e6 / lineBytes));
  const file = openSync(path, 'w');
  let lines = 0;
  for (let bytes = 0; bytes < backlogBytes; lines += perWrite) {
    bytes += writeSync(file, Array.from({ length: perWrite }, (_, index) => line(lines + index)).join(''));
  }
  closeSync(file);
  return lines;
}

/** Takes bulk bodies, counts their lines, and accepts all. */
function sink(counted) {
  return createServer((request, response) => {
    request.on('data', (chunk) => {
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) counted.lines += 1;
    });
    request.on('end', () => {
      response.setHeader('x-elastic-product', 'Elasticsearch');
      response.setHeader('content-type', 'application/vnd.elasticsearch+json; compatible-with=8');
      response.end('{"errors":false,"items":[]}');
    });
  });
}

async function measure(lineBytes) {
  const dir = mkdtempSync(join(tmpdir(), 'pannier-memory-'));
  mkdirSync(join(dir, 'logs'));
  const lines = backlog(join(dir, 'logs/app.log'), lineBytes);
  const counted = { lines: 0 };
  const server = sink(counted);
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));

  const agent = spawn(process.execPath, [join(root, 'dist/pannier.js')], {
    stdio: 'ignore',
    env: {
      PATH: process.env.PATH,
      PANNIER_LISTEN: 'off',
      PANNIER_PATHS: join(dir, 'logs/*.log'),
      PANNIER_STATE_DIR: join(dir, 'state'),
      PANNIER_OUTPUTS: 'elasticsearch',
      PANNIER_ELASTICSEARCH_URL: `http://127.0.0.1:${port}`,
    },
  });
  const ended = new Promise((resolve) => agent.once('exit', resolve));
  const memory = () => {
    const status = readFileSync(`/proc/${agent.pid}/status`, 'utf8');
    const mb = (name) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024);
    return { peakMiB: mb('VmHWM'), anonymousMiB: mb('RssAnon') };
  };
  try {
    await wait(downMs);
    const down = memory();
    server.listen(port, '127.0.0.1');
    const begun = Date.now();
    // An action line and a document for each line.
    while (counted.lines < 2 * lines && Date.now() - begun < mostMs) await wait(200);
    const up = memory();
    console.log(
      `${String(lineBytes).padStart(8)} B lines: down ${down.peakMiB} MiB, after catching up ${up.peakMiB} MiB at most (${up.anonymousMiB} MiB anonymous), ${counted.lines / 2} of ${lines} lines`,
    );
    return counted.lines === 2 * lines;
  } finally {
    agent.kill('SIGTERM');
    await ended;
    server.closeAllConnections();
    server.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

console.log(`node ${process.version}, 300 MB of backlog, Elasticsearch output, no setting but the paths`);
let whole = true;
for (const lineBytes of [100, 1024 * 1024]) whole = (await measure(lineBytes)) && whole;
process.exitCode = whole ? 0 : 1;
