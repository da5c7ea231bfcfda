import assert from 'node:assert/strict';
import { join } from 'node:path';
import { runCommand } from '../support/agent-process.js';
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
