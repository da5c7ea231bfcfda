import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Block } from '../data/block.js';
import { Sink } from './sink.js';
import { problemsOf, problemsOfSamples } from './verify.js';

const skip =
  spawnSync('gcc', ['--version']).status === 0 && existsSync('/usr/include/zlib.h')
    ? false
    : 'there is no gcc, or no zlib.h';
const block = new Block('raw', { leastBytes: 180, mostBytes: 370, timed: false }, 20_000, 8);
const document = (n: number) => JSON.stringify({ message: block.text(n) });
const bulk = (documents: readonly string[]) => documents.map((one) => `{"create":{}}\n${one}\n`).join('');
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

async function post(
  port: number,
  path: string,
  body: string | Buffer,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const sent = request({ host: '127.0.0.1', port, path, method: 'POST', headers });
  const answered = new Promise<Answer>((resolve, reject) => {
    sent.once('error', reject);
    sent.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
  });
  sent.end(body);
  return answered;
}

/** What the sink and the comparison say of these documents, of which `expected` should have come. */
async function verdict(
  expected: number,
  documents: readonly string[],
): Promise<{ counts: string[]; contents: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'pannier-bench-test-'));
  await using sink = await Sink.start();
  sink.run(expected, 1);
  await post(sink.port, '/logs/_bulk', bulk(documents));
  const samples = await sink.samples(join(folder, 'samples'));
  rmSync(folder, { recursive: true, force: true });
  return { counts: problemsOf(await sink.stats()), contents: problemsOfSamples(samples, block, 'raw', false) };
}

test('records that all came, once and whole, are no problem', { skip }, async () => {
  assert.deepEqual(await verdict(50, numbers(50).map(document)), { counts: [], contents: [] });
});

test('a lost record is noticed, and which it was', { skip }, async () => {
  const { counts } = await verdict(
    50,
    numbers(50)
      .filter((n) => n !== 17)
      .map(document),
  );
  assert.deepEqual(counts, ['1 never came (the first is number 17)']);
});

test('a repeated record is noticed', { skip }, async () => {
  const { counts } = await verdict(50, [...numbers(50), 17].map(document));
  assert.deepEqual(counts, ['1 repeated']);
});

test('a record that nobody wrote is noticed', { skip }, async () => {
  const { counts } = await verdict(50, numbers(51).map(document));
  assert.deepEqual(counts, ['1 that nobody wrote']);
});

test('a record that was cut is noticed', { skip }, async () => {
  const cut = JSON.stringify({ message: block.text(17).slice(0, -30) });
  const { counts } = await verdict(
    50,
    numbers(50).map((n) => (n === 17 ? cut : document(n))),
  );
  assert.ok(counts.some((problem) => problem.startsWith('1 never came')));
  assert.ok(counts.some((problem) => problem.startsWith('1 halves')));
});

test('two lines that were merged into one record are noticed', { skip }, async () => {
  const merged = JSON.stringify({ message: block.text(17) + block.text(18) });
  const { counts } = await verdict(
    50,
    numbers(50).flatMap((n) => (n === 17 ? merged : n === 18 ? [] : document(n))),
  );
  assert.deepEqual(counts, ['1 bodies whose number of lines is not that of their records']);
});

test('a record with one changed letter is noticed by the comparison', { skip }, async () => {
  const changed = JSON.stringify({ message: block.text(17).replace('Handler', 'Hendler') });
  const { counts, contents } = await verdict(
    50,
    numbers(50).map((n) => (n === 17 ? changed : document(n))),
  );
  assert.deepEqual(counts, []);
  assert.equal(contents.length, 1);
  assert.match(contents[0] ?? '', /^record 17 came without/);
});

test('the answer names each document, and nothing but errors where only they were asked for', { skip }, async () => {
  await using sink = await Sink.start();
  sink.run(10);
  const body = bulk(numbers(3).map(document));
  const { headers, text } = await post(sink.port, '/_bulk?filter_path=errors,items.*.status', body);
  assert.equal(headers['x-elastic-product'], 'Elasticsearch');
  assert.ok(text.startsWith('{"errors":false'));
  assert.deepEqual(JSON.parse(text), {
    errors: false,
    items: Array.from({ length: 3 }, () => ({ create: { status: 201 } })),
  });
  assert.deepEqual(JSON.parse((await post(sink.port, '/_bulk?filter_path=errors', body)).text), { errors: false });
  const all = JSON.parse((await post(sink.port, '/_bulk', body)).text) as { items: unknown[]; errors: boolean };
  assert.equal(all.items.length, 3);
});

test('bodies in chunks and packed bodies are read like others, and the last number is reported', { skip }, async () => {
  await using sink = await Sink.start();
  sink.run(200);
  const complete = sink.complete();
  await post(sink.port, '/_bulk', bulk(numbers(100).map(document)), { 'transfer-encoding': 'chunked' });
  const packed = gzipSync(bulk(numbers(200).slice(100).map(document)));
  await post(sink.port, '/_bulk', packed, { 'content-encoding': 'gzip' });
  assert.ok((await complete) > 0);
  const stats = await sink.stats();
  assert.deepEqual(problemsOf(stats), []);
  assert.equal(stats.records, 200);
});

test(
  'a request that comes byte by byte, and a second one on the same connection, are both read',
  { skip },
  async () => {
    await using sink = await Sink.start();
    sink.run(2);
    const socket = connect(sink.port, '127.0.0.1').setNoDelay();
    await once(socket, 'connect');
    const complete = sink.complete();
    for (const n of [0, 1]) {
      const body = bulk([document(n)]);
      const answered = once(socket, 'data');
      for (const byte of Buffer.from(
        `POST /_bulk HTTP/1.1\r\nhost: x\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      ))
        await new Promise((resolve) => socket.write(Buffer.of(byte), resolve));
      await answered;
    }
    await complete;
    socket.destroy();
    assert.deepEqual(problemsOf(await sink.stats()), []);
  },
);

test('the time in a record gives its latency; what was written before `since` does not count', { skip }, async () => {
  const timed = new Block('json', { leastBytes: 300, mostBytes: 300, timed: true }, 10_000, 9);
  await using sink = await Sink.start();
  sink.run(3);
  const now = process.hrtime.bigint();
  sink.since(now - 5_000_000_000n);
  const at = (n: number, ago: bigint) => timed.text(n, (now - ago).toString().padStart(19, '0'));
  await post(sink.port, '/', `${at(0, 10_000_000_000n)}\n${at(1, 2_000_000_000n)}\n${at(2, 3_000_000_000n)}\n`);
  const { latency } = await sink.stats();
  assert.equal(latency.count, 2);
  assert.ok(latency.max >= 3_000 && latency.max < 60_000, `${latency.max} ms`);
});
