import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loggers } from '../../test/support/lines/json-lines.js';
import { lineOf, type Family } from '../../test/support/lines.js';
import { Random } from '../../test/support/random.js';
import { differenceOf, TwinLanes, type TwinFile, type World } from '../../test/support/twin-lanes.js';

const usualWorld: World = {
  layout: 'one index',
  format: 'auto',
  timezone: 'UTC',
  statics: { service: { name: 'pay' }, host: { name: 'web-1' } },
  maxLineBytes: 65_536,
  turnBytes: 262_144,
  batchRecords: 10_000,
  batchBytes: 1_000_000,
  limitBytes: 1_000_000,
  recordBytes: 1_000_000,
  spanMs: Infinity,
  slackBytes: 65_536,
  turnsPerBatch: 1000,
};

const fileOf = (lines: readonly string[], over: Partial<TwinFile> = {}): TwinFile => ({
  lines: lines.map((line) => Buffer.from(`${line}\n`)),
  looks: [],
  flushes: false,
  remembered: '',
  mtimeMs: Date.UTC(2026, 10, 20),
  base: 0,
  ...over,
});

/** Reads the files both ways, which have to give the same. Returns how many lines the kernel took. */
async function takenOf(files: readonly TwinFile[], over: Partial<World> = {}): Promise<number> {
  const lanes = new TwinLanes({ ...usualWorld, ...over });
  const byBytes = await lanes.run('bytes', files);
  assert.equal(differenceOf(byBytes, await lanes.run('objects', files)), undefined);
  return lanes.taken;
}

const count = 2000;
/** What decides the format of a file and, in a wrapper, that of its lines is read as objects. */
const deciding = 40;

/** Lines of a kind, mostly one after the other by the kernel: else it would be there for nothing. */
async function mostAreTaken(
  lineBy: (random: Random) => string,
  over: Partial<World> = {},
  share = 0.97,
): Promise<void> {
  const random = new Random(1);
  const taken = await takenOf([fileOf(Array.from({ length: count }, () => lineBy(random)))], over);
  assert.ok(taken >= (count - deciding) * share, `${taken} of ${count}`);
}

for (const [logger, lineBy] of Object.entries(loggers))
  test(`lines of ${logger} take the byte path`, () => mostAreTaken(lineBy));

for (const family of ['cri text', 'cri json', 'docker text', 'docker json'] as const satisfies readonly Family[])
  test(`lines of the kind ${family} take the byte path`, () =>
    // Some of the text shows something of a format.
    mostAreTaken((random) => lineOf(random, family, false), {}, family.includes('text') ? 0.87 : 0.97));

test('lines of access logs take the byte path, in a wrapper or not', async () => {
  for (const family of ['access', 'cri access', 'docker access'] as const)
    await mostAreTaken((random) => lineOf(random, family, false));
  await mostAreTaken((random) => lineOf(random, 'access', false), { format: 'access' });
});

test('lines of text with a header take the byte path, in a wrapper or not', async () => {
  for (const family of ['dated', 'cri dated'] as const)
    await mostAreTaken((random) => lineOf(random, family, false), {}, 0.8);
});

test('a static member at a root of an access line keeps the line from the byte path', async () => {
  const random = new Random(4);
  const lines = Array.from({ length: 100 }, () => lineOf(random, 'access', false));
  for (const statics of [{ url: 1 }, { user: { name: 'x' } }, { access: { x: 1 } }])
    assert.equal(await takenOf([fileOf(lines)], { statics }), 0);
});

test('lines of text take the byte path, demanded as such or guessed', async () => {
  await mostAreTaken((random) => lineOf(random, 'text', false));
  await mostAreTaken((random) => lineOf(random, 'odd text', false), { format: 'raw' });
});

for (const layout of ['one index', 'index of a day', 'http', 'cloudwatch line', 'cloudwatch json'] as const)
  test(`lines take the byte path into items of the layout: ${layout}`, () =>
    mostAreTaken(loggers.winston!, { layout }, 0.85));

test('a line that the kernel does not take keeps no other line from it', async () => {
  const random = new Random(2);
  const lines = Array.from({ length: count }, (_, i) => (i % 10 === 9 ? 'odd' : loggers.pino!(random)));
  assert.ok((await takenOf([fileOf(lines)])) > (count - deciding) * 0.85);
});

test('a file whose lines are all otherwise is seldom asked for: twice as seldom each time', async () => {
  const taken = await takenOf([fileOf(Array.from({ length: count }, (_, i) => `level=info n=${i}`))], {
    format: 'json',
  });
  assert.equal(taken, 0);
});

test('where a plan does not fit its area, or records have texts of their own, lines are read as objects', async () => {
  const random = new Random(3);
  const file = fileOf(Array.from({ length: 100 }, () => loggers.zap!(random)));
  assert.equal(await takenOf([file], { statics: { large: 'x'.repeat(70_000) }, format: 'json' }), 0);
  assert.equal(await takenOf([file], { statics: { log: { logger: 'x' } }, format: 'json' }), 0);
  assert.equal(await takenOf([file], { layout: 'index of a field', format: 'json' }), 0);
  assert.ok((await takenOf([file], { format: 'json' })) > 90);
});

test('a static member named stream gives way to no wrapper', async () => {
  const lines = Array.from({ length: 100 }, (_, i) => `2026-11-20T09:15:02Z stdout F text ${i}`);
  assert.equal(await takenOf([fileOf(lines)], { statics: { stream: 'x' } }), 0);
});

test('lines go on by the kernel from hour to hour, in an index of the hour', async () => {
  const lines = Array.from({ length: count }, (_, i) => {
    const time = new Date(Date.UTC(2026, 10, 20, 20) + i * 20_000).toISOString();
    return `{"time":"${time}","msg":"line ${i}"}`;
  });
  assert.ok((await takenOf([fileOf(lines)], { layout: 'index of an hour' })) > count - deciding - 20);
});

test('files that take turns have each their own path and id in its items', async () => {
  const random = new Random(4);
  const files = Array.from({ length: 3 }, () => fileOf(Array.from({ length: count }, () => loggers.slog!(random))));
  assert.ok((await takenOf(files, { turnBytes: 2000 })) > 3 * (count - deciding) * 0.97);
});

test('a line that is blank in its wrapper counts for the format of its file, whichever way it is read', async () => {
  const wrapped = (text: string): string => `2026-11-20T09:15:02Z stdout F ${text}`;
  const lines = [
    ...Array.from({ length: 40 }, () => wrapped('some text')),
    ...Array.from({ length: 19 }, (_, i) => `[${i}] something else`),
    wrapped(' '),
    ...Array.from({ length: 3 }, (_, i) => `[${i}] something else`),
    wrapped('some text'),
  ];
  // Each look is a new turn, and a new turn asks the kernel first.
  const looks = Array.from({ length: 2000 }, (_, i) => i / 2000);
  assert.ok((await takenOf([fileOf(lines, { looks })])) > 20);
});

test('lines without a wrapper say nothing of what is in wrappers', async () => {
  const wrapped = (text: string): string => `2026-11-20T09:15:02Z stdout F ${text}`;
  const rarely = (text: string): string[] => [wrapped(text), ...Array.from({ length: 5 }, () => '{"msg":"x"}')];
  const lines = [
    ...Array.from({ length: 30 }, () => '{"msg":"x"}'),
    // In wrappers there is text, then often enough logfmt that this is what the file is known for.
    ...Array.from({ length: 20 }, () => rarely('some text')).flat(),
    ...Array.from({ length: 45 }, () => rarely('level=info msg=x')).flat(),
    ...Array.from({ length: 5 }, () => rarely('a=1 b=2')).flat(),
  ];
  assert.ok((await takenOf([fileOf(lines)])) > 300);
});

test('long turns over files of any lines give the records that short ones give', async () => {
  const random = new Random(5);
  for (const family of ['json', 'odd json', 'odd text', 'cri json', 'docker text'] as const) {
    const file = fileOf(Array.from({ length: count }, () => lineOf(random, family, random.oneIn(50))));
    const world = { ...usualWorld, turnBytes: 2000, batchBytes: 20_000, maxLineBytes: 30_000 };
    const [long, short] = [new TwinLanes({ ...world, longTurns: true }), new TwinLanes(world)];
    const [byBytes, byObjects] = [await long.run('bytes', [file]), await short.run('objects', [file])];
    assert.deepEqual(byBytes.bodies, byObjects.bodies);
    assert.deepEqual(byBytes.numbers, byObjects.numbers);
    assert.ok(byBytes.notes.length < byObjects.notes.length, 'there were fewer turns');
  }
});
