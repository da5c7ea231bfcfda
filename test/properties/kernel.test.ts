import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatNames } from '../../src/formats/parser.js';
import { families, nextLine, type Family, type FileTaste } from '../support/lines.js';
import { mutate } from '../support/lines/mutation.js';
import { Random } from '../support/random.js';
import { differenceOf, layouts, TwinLanes, type TwinFile, type World } from '../support/twin-lanes.js';
import { withFewestLines } from '../support/shrink.js';

/** PANNIER_SEED replays a run, PANNIER_LINES makes it longer. A failure names the seed that begins with it. */
const seed = Number(process.env.PANNIER_SEED ?? Math.floor(Math.random() * 2 ** 31));
const wantedLines = Number(process.env.PANNIER_LINES ?? '60000');

interface Run {
  readonly world: World;
  readonly files: readonly TwinFile[];
}

/** Where each record has a text of its own the kernel has nothing to do. */
const layoutNames = (Object.keys(layouts) as (keyof typeof layouts)[]).filter((name) => name !== 'index of a field');

const staticsOf = (random: Random): Readonly<Record<string, unknown>> =>
  random.pick([
    {},
    {},
    {},
    { host: { name: 'web-1', ip: [] }, ecs: { version: '8.17' }, error: { code: 1 } },
    { kubernetes: { labels: { a: '1' } }, service: 'pay', log: 1, fields: [] },
    { service: { name: 'pay' }, host: { name: 'web-1' }, ecs: { version: '8.17' } },
    { service: { name: 'pay' }, kubernetes: { namespace: 'a', pod: { name: 'p"1' } }, team: 'é' },
    { user: { name: 'x' }, http: 1, process: { pid: 1 } },
    { trace: { x: 1 }, mdc: {}, 'span.id': 1 },
    { stream: 'x', time: 1, msg: true, level: 'own', ts: null, k1: [1] },
    { log: { logger: 'x' }, fields: { a: 1 } },
    { 'a.b': 1, '': 2, 'service.name': 3, __proto__: 4 },
    Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`k${i}`, i])),
  ]);

function makeWorld(random: Random): World {
  const maxLineBytes = random.pick([64, 300, 1024, 4096, 4096, 65_536, 65_536]);
  // Records that are much larger than the limit would be halved many times over.
  const least = Math.max(200, maxLineBytes >> 3);
  return {
    layout: random.pick(layoutNames),
    format: random.oneIn(2) ? 'auto' : random.pick(random.oneIn(5) ? formatNames : Object.keys(familiesOf)),
    multiline: random.pick(['off', 'auto', 'auto', 'java']),
    timezone: random.pick(['UTC', 'UTC', 'UTC', 'Europe/Berlin', 'America/St_Johns']),
    statics: staticsOf(random),
    maxLineBytes,
    turnBytes: random.oneIn(10) ? random.between(1, 300) : random.pick([1000, 5000, 65_536, 262_144]),
    batchRecords: random.pick([1, 2, 7, 100, 100, 1000, 10_000]),
    batchBytes: random.pick([1, 600, 5000, 20_000, 200_000, 1_000_000, 1_000_000]),
    limitBytes: random.pick([least, 200_000, 1_000_000, 1_000_000]),
    recordBytes: random.pick([least, 262_144, 1_000_000, 1_000_000, 1_000_000]),
    spanMs: random.pick([Infinity, Infinity, 1000, 3_600_000, 86_400_000]),
    slackBytes: random.pick([4096, 5000, 65_536]),
    turnsPerBatch: random.pick([1, 3, 50, 1000]),
  };
}

/** Families that a demanded format reads as its own. */
const familiesOf: Readonly<Record<string, readonly Family[]>> = {
  auto: [...families, ...families.slice(0, -1), 'json', 'cri json', 'docker json'],
  raw: ['text', 'odd text', 'mixed'],
  json: ['json', 'json', 'odd json'],
  cri: ['cri text', 'cri json'],
  docker: ['docker text', 'docker json'],
  logfmt: ['logfmt'],
  access: ['access'],
  text: ['dated'],
};

function makeFile(random: Random, world: World): TwinFile {
  const often = random.pick([0, 0, 200, 20, 3]);
  const taste: FileTaste = {
    family: random.oneIn(10) ? random.pick(families) : random.pick(familiesOf[world.format] ?? families),
    oddIn: random.pick([0, 100, 10, 2]),
    mutatedIn: often,
    strangeIn: random.pick([0, 0, 60, 8]),
    lineEnd: random.pick(['\n', '\n', '\n', '\r\n', 'both']),
    maxLineBytes: world.maxLineBytes,
  };
  const lines = Array.from({ length: random.between(1, random.pick([30, 400, 400])) }, () => nextLine(random, taste));
  if (random.oneIn(10)) lines.unshift(Buffer.from(random.pick(['\ufeff', '\ufeff\n', '\0', '\r'])));
  const last = lines.at(-1);
  if (last !== undefined && random.oneIn(4)) lines[lines.length - 1] = last.subarray(0, random.below(last.length + 1));
  const known = random.pick(['', '', `auto:${taste.family.split(' ')[0]}`, 'auto:raw', random.pick(formatNames)]);
  return {
    lines,
    looks: Array.from({ length: random.pick([0, 0, 1, 4]) }, () => random.below(1000) / 1000).sort((a, b) => a - b),
    flushes: random.oneIn(4),
    remembered: known
      .replace(/auto:(?:text|mixed)/, 'auto:raw')
      .replace('auto:odd', 'auto:json')
      .replace('auto:dated', 'auto:text'),
    mtimeMs: random.pick([
      0,
      Date.UTC(2026, 10, 20),
      Date.UTC(1999, 11, 31, 23, 59, 59, 999),
      1.5,
      253_402_300_799_999,
      4e14,
    ]),
    base: random.pick([0, 0, 0, 17, 999_999_990, 2 ** 32 - 500, 2 ** 52]),
  };
}

/** Real log files, where the checkout has them beside it. */
const samples = join(process.env.PANNIER_ROOT ?? process.cwd(), '../shared/data');

async function sampleLines(): Promise<Map<string, Buffer[]>> {
  const found = new Map<string, Buffer[]>();
  for (const entry of await readdir(samples, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || /\.(gz|tmp)$/.test(entry.name)) continue;
    const bytes = await readFile(path);
    const lines: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += lines.at(-1)?.length ?? 0) {
      const feed = bytes.indexOf(0x0a, at);
      lines.push(bytes.subarray(at, feed === -1 ? bytes.length : feed + 1));
    }
    found.set(path, lines);
  }
  return found;
}

function makeRun(of: number): Run {
  const random = new Random(of);
  const world = makeWorld(random);
  return { world, files: Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, () => makeFile(random, world)) };
}

/** Runs both ways; undefined when they give the same. */
async function difference({ world, files }: Run, look?: (lanes: TwinLanes) => void): Promise<string | undefined> {
  const lanes = new TwinLanes(world);
  const byBytes = await lanes.run('bytes', files);
  look?.(lanes);
  return differenceOf(byBytes, await lanes.run('objects', files));
}

/** Fails with what differs, and the fewest lines for which it does. */
async function explain(of: number, { world, files }: Run): Promise<never> {
  const found = (fewer: readonly TwinFile[]): Promise<string | undefined> =>
    difference({ world, files: fewer }).catch((error: unknown) => String(error));
  const fewest = await withFewestLines(files, async (fewer) => (await found(fewer)) !== undefined);
  const shown = fewest.map((file) => ({
    ...file,
    lines: file.lines.map((line) => line.toString('latin1').slice(0, 3000)),
  }));
  assert.fail(
    `PANNIER_SEED=${of} PANNIER_LINES=1: by bytes and by objects differ: ${await found(fewest)}\n` +
      `${JSON.stringify(world)}\n${JSON.stringify(shown, null, 1)}`,
  );
}

test('lines taken by the kernel and lines read as objects give the same batches, ids, times, weights and formats', async (t) => {
  t.diagnostic(`PANNIER_SEED=${seed}`);
  let lines = 0;
  let taken = 0;
  let runs = 0;
  while (lines < wantedLines) {
    const run = makeRun(seed + runs);
    const found = await difference(run, (lanes) => void (taken += lanes.taken)).catch(() => 'an error');
    if (found !== undefined) await explain(seed + runs, run);
    lines += run.files.reduce((sum, file) => sum + file.lines.length, 0);
    runs += 1;
  }
  t.diagnostic(`${lines} lines in ${runs} runs, ${Math.round((100 * taken) / lines)} % of them by the kernel`);
});

test('real log files too, once as they are and once with changed lines', { skip: !existsSync(samples) }, async () => {
  const random = new Random(seed);
  for (const [path, lines] of await sampleLines()) {
    const world = { ...makeWorld(random), format: 'auto' };
    const changed = lines.map((line) => (random.oneIn(4) ? mutate(random, line) : line));
    const file = { looks: [], flushes: false, remembered: '', mtimeMs: 1, base: 0 };
    const run = { world, files: [lines, changed].map((each) => ({ ...file, lines: each })) };
    if ((await difference(run)) !== undefined)
      await explain(seed, run).catch((error: unknown) => assert.fail(`${path}: ${String(error)}`));
  }
});
