import assert from 'node:assert/strict';
import { join } from 'node:path';
import { AgentProcess, runCommand } from '../support/agent-process.js';
import { refused } from '../support/bulk-api.js';
import { textOf } from '../support/bulk-server.js';
import { scenario, startAgent, type Lab, type LabOptions } from '../support/lab.js';
import { asText, numbered } from '../support/logs.js';
import { until } from '../support/until.js';

const isBad = (text: string): boolean => text.includes('bad');
const lines = numbered('line', 40).map((line, index) => (index % 4 === 0 ? `${line} bad` : line));
const bad = lines.filter(isBad);

/** A mapping that refuses bad lines in any form, until it is mended. */
function refuseBad({ server }: Lab): void {
  server.judge = ({ source }) => (isBad(source) ? refused('document_parsing_exception', 'no good') : undefined);
}
const mend = ({ server }: Lab): void => void (server.judge = () => undefined);

/** An agent that has the letters of all bad lines. */
async function withLetters(options: LabOptions = {}): Promise<Lab> {
  const lab = await startAgent(options);
  try {
    refuseBad(lab);
    await lab.logs.append('app.log', asText(lines));
    await until(async () => (await lab.deadLetters(options.outputs)).length === bad.length, { what: 'all letters' });
    await lab.caughtUp();
    return lab;
  } catch (error) {
    await lab[Symbol.asyncDispose]().catch(() => {});
    throw error;
  }
}

async function command(lab: Lab, ...args: string[]) {
  const { code, stdout, stderr } = await runCommand({ env: lab.env, args: ['dead-letters', ...args], cwd: lab.dir });
  return { code, stdout, stderr };
}

scenario('letters are listed, one is shown, and nothing that was logged reaches the terminal raw', async () => {
  await using lab = await withLetters();
  await lab.logs.append('app.log', 'bad \u001b[2J\u202e end\n');
  await until(async () => (await lab.deadLetters()).length === bad.length + 1, { what: 'the hostile line' });
  const all = await command(lab, 'list');
  assert.equal(all.code, 0, all.stderr);
  assert.match(all.stdout, /^TIME +OUTPUT +ID +FILE +OFFSET +REASON +TEXT\n/);
  assert.equal(all.stdout.split('\n').length, bad.length + 3);
  for (const line of bad) assert.ok(all.stdout.includes(line));
  assert.ok(all.stdout.includes('bad \\x1b[2J\\u{202e} end'), all.stdout);
  const json = await command(lab, 'list', '--json', '--output', 'elasticsearch');
  const letters = json.stdout.trim().split('\n');
  assert.deepEqual(
    letters.map((line) => JSON.parse(line) as unknown),
    await lab.deadLetters(),
  );
  assert.ok(!`${all.stdout}${json.stdout}`.includes('\u001b'));

  const id = String((await lab.deadLetters())[3]!.id);
  const one = await command(lab, 'show', id);
  assert.equal(one.code, 0, one.stderr);
  assert.ok(one.stdout.includes(bad[3]!) && one.stdout.includes(`id       ${id}`), one.stdout);
  assert.equal((await command(lab, 'show', 'nobody')).code, 64);
  const wrong = await command(lab, 'list', '--output', 'elasticsaerch');
  assert.equal(wrong.code, 64);
  assert.match(wrong.stderr, /did you mean elasticsearch\?/);
});

for (const running of [true, false])
  scenario(
    `letters that are accepted now go, under the ids they had: the agent ${running ? 'runs' : 'is stopped'}`,
    async () => {
      await using lab = await withLetters();
      if (!running) assert.equal(await lab.stop(), 0);
      const before = await lab.deadLetters();
      const still = await command(lab, 'replay');
      assert.equal(still.code, 75, still.stderr);
      assert.match(still.stdout, /0 accepted; these stay: 10 refused again/);
      const again = await lab.deadLetters();
      assert.deepEqual(
        again.map(({ id }) => id),
        before.map(({ id }) => id),
      );
      for (const [n, { tries }] of again.entries()) assert.ok(Number(tries) > Number(before[n]!.tries));

      mend(lab);
      const id = String(before[2]!.id);
      const one = await command(lab, 'replay', '--id', id, '--json');
      assert.equal(one.code, 0, one.stderr + one.stdout);
      assert.deepEqual(JSON.parse(one.stdout), {
        output: 'elasticsearch',
        accepted: 1,
        refused: 0,
        unreadable: 0,
        left: 0,
        problem: '',
        noRoom: false,
      });
      assert.equal((await lab.deadLetters()).length, bad.length - 1);
      const rest = await command(lab, 'replay');
      assert.equal(rest.code, 0, rest.stderr + rest.stdout);
      assert.deepEqual(await lab.deadLetters(), []);
      await lab.delivered(lines);
      assert.deepEqual(
        lab.server.stored
          .filter((stored) => isBad(textOf(stored)))
          .map((stored) => stored.id)
          .sort(),
        before.map(({ id: each }) => String(each)).sort(),
      );
      const offsets = new Map(before.map(({ id: each, offset }) => [String(each), offset]));
      for (const { id: each, document } of lab.server.stored.filter((stored) => isBad(textOf(stored)))) {
        const { offset, file } = document.log as { offset: number; file: { path: string } };
        assert.equal(offset, offsets.get(each));
        assert.equal(file.path, join(lab.logs.path, 'app.log'));
      }
      assert.equal(lab.server.repeated, 0);
    },
  );

/** Sends the process that replays this letter SIGKILL while the destination stores it: its answer is never read. */
function killWhileStoring(lab: Lab, text: string, victim: () => AgentProcess): void {
  lab.server.judge = ({ source }) => {
    if (source.includes(text)) victim().signal('SIGKILL');
    return undefined;
  };
}

// A batch holds a few of the letters.
const smallBatches = { PANNIER_ELASTICSEARCH_BATCH_MAX_BYTES: '1KiB', PANNIER_MAX_LINE_BYTES: '1KiB' };

scenario('a replay that is killed while its answer is on the way loses no letter, and sends none twice', async () => {
  await using lab = await withLetters({ env: smallBatches });
  assert.equal(await lab.stop(), 0);
  const replay = new AgentProcess({ env: lab.env, args: ['dead-letters', 'replay'], cwd: lab.dir });
  killWhileStoring(lab, bad[5]!, () => replay);
  assert.equal(await replay.exit(), 'SIGKILL');
  const left = (await lab.deadLetters()).filter(({ id }) => id !== undefined);
  assert.ok(left.length > 0 && left.length < bad.length, `${left.length} letters are left`);
  mend(lab);
  const rest = await command(lab, 'replay');
  assert.equal(rest.code, 0, rest.stderr + rest.stdout);
  assert.deepEqual(await lab.deadLetters(), []);
  assert.ok(lab.server.repeated > 0, 'what was stored without an answer came again, and the destination saw it');
  await lab.start();
  await lab.delivered(lines);
});

scenario('an agent that is killed in the middle of a replay loses no letter, and sends none twice', async () => {
  await using lab = await withLetters({ env: smallBatches });
  killWhileStoring(lab, bad[5]!, () => lab.agent);
  const cut = await command(lab, 'replay');
  assert.equal(cut.code, 1, cut.stdout);
  assert.match(cut.stderr, /elasticsearch: .*control\.sock/);
  mend(lab);
  await lab.agent.exit();
  await lab.start();
  const rest = await command(lab, 'replay');
  assert.equal(rest.code, 0, rest.stderr + rest.stdout);
  assert.deepEqual(await lab.deadLetters(), []);
  await lab.delivered(lines);
});

scenario('what the agent appends while letters are replayed is there afterwards', async () => {
  await using lab = await withLetters({ env: smallBatches });
  const worse = numbered('worse bad', 30);
  let asked = 0;
  // The lane's letters come between the batches of the replay.
  lab.server.judge = ({ source }) => {
    asked++;
    return source.includes('worse') ? refused('document_parsing_exception', 'no good') : undefined;
  };
  lab.server.delayMs = 50;
  const replay = command(lab, 'replay');
  await until(() => asked > 0, { what: 'the replay has begun' });
  await lab.logs.append('app.log', asText(worse));
  const { code, stdout, stderr } = await replay;
  assert.equal(code, 0, stderr + stdout);
  await lab.caughtUp();
  await until(async () => (await lab.deadLetters()).length === worse.length, { what: 'the new letters' });
  assert.deepEqual(
    (await lab.deadLetters()).map(({ message }) => message),
    worse,
  );
  await lab.delivered(lines);
});

scenario('a destination that does not answer: the replay gives up with 75, and every letter stays', async () => {
  await using lab = await withLetters({ env: { PANNIER_DRAIN_TIMEOUT: '3s' } });
  assert.equal(await lab.stop(), 0);
  await lab.server.down();
  const { code, stdout } = await command(lab, 'replay', '--json');
  assert.equal(code, 75, stdout);
  const { accepted, left, problem } = JSON.parse(stdout) as Record<string, unknown>;
  assert.deepEqual({ accepted, left }, { accepted: 0, left: bad.length });
  assert.match(String(problem), /ECONNREFUSED|refused/);
  assert.equal((await lab.deadLetters()).length, bad.length);
  await lab.server.up();
  mend(lab);
  assert.equal((await command(lab, 'replay')).code, 0);
  await lab.start();
  await lab.delivered(lines);
});

scenario('a lane that waits for room in its dead letters goes on when some are purged', async () => {
  await using lab = await startAgent({ env: { PANNIER_DEAD_LETTER_MAX_BYTES: '4KiB', ...smallBatches } });
  refuseBad(lab);
  const many = numbered('bad', 40);
  await lab.logs.append('app.log', asText(many));
  await lab.shows('blocked', ({ outputs }) => outputs.elasticsearch?.state === 'blocked');
  const first = await lab.deadLetters();
  assert.ok(first.length > 0 && first.length < many.length);
  const unsure = await command(lab, 'purge');
  assert.equal(unsure.code, 64);
  assert.match(unsure.stderr, /--yes/);
  assert.deepEqual(await lab.deadLetters(), first);
  // By what the command says it removed: a letter may come and be removed between two looks at the file.
  let removed = 0;
  await until(
    async () => {
      const { code, stdout, stderr } = await command(lab, 'purge', '--before', '0s', '--yes', '--json');
      assert.equal(code, 0, stderr);
      removed += (JSON.parse(stdout) as { readonly removed: number }).removed;
      return removed >= many.length;
    },
    { what: 'each letter was removed', instead: () => `${removed} of ${many.length} removed` },
  );
  await lab.caughtUp();
  assert.deepEqual([removed, await lab.deadLetters()], [many.length, []]);
});

scenario('what was redacted stays so when it is sent again, also where the destination quotes it', async () => {
  await using lab = await startAgent({ env: { PANNIER_REDACT: 'all' } });
  refuseBad(lab);
  await lab.logs.append('app.log', 'bad jane.doe@example.com\n{"message":"bad","user":"jane.doe@example.com"}\n');
  await until(async () => (await lab.deadLetters()).length === 2, { what: 'the letters' });
  const json = await command(lab, 'list', '--json');
  mend(lab);
  const { code, stderr } = await command(lab, 'replay');
  assert.equal(code, 0, stderr);
  assert.equal(lab.server.stored.length, 2);
  const said = `${json.stdout}${JSON.stringify(lab.server.stored)}`;
  assert.ok(!said.includes('jane.doe'), said);
  const members = lab.server.stored.map(({ document }) => document.user).filter((user) => user !== undefined);
  assert.equal(members.length, 1, 'the JSON line has its own members again');
});

scenario('an output without ids gets each letter again', async () => {
  await using lab = await startAgent({ outputs: 'http' });
  lab.server.refuseLine = (line) => isBad(textOf(line));
  await lab.logs.append('app.log', asText(lines));
  await until(async () => (await lab.deadLetters('http')).length === bad.length, { what: 'all letters' });
  // Good lines behind the last letter may still be on their way.
  await until(() => lab.server.lines.length === lines.length - bad.length, { what: 'the good lines' });
  lab.server.refuseLine = () => false;
  const { code, stderr } = await command(lab, 'replay', '--output', 'http');
  assert.equal(code, 0, stderr);
  const came = lab.server.lines.map(textOf);
  assert.deepEqual([...came].sort(), [...lines].sort());
  assert.deepEqual(await lab.deadLetters('http'), []);
});
