import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { lineOf } from '../support/lines.js';
import { Random } from '../support/random.js';
import { withFewestLines } from '../support/shrink.js';
import { differenceOf, TwinLanes, type TwinFile, type World } from '../support/twin-lanes.js';

const folder = join(process.env.PANNIER_ROOT ?? process.cwd(), 'test/fixtures/multiline');
const traceLines = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8').split('\n'));

/** Replays a run: PANNIER_SEED. */
const seed = Number(process.env.PANNIER_SEED ?? Math.floor(Math.random() * 2 ** 31));
const runs = Number(process.env.PANNIER_LINES ?? '60000') / 400;

/** A stretch of lines: whole traces, pieces of them, prose, lines of formats, blank ones. */
function stretch(random: Random): string[] {
  const trace = random.pick(traceLines);
  const kind = random.below(10);
  if (kind < 4) return [lineOf(random, 'text', false)];
  if (kind === 4) return trace;
  if (kind === 5) return [random.pick(trace)];
  if (kind === 6) return [`2026-11-20 09:15:0${random.below(10)} ERROR it failed`, ...trace];
  if (kind === 7) return [random.pick(['', ' ', '  indented', '}', 'Caused by: x', 'note: x', '#1 x', '{'])];
  return [lineOf(random, random.pick(['json', 'logfmt', 'mixed'] as const), false)];
}

function makeFile(random: Random): TwinFile {
  const lines = Array.from({ length: random.between(1, 80) }, () => stretch(random)).flat();
  const isWrapped = random.oneIn(3);
  const wrap = (line: string): string =>
    `2026-11-20T09:15:02.${random.below(10)}Z ${random.pick(['stdout', 'stdout', 'stderr'])} ${random.oneIn(20) ? 'P' : 'F'} ${line}`;
  return {
    lines: lines.map((line) => Buffer.from(`${isWrapped ? wrap(line) : line}\n`)),
    looks: Array.from({ length: random.pick([0, 0, 3]) }, () => random.below(1000) / 1000).sort((a, b) => a - b),
    flushes: false,
    remembered: random.pick(['', 'auto:raw', 'auto:raw', 'auto:cri', 'auto:text']),
    mtimeMs: Date.UTC(2026, 10, 20),
    base: random.pick([0, 17]),
  };
}

const makeWorld = (random: Random): World => ({
  layout: 'http',
  format: random.pick(['auto', 'auto', 'auto', 'raw', 'cri']),
  timezone: 'UTC',
  multiline: random.pick(['auto', 'auto', 'java', 'indent']),
  statics: {},
  maxLineBytes: random.pick([65_536, 1024]),
  turnBytes: random.pick([262_144, 4096, 700]),
  batchRecords: random.pick([1000, 5]),
  batchBytes: random.pick([1_000_000, 3000]),
  limitBytes: 1_000_000,
  recordBytes: 1_000_000,
  spanMs: Infinity,
  slackBytes: 65_536,
  turnsPerBatch: random.pick([1000, 2]),
});

async function differenceIn(lanes: TwinLanes, files: readonly TwinFile[]): Promise<string | undefined> {
  const byBytes = await lanes.run('bytes', files);
  return differenceOf(byBytes, await lanes.run('objects', files));
}

/** Fails with the fewest lines that differ. */
async function explain(of: number, world: World, files: readonly TwinFile[]): Promise<never> {
  const found = (fewer: readonly TwinFile[]): Promise<string | undefined> =>
    differenceIn(new TwinLanes(world), fewer).catch((error: unknown) => String(error));
  const fewest = await withFewestLines(files, async (fewer) => (await found(fewer)) !== undefined);
  const shown = fewest.map((file) => ({ ...file, lines: file.lines.map(String) }));
  assert.fail(
    `PANNIER_SEED=${of} PANNIER_LINES=400: ${await found(fewest)}\n${JSON.stringify(world)}\n${JSON.stringify(shown, null, 1)}`,
  );
}

test('lines that are joined: the kernel takes those that stand alone, and both ways give the same', async () => {
  let taken = 0;
  for (let run = 0; run < runs; run += 1) {
    const random = new Random(seed + run);
    const world = makeWorld(random);
    const files = Array.from({ length: random.pick([1, 1, 2]) }, () => makeFile(random));
    const lanes = new TwinLanes(world);
    if ((await differenceIn(lanes, files)) !== undefined) await explain(seed + run, world, files);
    taken += lanes.taken;
  }
  assert.ok(taken > 0, 'the kernel took some');
});

test('nearly all lines of plain text are the kernel’s, also where lines are joined', async () => {
  const random = new Random(1);
  const lines = Array.from({ length: 2000 }, () => Buffer.from(`${lineOf(random, 'text', false)}\n`));
  const file = { lines, looks: [], flushes: false, remembered: 'auto:raw', mtimeMs: 0, base: 17 };
  const world = { ...makeWorld(random), format: 'auto', multiline: 'auto', maxLineBytes: 65_536, turnBytes: 262_144 };
  const lanes = new TwinLanes({ ...world, batchRecords: 1000, batchBytes: 1_000_000 });
  assert.equal(await differenceIn(lanes, [file]), undefined);
  assert.ok(lanes.taken > 1900, `${lanes.taken} of 2000`);
});
