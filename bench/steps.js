// Question: what does each step cost, from reading a line by its format to what is done to records, and does a step that is off cost anything?
// `node bench/steps.js [--rounds 3] [--size 64] [--before DIST] [PART …]`: for each case the built program as shipped reads a file in /dev/shm with `run --once`
// into a sink that takes all, by its Elasticsearch output. Prints MB of input (10^6 bytes) per CPU second: user and system time of all threads, less what a run
// over one line takes. Cases take turns; medians. PART: only cases with that in their name. `--size`: MB for a case on the byte path, a quarter for others.
// `--before`: the same by another build (its dist/pannier.js), for cases that set nothing it would not know. Build first (`node .ci/build.js --if-stale`).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cases, kinds } from './steps/cases.js';

const here = dirname(fileURLToPath(import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    size: { type: 'string', default: '64' },
    before: { type: 'string' },
  },
});
const builds = [
  { name: '', program: join(here, '../dist/pannier.js') },
  ...(values.before === undefined ? [] : [{ name: 'before: ', program: values.before }]),
];
const chosen = cases.filter(({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)));

const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const folder = mkdtempSync(join(memory, 'pannier-steps-'));
/** Positions lie on disk. */
const states = mkdtempSync(join(tmpdir(), 'pannier-steps-'));
const sink = spawn(process.execPath, [join(here, 'sending/sink.js')], { stdio: ['pipe', 'pipe', 'inherit'] });

/** Runs the agent over `log` until it has shipped all; returns its CPU seconds. */
async function cpuOf(program, log, settings) {
  const state = mkdtempSync(join(states, 'state-'));
  const args = ['-c', 'TIMEFORMAT="%3U %3S"; time "$@"', '--', process.execPath, program, 'run', '--once'];
  const agent = spawn('bash', args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: process.env.PATH,
      PANNIER_LISTEN: 'off',
      PANNIER_PATHS: log,
      PANNIER_STATE_DIR: state,
      PANNIER_OUTPUTS: 'elasticsearch',
      PANNIER_ELASTICSEARCH_URL: `http://127.0.0.1:${port}`,
      ...settings,
    },
  });
  let said = '';
  agent.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  const [code] = await once(agent, 'close');
  rmSync(state, { recursive: true, force: true });
  if (code !== 0) throw new Error(`the agent ended with ${code}: ${said.slice(-2000)}`);
  const [user, system] = said.trim().split('\n').at(-1).split(' ').map(Number);
  return user + system;
}

/** Writes whole lines of a kind, the same block again and again; returns the file's path and its bytes. */
function logOf(kind, bytes) {
  const path = join(folder, `${kind}-${bytes}.log`);
  const block = Buffer.from(kinds[kind]());
  const count = Math.max(1, Math.round(bytes / block.length));
  if (!existsSync(path)) writeFileSync(path, Buffer.concat(Array.from({ length: count }, () => block)));
  return { path, bytes: count * block.length };
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

let port = 0;
try {
  const [line] = await once(sink.stdout, 'data');
  port = Number(line);
  mkdirSync(join(folder, 'none'));
  const short = join(folder, 'none/one.log');
  writeFileSync(short, 'one line\n');
  const rows = chosen.flatMap((each) =>
    builds
      .filter(({ name }) => name === '' || each.known)
      .map((build) => ({
        ...each,
        build,
        name: build.name + each.name,
        log: logOf(each.kind, (Number(values.size) * 1e6) / (each.slow ? 4 : 1)),
        rates: [],
      })),
  );
  const starts = new Map(builds.map(({ name }) => [name, []]));
  console.log(`node ${process.version}, load ${loadavg()[0].toFixed(1)}, ${values.rounds} rounds`);
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const { name, program } of builds) starts.get(name).push(await cpuOf(program, short, {}));
    for (const row of rows) {
      const seconds = (await cpuOf(row.build.program, row.log.path, row.settings)) - median(starts.get(row.build.name));
      row.rates.push(row.log.bytes / 1e6 / seconds);
    }
  }
  console.log('\n| case | settings | MB per CPU second | least and most |\n| --- | --- | ---: | ---: |');
  for (const { name, settings, rates } of rows) {
    const shown = Object.entries(settings).map(([key, value]) => `\`${key.replace('PANNIER_', '')}=${value}\``);
    const [rate, ...ends] = [median(rates), Math.min(...rates), Math.max(...rates)].map((one) => one.toFixed(0));
    console.log(`| ${name} | ${shown.join(' ') || 'none'} | ${rate} | ${ends.join(' to ')} |`);
  }
  for (const [name, seconds] of starts) console.log(`\n${name}a run over one line: ${median(seconds).toFixed(2)} s`);
} finally {
  sink.kill();
  for (const path of [folder, states]) rmSync(path, { recursive: true, force: true });
}
