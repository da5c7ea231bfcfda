import assert from 'node:assert/strict';
import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareAgent, scenario } from '../support/lab.js';
import { lineOf, type Family } from '../support/lines.js';
import { Random } from '../support/random.js';

const families: readonly Family[] = ['json', 'text', 'cri json', 'docker text'];

/** What the destination has of files of all kinds, by the order of its text, without what differs from run to run. */
async function shipped(env: Readonly<Record<string, string>>): Promise<string[]> {
  const random = new Random(1);
  await using lab = await prepareAgent({ env });
  const lines = families.map((family) => Array.from({ length: 500 }, () => lineOf(random, family, random.oneIn(20))));
  for (const [i, text] of lines.entries()) {
    await lab.logs.append(`${i}.log`, text.map((line) => `${line}\n`).join(''));
    // Which is the time of lines without one.
    await utimes(join(lab.logs.path, `${i}.log`), 0, 1_800_000_000);
  }
  const { code, agent } = await lab.once();
  assert.equal(code, 0, agent.tail());
  return lab.server.stored.map(({ source, index }) => `${index} ${source}`.replaceAll(lab.dir, '')).sort();
}

scenario('the program ships the same without WebAssembly', async () => {
  const usual = await shipped({});
  assert.ok(usual.length > 1900);
  assert.deepEqual(await shipped({ NODE_OPTIONS: '--jitless' }), usual);
});
