import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../support/agent-process.js';
import { prepareAgent, scenario, startAgent } from '../support/lab.js';
import { until } from '../support/until.js';

const program = join(process.env['PANNIER_ROOT'] ?? process.cwd(), 'dist/pannier.js');

interface Line {
  readonly status?: string;
  readonly error?: string;
  readonly outputs?: Record<string, { lines_per_second: number | null; bytes_per_second: number | null }>;
}

scenario(
  'top as JSON gives a line a second with rates, survives a restart of the agent, and ends by a signal',
  async () => {
    await using lab = await startAgent();
    const child = spawn(process.execPath, [program, 'top', '--json'], { env: { ...process.env, ...lab.env } });
    try {
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (more: string) => (text += more));
      const lines = (): Line[] =>
        text
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line) as Line);
      await until(() => lines().length > 0, { what: 'the first line' });
      await lab.logs.append('app.log', 'one\ntwo\nthree\n');
      await until(() => lines().some(({ outputs }) => (outputs?.['elasticsearch']?.lines_per_second ?? 0) > 0), {
        what: 'a rate of lines',
        instead: () => text,
      });
      assert.ok(lines().some(({ outputs }) => (outputs?.['elasticsearch']?.bytes_per_second ?? 0) > 0));
      await lab.kill9();
      await until(() => lines().some(({ error }) => error !== undefined), { what: 'it says that nobody answers' });
      await lab.start();
      const told = lines().length;
      await until(
        () =>
          lines()
            .slice(told)
            .some(({ status }) => status === 'ok'),
        { what: 'it goes on' },
      );
    } finally {
      child.kill('SIGTERM');
    }
    const [code] = (await once(child, 'exit')) as [number];
    assert.equal(code, 0);
  },
);

scenario('elsewhere than on a terminal top prints one page, and without an agent why there is none', async () => {
  await using lab = await prepareAgent();
  const none = await runCommand({ env: lab.env, args: ['top'] });
  assert.equal(none.code, 1);
  assert.match(none.stderr, /is the agent running/);
  await lab.start();
  const page = await runCommand({ env: lab.env, args: ['top'] });
  assert.equal(page.code, 0);
  assert.match(page.stdout, /^ok: everything/);
  assert.match(page.stderr, /no terminal/);
});

const hasScript = spawnSync('script', ['--version']).status === 0;

test(
  'on a terminal q ends it and the screen is given back',
  { skip: !hasScript && 'there is no script(1) to make a terminal', timeout: 60_000 },
  async () => {
    await using lab = await startAgent();
    const child = spawn('script', ['-qec', `${process.execPath} ${program} top`, '/dev/null'], {
      env: { ...process.env, ...lab.env },
    });
    let text = '';
    child.stdout.setEncoding('latin1').on('data', (more: string) => (text += more));
    const exited = once(child, 'exit');
    try {
      await until(() => text.includes('OUTPUT'), { what: 'a picture', instead: () => text });
      assert.ok(text.startsWith('\u001b[?1049h\u001b[?25l'), JSON.stringify(text.slice(0, 40)));
      child.stdin.write('q');
      assert.equal((await exited)[0], 0);
    } finally {
      child.kill('SIGTERM');
    }
    assert.ok(text.trimEnd().endsWith('\u001b[?25h\u001b[?1049l'), JSON.stringify(text.slice(-40)));
  },
);
