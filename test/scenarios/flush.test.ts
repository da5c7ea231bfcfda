import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareAgent, scenario, startAgent, type Lab } from '../support/lab.js';
import { numbered } from '../support/logs.js';
import { until } from '../support/until.js';

const requests = (lab: Lab): number => lab.server.requests.filter(({ path }) => path.includes('_bulk')).length;

scenario('the first record after a pause goes at once, however long BATCH_MAX_WAIT is; the next waits', async () => {
  await using lab = await startAgent({ env: { PANNIER_ELASTICSEARCH_BATCH_MAX_WAIT: '1h' } });
  await lab.logs.append('a.log', 'first\n');
  await lab.delivered(['first'], 10_000);
  lab.forgetDelivered();
  await lab.logs.append('a.log', 'second\n');
  await lab.shows('the second line is there, and waits', ({ outputs }) => outputs['elasticsearch']!.lag_bytes === 7);
  assert.equal(requests(lab), 1);
  assert.equal(await lab.stop(), 0); // a drain waits for no batch
  await lab.delivered(['first', 'second']);
});

scenario('a file that is written line by line costs a request per wait, not per line', async () => {
  await using lab = await startAgent({ env: { PANNIER_ELASTICSEARCH_BATCH_MAX_WAIT: '500ms' } });
  const lines = numbered('chatty', 1500);
  const begun = performance.now();
  for (const line of lines) {
    await lab.logs.append('a.log', `${line}\n`);
    await wait(1);
  }
  await lab.delivered(lines);
  // Jitter makes the wait 400 ms at the least; one more request for the first line, and one for the last.
  const most = (performance.now() - begun) / 400 + 2;
  assert.ok(requests(lab) > 1 && requests(lab) <= most, `${requests(lab)} requests, ${most} are allowed`);
});

scenario(
  'what happens in a folder whose files are written without a pause is seen: new files, renames, new folders, quiet files',
  async () => {
    await using lab = await startAgent();
    const expected: string[] = [];
    await lab.logs.append('quiet.log', 'quiet 0\n');
    expected.push('quiet 0');
    let chatter = 0;
    let going = true;
    const chatty = (async () => {
      while (going) {
        const line = `chatter ${chatter}`;
        chatter += 1;
        await lab.logs.append('chatty.log', `${line}\n`);
        expected.push(line);
        if (chatter % 8 === 0) await wait(1);
      }
    })();
    const has = async (text: string): Promise<void> => {
      expected.push(text);
      await until(() => lab.server.stored.some(({ document }) => document['message'] === text), {
        what: `${text} is delivered`,
      });
    };
    try {
      await until(() => chatter > 400, { what: 'the chatter is under way' });
      await lab.logs.append('quiet.log', 'quiet 1\n');
      await has('quiet 1');
      await lab.logs.append('new.log', 'new\n');
      await has('new');
      await lab.logs.rename('quiet.log', 'quiet.log.1');
      await lab.logs.append('quiet.log', 'quiet again\n');
      await has('quiet again');
      await lab.logs.append('folder/deep.log', 'deep\n');
      await has('deep');
      await lab.logs.rename('chatty.log', 'chatty.log.1');
      const before = chatter;
      await until(() => chatter > before + 400, { what: 'the chatter goes on' });
    } finally {
      going = false;
      await chatty;
    }
    await lab.delivered(expected);
  },
);

/** The agent in a process where watching a folder does this. */
async function startWithWatch(watch: string): Promise<Lab> {
  const lab = await prepareAgent();
  const preload = join(lab.dir, 'preload.cjs');
  await writeFile(preload, `require('node:fs').watch = () => { ${watch} };`);
  await lab.start({ NODE_OPTIONS: `--require=${preload}` });
  return lab;
}

scenario('on a volume that sends no events at all, growth and new files are found by looking', async () => {
  await using lab = await startWithWatch(`return new (require('node:events'))()`);
  await lab.logs.append('a.log', 'one\n');
  await lab.delivered(['one']);
  await lab.logs.append('a.log', 'two\n');
  await lab.logs.append('b.log', 'three\n');
  await lab.delivered(['one', 'two', 'three']);
});

scenario('without watches left, files are polled, which is said once', async () => {
  await using lab = await startWithWatch(`throw Object.assign(new Error('no space'), { code: 'ENOSPC' })`);
  for (const name of ['a.log', 'x/b.log', 'y/c.log']) await lab.logs.append(name, `${name}\n`);
  await lab.delivered(['a.log', 'x/b.log', 'y/c.log']);
  await lab.logs.append('x/b.log', 'more\n');
  await lab.delivered(['a.log', 'x/b.log', 'y/c.log', 'more']);
  assert.equal(lab.agent.tail().split('WATCH_DEGRADED').length - 1, 1, lab.agent.tail());
});
