// Question: does anything grow over hours? `npm run bench:long [-- --seconds 3600 --rate 5MB --write]`: an application writes at a steady rate and
// rotates by rename (64 MiB, three old files), the destination goes away for a minute every five, each time in another manner, and the built
// program ships as it is shipped. Every 10 s: resident memory, descriptors, size of the state directory, backlog, CPU. At the end: each line stored,
// none twice under another id, and the middle of the last quarter beside that of the first. `--write` keeps figures and plot (bench/results, docs).
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { plot } from './plot.js';
import { figuresOf } from './sample.js';
import { Sink } from './sink.js';
import { Application } from './application.js';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3600' },
    rate: { type: 'string', default: '5' }, // MB/s
    write: { type: 'boolean', default: false },
  },
});
const seconds = Number(options.seconds);
const bytesPerSecond = Number.parseFloat(options.rate) * 1e6;
if (!(seconds > 0 && bytesPerSecond > 0)) {
  console.error('usage: npm run bench:long -- [--seconds 3600] [--rate 5 (MB/s)] [--write]');
  process.exit(64);
}
const sampleMs = 10_000;
const outageEveryMs = 300_000;
const outageMs = 60_000;
const manners = ['refusing', 'busy', 'silent'];

const dir = mkdtempSync(join(tmpdir(), 'pannier-long-'));
mkdirSync(join(dir, 'logs'));
const sink = await Sink.start(Math.ceil((seconds * bytesPerSecond) / 400) + 1_000_000);
const application = new Application(join(dir, 'logs/app.log'), bytesPerSecond);
const state = join(dir, 'state');
// The flags of the image, where a limit of memory is usual: left alone, V8 takes its time.
const flags = ['--max-semi-space-size=2', '--expose-gc'];
const agent = spawn(process.execPath, [...flags, join(root, 'dist/pannier.js')], {
  stdio: ['ignore', 'ignore', 'inherit'],
  env: {
    PATH: process.env.PATH,
    PANNIER_LISTEN: 'off',
    PANNIER_LOG_LEVEL: 'error',
    PANNIER_PATHS: join(dir, 'logs/*.log'),
    PANNIER_STATE_DIR: state,
    PANNIER_OUTPUTS: 'elasticsearch',
    PANNIER_ELASTICSEARCH_URL: sink.url,
  },
});
const ended = new Promise((resolve) => agent.once('exit', resolve));
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => interrupted.abort());

const samples = [];
const begun = performance.now();
const elapsed = () => performance.now() - begun;
let outages = 0;

/** The destination goes away in the last minute of every five. */
async function outage() {
  const due = elapsed() % outageEveryMs >= outageEveryMs - outageMs;
  if (due && sink.manner === 'well') {
    await sink.become(manners[outages % manners.length]);
    outages += 1;
  } else if (!due && sink.manner !== 'well') await sink.become('well');
}

try {
  console.log(`node ${process.version}, ${cpus().length} cores, ${seconds} s at ${bytesPerSecond / 1e6} MB/s`);
  application.start();
  while (elapsed() < seconds * 1000 && !interrupted.signal.aborted && agent.exitCode === null) {
    await wait(sampleMs, undefined, { signal: interrupted.signal }).catch(() => {});
    await outage();
    const figures = figuresOf(agent.pid, state);
    const behind = application.lines - sink.lines;
    samples.push({ seconds: Math.round(elapsed() / 1000), behind, outage: sink.manner !== 'well', ...figures });
    if (samples.length % 6 === 0) console.log(JSON.stringify(samples.at(-1)));
  }
  await application.stop();
  await sink.become('well');
  const deadline = elapsed() + 300_000;
  while (sink.lines < application.lines && elapsed() < deadline) await wait(200);
  agent.kill('SIGTERM');
  const code = await ended;

  const { lines, bytes, rotations } = application;
  const quarter = Math.ceil(samples.length / 4);
  const middle = (rows, name) => {
    const sorted = rows.map((row) => row[name]).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)];
  };
  const growth = Object.fromEntries(
    ['residentMiB', 'anonymousMiB', 'descriptors', 'stateKiB'].map((name) => {
      const all = samples.map((row) => row[name]);
      const [first, last] = [samples.slice(0, quarter), samples.slice(-quarter)].map((rows) => middle(rows, name));
      return [name, { first, last, least: Math.min(...all), most: Math.max(...all) }];
    }),
  );
  const cpuSeconds = samples.at(-1)?.cpuSeconds ?? 0;
  const result = {
    at: new Date().toISOString(),
    node: process.version,
    load: loadavg()[0],
    seconds: Math.round(elapsed() / 1000),
    ...{ lines, bytes, rotations, outages, stored: sink.lines, twice: sink.twice, sentAgain: sink.sentAgain },
    ...{ cpuPercent: Math.round((1000 * cpuSeconds) / (samples.at(-1)?.seconds ?? 1)) / 10, exit: code, growth },
  };
  console.log(JSON.stringify(result, undefined, 2));
  if (options.write) {
    const name = `long-${result.at.slice(0, 16).replace('T', '-').replace(':', '')}`;
    writeFileSync(join(root, `bench/results/${name}.json`), `${JSON.stringify({ ...result, samples })}\n`);
    writeFileSync(join(root, 'docs/long-run.svg'), plot(samples));
  }
  const whole = sink.lines === lines && sink.twice === 0 && code === 0;
  console.log(whole ? 'every line once' : 'LINES ARE MISSING OR TWICE');
  process.exitCode = whole ? 0 : 1;
} finally {
  if (agent.exitCode === null) agent.kill('SIGKILL');
  await ended;
  await application.stop();
  await sink.close();
  rmSync(dir, { recursive: true, force: true });
}
