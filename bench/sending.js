// Question: how many MB of finished bodies does a CPU second send, through our outputs and through what they could stand on?
// `node bench/sending.js [--rounds 5] [--body 2097152] [--before DIST] [WAY …]`: each way in a process of its own, in turns, so that all of them meet the
// same noise; medians, and ratios to plain node:http in the same run. MB are 10^6 bytes of body, before compression; the sink's time is not counted.
// `--before` adds the outputs of another build, as `before:WAY`. Ways with `tls:` in front go over TLS. `socket`: one write to a bare socket; `plain`:
// node:http and nothing around it; `client`: the Elasticsearch client over its own connection. Elasticsearch and they have two requests in flight, the rest one.
// Build first (`node .ci/build.js --if-stale`). Seen on 2 busy cores (Xeon with AES and SHA instructions, Node 20.20 and 24.21), as parts of plain node:http:
// Elasticsearch 0.8 to 0.97, HTTP 0.9 to 1, TLS 0.37 to 0.48, gzip 0.05 to 0.06 of bodies that shrink to a fifth, CloudWatch 0.11 (lines) and 0.07 (JSON).
import { execFileSync, fork, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    body: { type: 'string', default: '2097152' },
    before: { type: 'string' },
  },
});
const outputs = ['elasticsearch', 'http', 'tls:elasticsearch', 'gzip', 'cloudwatch-line', 'cloudwatch-json'];
const yardsticks = ['socket', 'plain', 'client', 'tls:plain', 'tls:client'];
const asked = positionals.length > 0 ? positionals : [...outputs, ...yardsticks];
const names = asked.flatMap((way) =>
  values.before !== undefined && outputs.includes(way) ? [`before:${way}`, way] : [way],
);
/** What a request may have; CloudWatch Logs takes no more than 1 MiB. */
const bytesOf = (way) => (way.startsWith('cloudwatch') ? Math.min(1_048_576, bodyBytes) : bodyBytes);
const bodyBytes = Number(values.body);

/** Bytes that a way sends in a round: enough for about half a second, less where small bodies make it many requests. */
function roundBytes(way) {
  const large = { gzip: 50e6, 'cloudwatch-line': 200e6, 'cloudwatch-json': 200e6 }[way] ?? 1000e6;
  return Math.min(way.startsWith('tls:') ? 500e6 : large, 2000 * bytesOf(way));
}

const folder = mkdtempSync(join(tmpdir(), 'pannier-sending-'));
const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(folder, name));
const selfSigned = [
  'req',
  '-x509',
  '-newkey',
  'ec',
  '-pkeyopt',
  'ec_paramgen_curve:prime256v1',
  '-nodes',
  '-days',
  '2',
];
execFileSync('openssl', [...selfSigned, '-subj', '/CN=127.0.0.1', '-keyout', key, '-out', cert], { stdio: 'ignore' });

async function sink(...args) {
  const child = spawn(process.execPath, [join(here, 'sending/sink.js'), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [port] = await once(child.stdout, 'data');
  return { child, port: Number(String(port)) };
}
const sinks = { plain: await sink(), tls: await sink(key, cert) };

async function sender(name) {
  const way = name.replace('before:', '');
  const url = way.startsWith('tls:') ? `https://127.0.0.1:${sinks.tls.port}` : `http://127.0.0.1:${sinks.plain.port}`;
  const dist = name.startsWith('before:') ? values.before : join(here, '../dist');
  const args = [way.replace('tls:', ''), url, String(bytesOf(way)), dist];
  const child = fork(join(here, 'sending/sender.js'), args, { env: { ...process.env, NODE_NO_WARNINGS: '1' } });
  let isOver = false;
  child.once('exit', (code) => {
    if (isOver) return;
    console.error(`${name} ended with ${code}`);
    process.exit(1);
  });
  await once(child, 'message');
  const send = async (bytes) => {
    child.send(Math.max(4, Math.ceil(bytes / bytesOf(way))));
    return (await once(child, 'message'))[0];
  };
  const end = () => {
    isOver = true;
    child.disconnect();
  };
  await send(roundBytes(way) / 4);
  return { name, way, send, end, rounds: [] };
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const senders = [];
for (const name of names) senders.push(await sender(name));
for (let round = 0; round < Number(values.rounds); round++)
  for (const { way, send, rounds } of senders) {
    const { bytes, user, system, wall } = await send(roundBytes(way));
    const megabytes = bytes / 1e6;
    rounds.push({
      rate: megabytes / (user + system),
      user: (user * 1e6) / megabytes,
      system: (system * 1e6) / megabytes,
      wall: megabytes / wall,
    });
  }
const of = (rounds, figure) => median(rounds.map((round) => round[figure]));
const yardstick = senders.find(({ name }) => name === 'plain');
console.log(
  `node ${process.version}, bodies of ${bodyBytes} B (cloudwatch ${bytesOf('cloudwatch')}), ${values.rounds} rounds, load ${loadavg()[0].toFixed(1)}`,
);
console.log('way                        MB/CPU s     best   ratio   user µs/MB   system µs/MB   wall MB/s');
for (const { name, rounds } of senders) {
  const cells = [
    [of(rounds, 'rate').toFixed(0), 12],
    [Math.max(...rounds.map(({ rate }) => rate)).toFixed(0), 9],
    [yardstick === undefined ? '-' : (of(rounds, 'rate') / of(yardstick.rounds, 'rate')).toFixed(2), 8],
    [of(rounds, 'user').toFixed(0), 13],
    [of(rounds, 'system').toFixed(0), 15],
    [of(rounds, 'wall').toFixed(0), 12],
  ];
  console.log(name.padEnd(23) + cells.map(([text, width]) => text.padStart(width)).join(''));
}
for (const { end } of senders) end();
for (const { child } of Object.values(sinks)) child.stdin.end();
rmSync(folder, { recursive: true, force: true });
