import assert from 'node:assert/strict';
import { prepareAgent, scenario } from '../support/lab.js';
import { asText, numbered } from '../support/logs.js';
import { textOf } from '../support/bulk-server.js';

const lines = numbered('line', 3_000);

scenario('run --once ships what is there, an unterminated last line too, and exits 0', async () => {
  await using lab = await prepareAgent();
  await lab.logs.append('a.log', asText(lines));
  await lab.logs.append('sub/b.log', 'without an end');
  const { code, agent } = await lab.once();
  assert.equal(code, 0, agent.tail());
  await lab.delivered([...lines, 'without an end']);
  assert.equal((await lab.once()).code, 0);
  await lab.logs.append('a.log', 'new\n');
  assert.equal((await lab.once()).code, 0);
  await lab.delivered([...lines, 'without an end', 'new']);
  assert.equal(lab.server.repeated, 0);
});

scenario('run --once with nothing to ship exits 0', async () => {
  await using lab = await prepareAgent();
  assert.equal((await lab.once()).code, 0);
  await lab.delivered([]);
});

scenario('run --once exits 65 when nothing is left but a record became a dead letter', async () => {
  await using lab = await prepareAgent();
  lab.server.judge = ({ source }) =>
    source.includes('poison') ? { status: 400, type: 'document_parsing_exception', reason: 'no' } : undefined;
  await lab.logs.append('app.log', 'one\npoison\ntwo\n');
  const { code, agent } = await lab.once();
  assert.equal(code, 65, agent.tail());
  await lab.delivered(['one', 'two']);
});

scenario('run --once waits for a new file that may be the copy of one it knows', async () => {
  await using lab = await prepareAgent();
  const twin = numbered('a line of a file with a twin', 100);
  await lab.logs.append('a.log', asText(twin));
  assert.equal((await lab.once()).code, 0);
  await lab.logs.append('b.log', asText(twin));
  assert.equal((await lab.once()).code, 0);
  await lab.delivered([...twin, ...twin]);
});

scenario('run --once gives up with 75 after the drain time-out without progress, and goes on from there', async () => {
  await using lab = await prepareAgent({ env: { PANNIER_DRAIN_TIMEOUT: '3s' } });
  await lab.server.down();
  await lab.logs.append('app.log', asText(lines));
  const { code, agent } = await lab.once();
  assert.equal(code, 75, agent.tail());
  await lab.server.up();
  assert.equal((await lab.once()).code, 0);
  await lab.delivered(lines);
});

scenario(
  'run --once takes the sizes of its first scan as its goal: a file that grows for ever does not hold it',
  async () => {
    await using lab = await prepareAgent();
    await lab.logs.append('app.log', asText(lines));
    let writing = true;
    const writer = (async () => {
      for (let at = 0; writing; at += 1) {
        await lab.logs.append('app.log', `more ${at}\n`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    const { code, agent } = await lab.once();
    writing = false;
    await writer;
    assert.equal(code, 0, agent.tail());
    const came = new Set(lab.server.stored.map(textOf));
    assert.ok(lines.every((line) => came.has(line)));
  },
);
