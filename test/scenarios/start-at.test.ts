import assert from 'node:assert/strict';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareAgent, scenario, startAgent, type Lab } from '../support/lab.js';
import { asText, numbered } from '../support/logs.js';

const old = numbered('old', 500);

/** Spoils every file of the store that LevelDB reads at its start. */
async function spoilStore(lab: Lab): Promise<void> {
  let spoilt = 0;
  for (const entry of await readdir(lab.stateDir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/^(MANIFEST-|CURRENT$)|\.(ldb|log)$/.test(entry.name)) continue;
    await writeFile(join(entry.parentPath, entry.name), 'no database at all');
    spoilt += 1;
  }
  assert.ok(spoilt > 0, 'there was a store to spoil');
}

scenario('START_AT=end: what is there at the very first start is left out, all that comes is delivered', async () => {
  await using lab = await prepareAgent({ env: { PANNIER_START_AT: 'end' } });
  await lab.logs.append('app.log', asText(old));
  await lab.start();
  await lab.logs.append('app.log', 'after\n');
  await lab.logs.append('new.log', 'in a new file\n');
  await lab.delivered(['after', 'in a new file']);
  await lab.restart();
  await lab.logs.append('app.log', 'later\n');
  await lab.delivered(['after', 'in a new file', 'later']);
});

scenario('START_AT=end holds once it was ready: lines written while it was killed are delivered', async () => {
  await using lab = await prepareAgent({ env: { PANNIER_START_AT: 'end', PANNIER_COMMIT_INTERVAL: '60s' } });
  await lab.logs.append('app.log', asText(old));
  await lab.start();
  await lab.kill9();
  await lab.logs.append('app.log', 'while away\n');
  await lab.logs.append('born.log', 'born while away\n');
  await lab.start();
  await lab.delivered(['while away', 'born while away']);
});

scenario('a store that was set aside starts at the beginning, also with START_AT=end', async () => {
  await using lab = await prepareAgent({ env: { PANNIER_START_AT: 'end' } });
  await lab.logs.append('app.log', 'old\n');
  await lab.start();
  await lab.logs.append('app.log', 'new\n');
  await lab.delivered(['new']);
  assert.equal(await lab.stop(), 0);
  await spoilStore(lab);
  await lab.start();
  await lab.agent.logged('the store was rebuilt', ({ fields }) => fields.code === 'STATE_REBUILT');
  await lab.delivered(['new', 'old', 'new']);
});

scenario('an output that is added later gets everything, unless it says otherwise itself', async () => {
  await using lab = await startAgent({ env: { PANNIER_START_AT: 'end' } });
  lab.ledgerBytes = () => undefined;
  await lab.logs.append('app.log', 'first\n');
  await lab.delivered(['first']);
  await lab.restart({ PANNIER_OUTPUTS: 'elasticsearch,http' });
  await lab.logs.append('app.log', 'second\n');
  await lab.delivered(['first', 'second']);
  await lab.shows('http has it all', () => lab.server.lines.length === 2);
  assert.deepEqual(
    lab.server.lines.map(({ document }) => document.message),
    ['first', 'second'],
  );
});

scenario('an output that is added with its own START_AT=end gets only what comes', async () => {
  await using lab = await startAgent();
  lab.ledgerBytes = () => undefined;
  await lab.logs.append('app.log', 'first\n');
  await lab.delivered(['first']);
  await lab.restart({ PANNIER_OUTPUTS: 'elasticsearch,http', PANNIER_HTTP_START_AT: 'end' });
  await lab.logs.append('app.log', 'second\n');
  await lab.delivered(['first', 'second']);
  await lab.shows('http has the second', () => lab.server.lines.length === 1);
  assert.equal(lab.server.lines[0]?.document.message, 'second');
});

scenario('an output that is taken away for a while goes on where it was', async () => {
  await using lab = await startAgent({ outputs: 'http' });
  await lab.logs.append('app.log', 'first\n');
  await lab.delivered(['first']);
  await lab.restart({ PANNIER_OUTPUTS: 'stdout' });
  await lab.logs.append('app.log', 'second\n');
  await lab.caughtUp();
  await lab.restart();
  await lab.delivered(['first', 'second']);
});

scenario('without a store the files are read from their beginning', async () => {
  await using lab = await prepareAgent();
  await lab.logs.append('app.log', asText(old));
  await lab.start();
  await lab.delivered(old);
  assert.equal(await lab.stop(), 0);
  await rm(lab.stateDir, { recursive: true });
  await lab.start();
  await lab.delivered([...old, ...old]);
});
