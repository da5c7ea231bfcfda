// One way of sending, in a process of its own: told how many bodies, it sends them and answers with the CPU time that took.
// `node sender.js WAY URL BODY_BYTES DIST`
import { Agent, request as plainRequest } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { connect } from 'node:net';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [way, url, bodyText, dist] = process.argv.slice(2);
const bodyBytes = Number(bodyText);
const { hostname, port, protocol } = new URL(url);
const require = createRequire(import.meta.url);
const never = new AbortController().signal;

/** A batch: items as the Elasticsearch output has them, or as CloudWatch's with a body of `line` or `json`. */
function items(event) {
  const parts = [];
  const ends = [];
  for (let bytes = 0, n = 0; bytes < bodyBytes - 1000; n++) {
    const id = `${(n * 7919).toString(16).padStart(24, '0')}-${n * 300}-${n * 300 + 300}`;
    const words = Array.from({ length: 8 }, (_, i) => ((n * 2654435761 + i * 40503) >>> 0).toString(36)).join(' ');
    const document = `{"@timestamp":"2026-11-20T09:15:02.${String(n % 1000).padStart(3, '0')}Z","message":"payment ${n} of ${words} took \\"${n % 977}\\" ms","log":{"level":"info","file":{"path":"/var/log/app/pay.log"},"offset":${n * 300}},"service":{"name":"pay"}}`;
    const part =
      event === 'line'
        ? `{"timestamp":${now + n},"message":${JSON.stringify(document)}},`
        : event === 'json'
          ? `{"timestamp":${now + n}${document}`
          : `{"create":{"_id":"${id}"}}\n${document}\n`;
    parts.push(part);
    bytes += part.length;
    ends.push(bytes);
  }
  return {
    count: ends.length,
    body: Buffer.from(parts.join('')),
    itemStart: (i) => ends[i - 1] ?? 0,
    itemEnd: (i) => ends[i],
    weight: (i) => ends[i] - (ends[i - 1] ?? 0),
    timeMs: (i) => now + i,
    file: { fileId: '0', path: '/var/log/app/pay.log', birthMs: now },
  };
}
const now = Date.now() - 1_000_000;

/** An output of the built program. */
async function output(type, settings, batch = items()) {
  process.env.AWS_REGION ??= 'eu-central-1';
  process.env.AWS_ACCESS_KEY_ID ??= 'id';
  process.env.AWS_SECRET_ACCESS_KEY ??= 'secret';
  process.env.AWS_ENDPOINT_URL ??= url;
  const made = await require(join(dist, `output-${type}.js`)).output.create({
    name: type,
    settings: { requestTimeout: 30_000, ...settings },
    batchMaxBytes: bodyBytes,
    origin: { labels: new Map() },
    version: '0',
  });
  return {
    concurrency: made.concurrency,
    bytes: batch.body.length,
    send: async () => {
      if ((await made.send(batch, never)) !== 'accepted') throw new Error('not accepted');
    },
  };
}
const elasticsearch = (more) =>
  output('elasticsearch', { url: [url], index: 'logs', compression: 'none', tlsVerify: false, ...more });

/** node:http, nothing around it: what the outputs can hope for. */
function plain() {
  const { body } = items();
  const kept = { keepAlive: true, maxSockets: 2 };
  const agent = protocol === 'https:' ? new TlsAgent({ ...kept, rejectUnauthorized: false }) : new Agent(kept);
  const start = protocol === 'https:' ? tlsRequest : plainRequest;
  const headers = { 'content-type': 'application/x-ndjson', 'content-length': body.length };
  const send = () =>
    new Promise((resolve, reject) => {
      const request = start({ agent, hostname, port, method: 'POST', path: '/_bulk', headers }, (response) => {
        response.on('data', () => {});
        response.on('end', resolve);
      });
      request.on('error', reject);
      request.end(body);
    });
  return { concurrency: 2, bytes: body.length, send };
}

/** The official client with its own connection over node:http. */
function client() {
  const { Client, HttpConnection } = require('@elastic/elasticsearch');
  const made = new Client({ node: url, Connection: HttpConnection, maxRetries: 0, tls: { rejectUnauthorized: false } });
  const { body } = items();
  const params = { method: 'POST', path: '/_bulk', querystring: 'filter_path=errors', bulkBody: body };
  const send = () =>
    made.transport.request(params).catch(({ message }) => {
      // It takes an answer that comes before its own 'finish' event for a broken one; the body has been sent all the same.
      if (message !== 'Connection closed while reading the body') throw new Error(message);
    });
  return { concurrency: 2, bytes: body.length, send };
}

/** A bare socket, one write a request and any answer: no HTTP client can be cheaper. */
function socket() {
  const { body } = items();
  const free = [];
  const head = Buffer.from(`POST /_bulk HTTP/1.1\r\nhost: ${hostname}\r\ncontent-length: ${body.length}\r\n\r\n`);
  const send = () =>
    new Promise((resolve, reject) => {
      const own = free.pop() ?? connect(Number(port), hostname).setNoDelay(true);
      own.removeAllListeners('error').on('error', reject);
      own.once('data', () => {
        free.push(own);
        resolve();
      });
      own.cork();
      own.write(head);
      own.write(body);
      own.uncork();
    });
  return { concurrency: 2, bytes: body.length, send };
}

const ways = {
  elasticsearch: () => elasticsearch(),
  gzip: () => elasticsearch({ compression: 'gzip' }),
  http: () => output('http', { url, headers: {}, compression: 'none', tlsVerify: false }),
  'cloudwatch-line': () => output('cloudwatch', { body: 'line', logGroup: 'g', logStream: 's' }, items('line')),
  'cloudwatch-json': () => output('cloudwatch', { body: 'json', logGroup: 'g', logStream: 's' }, items('json')),
  plain,
  client,
  socket,
};

const { concurrency, bytes, send } = await ways[way]();
async function run(count) {
  let left = count;
  const lane = async () => {
    while (left-- > 0) await send();
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
}
process.on('message', async (count) => {
  const before = process.cpuUsage();
  const began = performance.now();
  await run(count);
  const { user, system } = process.cpuUsage(before);
  process.send({
    bytes: bytes * count,
    user: user / 1e6,
    system: system / 1e6,
    wall: (performance.now() - began) / 1e3,
  });
});
process.send('ready');
