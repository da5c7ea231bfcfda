import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DocumentWriter } from '../src/kernel/document.js';
import { LaneMemory } from '../src/lane/memory.js';
import { integer } from '../src/types/setting.js';
import { laneSize, mostRecords, mostRequests, slotSize } from '../src/types/lane-size.js';
import { problemsOf, sampleCatalogue } from '../test/support/sample-catalogue.js';
import { readConfiguration } from './load.js';

test('a state directory that the globs reach is refused, unless it is excluded', async () => {
  const env = { PANNIER_PATHS: '/data/**/*.log', PANNIER_STATE_DIR: '/data/.pannier' };
  assert.deepEqual(await problemsOf(env), [
    'PANNIER_STATE_DIR: /data/.pannier holds files that PANNIER_PATHS matches (move it, or add /data/.pannier/** to PANNIER_EXCLUDE)',
  ]);
  assert.deepEqual(await problemsOf({ ...env, PANNIER_EXCLUDE: '/data/.pannier/**' }), []);
  assert.deepEqual(await problemsOf({ ...env, PANNIER_PATHS: '/data/*.log' }), []);
  assert.equal((await problemsOf({ ...env, PANNIER_PATHS: '/data/**' })).length, 1);
  assert.equal((await problemsOf({ ...env, PANNIER_PATHS: '/data/**/*.ndjson' })).length, 1);
});

test('a file output that the globs match is refused, also by the names it rotates to', async () => {
  const env = { PANNIER_OUTPUTS: 'copy=file', PANNIER_COPY_PATH: '/var/log/app/out.log' };
  assert.match(
    (await problemsOf(env))[0] ?? '',
    /^PANNIER_COPY_PATH: \/var\/log\/app\/out\.log is matched by PANNIER_PATHS/,
  );
  assert.deepEqual(await problemsOf({ ...env, PANNIER_COPY_PATH: '/var/log/out.log' }), []);
  assert.deepEqual(await problemsOf({ ...env, PANNIER_EXCLUDE: 'out.log*' }), []);
  const rotated = { ...env, PANNIER_PATHS: '/var/log/app/*.log.*' };
  assert.equal((await problemsOf(rotated)).length, 1);
});

test('two outputs do not write the same file', async () => {
  const env = { PANNIER_OUTPUTS: 'a=file,b=file', PANNIER_A_PATH: '/out/x', PANNIER_B_PATH: '/out/../out/x' };
  assert.deepEqual(await problemsOf(env), [
    'PANNIER_B_PATH: /out/x is written by the output a already (give each a file of its own)',
  ]);
});

test('roots that would read the whole machine are refused, each by its glob', async () => {
  const problems = await problemsOf({ PANNIER_PATHS: '/**/*.log,/proc/*,/var/log/app/*.log' });
  assert.equal(problems.length, 2);
  assert.match(problems[0] ?? '', /^PANNIER_PATHS: "\/\*\*\/\*\.log" would read below \//);
  assert.match((await problemsOf({ PANNIER_PATHS: ',' }))[0] ?? '', /names no files/);
});

test('a line limit above the batches of every output is refused, and not above those of one', async () => {
  const line = { PANNIER_MAX_LINE_BYTES: '2MiB' };
  assert.match(
    (await problemsOf(line))[0] ?? '',
    /^PANNIER_MAX_LINE_BYTES: is larger than the batches of every output/,
  );
  assert.deepEqual(await problemsOf({ ...line, PANNIER_OUTPUTS: 'stdout,search', PANNIER_SEARCH_URL: 'http://h' }), []);
  assert.deepEqual(await problemsOf({ ...line, PANNIER_STDOUT_BATCH_MAX_BYTES: '2MiB' }), []);
  assert.deepEqual(await problemsOf({ PANNIER_STDOUT_BATCH_MAX_BYTES: '4KiB' }), []);
});

test('a drain that ends before its own quiet time or least time is refused', async () => {
  assert.deepEqual(
    await problemsOf({ PANNIER_DRAIN_TIMEOUT: '5s', PANNIER_DRAIN_QUIET: '6s', PANNIER_DRAIN_MIN: '10s' }),
    [
      'PANNIER_DRAIN_QUIET: is longer than PANNIER_DRAIN_TIMEOUT (5000ms) (the drain would end before it)',
      'PANNIER_DRAIN_MIN: is longer than PANNIER_DRAIN_TIMEOUT (5000ms) (the drain would end before it)',
    ],
  );
  assert.deepEqual(await problemsOf({ PANNIER_DRAIN_TIMEOUT: '500ms' }), []);
});

test('pins without the limit of their volume are refused', async () => {
  assert.deepEqual(await problemsOf({ PANNIER_PIN: 'auto' }), [
    "PANNIER_PIN: auto needs the limit of the log volume, so that what is kept never fills it (set PANNIER_VOLUME_LIMIT to the volume's size (sizeLimit of an emptyDir), or PANNIER_PIN=off)",
  ]);
  assert.deepEqual(await problemsOf({ PANNIER_PIN: 'auto', PANNIER_VOLUME_LIMIT: '1GiB' }), []);
});

test('lanes that could grow past the memory of the container are refused, with what they need', async () => {
  const mib = 1024 ** 2;
  const two = { PANNIER_OUTPUTS: 'search,stdout', PANNIER_SEARCH_URL: 'http://h' };
  const within = async (env: Record<string, string>, memoryLimit: number): Promise<readonly string[]> =>
    (
      await readConfiguration({ env, catalogue: sampleCatalogue, cwd: '/srv', readFile: noFile, memoryLimit })
    ).problems.map(({ where, problem, suggestion }) => `${where}: ${problem} (${suggestion})`);
  assert.deepEqual(await within(two, 128 * mib), []);
  const long = { ...two, PANNIER_MAX_LINE_BYTES: '16MiB', PANNIER_SEARCH_BATCH_MAX_BYTES: '16MiB' };
  assert.deepEqual(await within(long, 1024 * mib), []);
  const [problem = '', ...more] = await within(long, 128 * mib);
  assert.deepEqual(more, []);
  assert.match(
    problem,
    /^PANNIER_MAX_LINE_BYTES: needs up to \d+ MiB of memory, and the container's limit is 128 MiB \(raise the limit, or lower PANNIER_MAX_LINE_BYTES, PANNIER_SEARCH_BATCH_MAX_BYTES\)$/,
  );
  assert.match((await within(two, 48 * mib))[0] ?? '', /^PANNIER_OUTPUTS: needs up to .* 48 MiB/);
});

test('more requests at once need more memory, and the setting is named', async () => {
  const catalogue = {
    search: { ...sampleCatalogue.search!, settings: { ...sampleCatalogue.search!.settings, concurrency } },
  };
  const env = { PANNIER_OUTPUTS: 'search', PANNIER_SEARCH_URL: 'http://h', PANNIER_SEARCH_CONCURRENCY: '16' };
  const read = async (memoryLimit: number) =>
    (await readConfiguration({ env, catalogue, cwd: '/srv', readFile: noFile, memoryLimit })).problems;
  assert.match(
    (await read(96 * 1024 ** 2))[0]?.suggestion ?? '',
    /^raise the limit, or lower PANNIER_SEARCH_CONCURRENCY$/,
  );
  assert.deepEqual(await read(128 * 1024 ** 2), []);
});

test('no lane takes more memory than the configuration counts with', () => {
  for (const maxLineBytes of [1024, 1024 ** 2, 8 * 1024 ** 2]) {
    for (const [batchBytes, requests] of [
      [4096, mostRequests],
      [256 * 1024, 8],
      [16 * 1024 ** 2, mostRequests],
    ] as const) {
      const limits = {
        batchBytes,
        batchRecords: mostRecords,
        recordBytes: batchBytes,
        spanMs: Infinity,
        singleFile: false,
      };
      const { area } = new LaneMemory({
        item: { parts: ['document'], weight: 'encoded' },
        document: new DocumentWriter(),
        names: { keys: [], levels: new Map(), levelStarts: new Set(), joinTriggers: [], accessKeys: [], datedKeys: [] },
        limits,
        maxLineBytes,
        slotBytes: slotSize(batchBytes, batchBytes, maxLineBytes),
        inFlight: requests,
      });
      const taken = area.bytes.buffer.byteLength;
      assert.ok(taken > batchBytes * 4 && taken <= laneSize(batchBytes, maxLineBytes, requests), `${taken} bytes`);
    }
  }
});

const concurrency = integer({ env: 'CONCURRENCY', default: '2', min: '1', max: '16', doc: 'Requests.' });
const noFile = (): Promise<never> => Promise.reject(new Error('no file'));
