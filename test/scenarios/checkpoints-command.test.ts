import assert from 'node:assert/strict';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { askSocket } from '../../src/commands/ask-socket.js';
import { runCommand } from '../support/agent-process.js';
import { textOf } from '../support/bulk-server.js';
import { prepareAgent, scenario, startAgent, type Lab } from '../support/lab.js';
import { until } from '../support/until.js';

interface Row {
  readonly output: string;
  readonly path: string;
  readonly offset: number;
  readonly size: number;
  readonly lag_bytes: number;
}

const run = async (lab: Lab, ...args: string[]) =>
  await runCommand({ env: lab.env, args: ['checkpoints', ...args], cwd: lab.dir });

async function list(lab: Lab, ...args: string[]): Promise<Row[]> {
  const { code, stdout, stderr } = await run(lab, 'list', '--json', ...args);
  assert.equal(code, 0, stderr);
  return (JSON.parse(stdout) as { positions: Row[] }).positions;
}

const lines = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `line ${String(from + index).padStart(4, '0')}`);
/** Bytes of each of these lines, with its end. */
const lineBytes = 10;
const text = (from: number, to: number): string => `${lines(from, to).join('\n')}\n`;

/** How often each line came. */
const counts = (lab: Lab): Map<string, number> => {
  const found = new Map<string, number>();
  for (const line of lab.server.lines.map(textOf)) found.set(line, (found.get(line) ?? 0) + 1);
  return found;
};

/** Waits until each output has all that was written; a file that is not known yet lags nowhere. */
const shipped = async (lab: Lab): Promise<void> => {
  await lab.shows('all is delivered', ({ outputs }) =>
    Object.values(outputs).every(({ ledger }) => ledger.delivered === lab.logs.written),
  );
};

const cameExactly = async (
  lab: Lab,
  what: string,
  expected: (line: string) => number,
  all: string[],
): Promise<void> => {
  const wrong = (): string =>
    all
      .map((line) => [line, counts(lab).get(line) ?? 0, expected(line)] as const)
      .filter(([, got, wanted]) => got !== wanted)
      .slice(0, 5)
      .join('; ');
  await until(() => wrong() === '', { what, instead: () => `${wrong()}\n${lab.agent.tail()}` });
};

const http = { outputs: 'http', env: { PANNIER_MULTILINE: 'off' } };

for (const running of [true, false])
  scenario(`with ${running ? 'a running' : 'no'} agent a rewind brings exactly the lines behind it again`, async () => {
    await using lab = await startAgent(http);
    await lab.logs.append('a.log', text(0, 100));
    await lab.logs.append('b.log', text(100, 200));
    await shipped(lab);
    if (!running) assert.equal(await lab.stop(), 0);
    assert.deepEqual(
      (await list(lab))
        .map(({ output, path, offset, size, lag_bytes }) => [output, path, offset, size, lag_bytes])
        .sort(),
      ['a.log', 'b.log'].map((name) => ['http', lab.logs.at(name), 1000, 1000, 0]),
    );
    // In the middle of line 60: from its start.
    const done = await run(lab, 'rewind', '--output', 'http', '--file', 'a.log', '--to', `${60 * lineBytes + 4}`);
    assert.equal(done.code, 0, done.stderr);
    assert.match(done.stdout, /a\.log: from 1000 back to 600\n$/);
    if (!running) {
      assert.deepEqual((await list(lab, '--file', 'a.log'))[0]?.lag_bytes, 400);
      await lab.start();
    }
    await lab.logs.append('a.log', text(200, 210));
    const again = new Set(lines(60, 100));
    const all = lines(0, 210);
    await cameExactly(lab, 'forty lines twice', (line) => (again.has(line) ? 2 : 1), all);
    await shipped(lab);
    const { ledger } = await lab.output('http');
    assert.equal(ledger.delivered, 2100);
    if (running) {
      const metrics = (await lab.get('/metrics')).body;
      assert.match(metrics, /^pannier_rewound_bytes_total\{output="http"\} 400$/m);
      assert.match(metrics, /^pannier_delivered_bytes_total\{output="http"\} 2500$/m);
    }
  });

scenario('a reset sends all again, and Elasticsearch keeps one of each', async () => {
  await using lab = await startAgent();
  await lab.logs.append('a.log', text(0, 300));
  await lab.delivered(lines(0, 300));
  const { code, stdout } = await run(lab, 'reset', '--json');
  assert.equal(code, 0);
  const { moved } = JSON.parse(stdout) as { moved: { from: number; to: number }[] };
  assert.deepEqual(
    moved.map(({ from, to }) => [from, to]),
    [[3000, 0]],
  );
  await shipped(lab);
  await lab.logs.append('a.log', text(300, 310));
  await lab.delivered(lines(0, 310));
});

scenario(
  'a rewind while lines come, and a kill right after it, lose nothing and repeat only what was asked for',
  async () => {
    await using lab = await startAgent(http);
    await lab.logs.append('a.log', text(0, 500));
    await shipped(lab);
    await lab.server.down();
    await lab.logs.append('a.log', text(500, 600));
    await lab.shows('it is tried', ({ outputs }) => outputs.http?.state === 'retrying');
    const { code, stderr } = await run(lab, 'rewind', '--file', '*.log', '--to', '4000');
    assert.equal(code, 0, stderr);
    await lab.kill9();
    assert.deepEqual(
      (await list(lab)).map(({ offset }) => offset),
      [4000],
      'the new position is on the disk when the command ends',
    );
    await lab.server.up();
    await lab.start();
    await lab.logs.append('a.log', text(600, 700));
    const again = new Set(lines(400, 500));
    await cameExactly(lab, 'a hundred lines twice', (line) => (again.has(line) ? 2 : 1), lines(0, 700));
  },
);

scenario('a rewind of one output leaves the other alone', async () => {
  await using lab = await startAgent({
    outputs: 'http,elasticsearch',
    env: { PANNIER_MULTILINE: 'off' },
  });
  await lab.logs.append('a.log', text(0, 50));
  await shipped(lab);
  const { code } = await run(lab, 'reset', '--output', 'elasticsearch');
  assert.equal(code, 0);
  await shipped(lab);
  await lab.logs.append('a.log', text(50, 60));
  await shipped(lab);
  assert.deepEqual(
    [...counts(lab).values()].filter((count) => count !== 1),
    [],
  );
  assert.equal(counts(lab).size, 60);
});

for (const running of [true, false])
  scenario(
    `with ${running ? 'a running' : 'no'} agent a time leads to the first line as young, by the lines' own times`,
    async () => {
      await using lab = await startAgent(http);
      const timed = (minute: number): string => `{"time":"2026-11-20T09:${minute}:00Z","msg":"at ${minute}"}`;
      const own = [10, 11, 12, 13, 14, 15].map(timed);
      await lab.logs.append('timed.log', `${own.join('\n')}\n`);
      await lab.logs.append('plain.log', 'no time\nnone here\n');
      await shipped(lab);
      if (!running) assert.equal(await lab.stop(), 0);
      const { code, stdout, stderr } = await run(lab, 'rewind', '--to', '2026-11-20T10:12:30+01:00', '--json');
      assert.equal(code, 0, stderr);
      const { moved } = JSON.parse(stdout) as { moved: { path: string; to: number }[] };
      const to = new Map(moved.map((row) => [row.path, row.to]));
      assert.equal(to.get(lab.logs.at('timed.log')), Buffer.byteLength(`${own.slice(0, 3).join('\n')}\n`));
      assert.equal(to.get(lab.logs.at('plain.log')), 0, 'no line has a time, and it was changed since');
      if (!running) await lab.start();
      await until(() => lab.server.lines.map(textOf).filter((line) => line === 'at 15').length === 2, {
        what: 'the last line twice',
      });
      await shipped(lab);
      assert.deepEqual(
        [10, 11, 12, 13, 14, 15].map((minute) => counts(lab).get(`at ${minute}`)),
        [1, 1, 1, 2, 2, 2],
      );
      const later = await run(lab, 'rewind', '--to', '2126-11-20T10:12:30Z');
      assert.equal(later.code, 0);
      assert.doesNotMatch(later.stdout, /back to/);
    },
  );

scenario(
  'while the agent looks for a time for one command it tells another so, and what is no search is refused',
  async () => {
    await using lab = await startAgent(http);
    const ask = async (body: unknown) => await askSocket(lab.stateDir, { route: 'POST /checkpoints/find', body });
    for (const body of [
      undefined,
      {},
      { ms: 'x', files: [] },
      { ms: 1, files: [{}] },
      { ms: 1, files: [{ fileId: 1, upTo: 0 }] },
      { ms: 1, files: [{ fileId: 'a', upTo: -1 }] },
      { ms: 1, files: new Array(501).fill({ fileId: 'a', upTo: 1 }) },
    ]) {
      const answer = await ask(body);
      assert.equal(answer.kind === 'answered' ? answer.code : answer.why, 400, JSON.stringify({ body }).slice(0, 80));
    }
    // A file that takes a while, and nobody who waits for the end of it.
    const stamped = Array.from(
      { length: 20_000 },
      (_, n) => `{"time":"2026-11-20T09:10:00Z","msg":"${n} ${'x'.repeat(200)}"}`,
    );
    await lab.logs.append('long.log', `${stamped.join('\n')}\n`);
    await shipped(lab);
    const both = await Promise.all([1, 2].map(() => run(lab, 'rewind', '--to', '2026-11-20T09:12:00Z', '--json')));
    for (const { code, stderr } of both) if (code !== 0) assert.match(stderr, /is searching for another command/);
    // It needs no settings but the directory: the agent reads, by its own.
    const again = await runCommand({
      env: { PANNIER_STATE_DIR: lab.stateDir, PANNIER_FORMAT: 'no such format' },
      args: ['checkpoints', 'rewind', '--to', '2026-11-20T09:12:00Z', '--json'],
    });
    assert.equal(again.code, 0, again.stderr);
    assert.equal(
      (JSON.parse(again.stdout) as { moved: { to: number; from: number }[] }).moved.every(
        ({ from, to }) => from === to,
      ),
      true,
    );
  },
);

scenario('a renamed file keeps its position, and its old and new name both find it', async () => {
  await using lab = await startAgent(http);
  await lab.logs.append('a.log', text(0, 20));
  await shipped(lab);
  assert.equal(await lab.stop(), 0);
  await lab.logs.rename('a.log', 'a.log.1');
  await lab.logs.append('a.log', text(20, 30));
  const rows = await list(lab);
  assert.deepEqual(rows.map(({ offset, size }) => [offset, size]).sort(), [
    [0, 100],
    [200, 200],
  ]);
  const { stdout } = await run(lab, 'rewind', '--file', 'a.log.1', '--to', '100');
  assert.match(stdout, /from 200 back to 100\n$/);
  await lab.start();
  await cameExactly(lab, 'ten lines twice', (line) => (lines(10, 20).includes(line) ? 2 : 1), lines(0, 30));
});

scenario('what is wrong with a command line is said, with its exit code', async () => {
  await using lab = await startAgent(http);
  await lab.logs.append('a.log', text(0, 20));
  await shipped(lab);
  for (const [args, code, words] of [
    [['reset', '--output', 'htpp'], 64, /no output htpp; did you mean http\?/],
    [['rewind'], 64, /needs --to/],
    [['rewind', '--to', '100'], 64, /--file/],
    [['rewind', '--to', 'yesterday', '--file', 'a.log'], 64, /no offset in bytes/],
    [['rewind', '--to', '-2h', '--output', 'x'], 64, /no output x; there are http/],
    [['reset', '--file', '/nowhere/*'], 1, /no file that Pannier knows matches \/nowhere/],
    [['reset', '--to', '1'], 64, /unknown option/],
  ] as const) {
    const done = await run(lab, ...args);
    assert.equal(done.code, code, `${args.join(' ')}: ${done.stdout}${done.stderr}`);
    assert.match(done.stderr, words);
  }
  assert.deepEqual(
    [...counts(lab).values()].filter((count) => count !== 1),
    [],
  );
});

scenario('without an agent and without positions nothing is made: the first start stays the first', async () => {
  await using lab = await prepareAgent(http);
  const { code, stderr } = await run(lab, 'list');
  assert.equal(code, 1);
  assert.match(stderr, /holds no positions/);
  assert.deepEqual(await readdir(lab.stateDir), []);
  await mkdir(lab.logs.path, { recursive: true });
  await lab.logs.append('a.log', text(0, 5));
  await lab.start({ PANNIER_START_AT: 'end' });
  await lab.logs.append('a.log', text(5, 6));
  await lab.delivered(lines(5, 6));
});

scenario('an output that is added later ships what is still on the volume', async () => {
  await using lab = await startAgent(http);
  await lab.logs.append('a.log', text(0, 40));
  await shipped(lab);
  await lab.restart({ PANNIER_OUTPUTS: 'http,elasticsearch' });
  await shipped(lab);
  const stored = lab.server.stored;
  assert.equal(stored.length, 40);
  assert.deepEqual(
    [...counts(lab).values()].filter((count) => count !== 1),
    [],
  );
});

scenario('a state directory whose name is too long for a socket is named, with what to do', async () => {
  await using lab = await prepareAgent(http);
  const stateDir = join(lab.dir, 'x'.repeat(100));
  await lab.start({ PANNIER_STATE_DIR: stateDir });
  const done = await runCommand({ env: { ...lab.env, PANNIER_STATE_DIR: stateDir }, args: ['checkpoints', 'list'] });
  assert.equal(done.code, 1);
  assert.match(done.stderr, /in use by another agent.*stop it first/);
});
