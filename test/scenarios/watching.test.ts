import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { prepareAgent, scenario, startAgent } from '../support/lab.js';
import { LogFolder, asText, numbered } from '../support/logs.js';

scenario('the last line of a burst arrives as the others do, although the watcher may swallow its event', async () => {
  await using lab = await startAgent({ env: { PANNIER_PARTIAL_LINE_TIMEOUT: '5m' } });
  const expected: string[] = [];
  for (let burst = 0; burst < 4; burst += 1) {
    const lines = numbered(`burst ${burst}`, 60);
    expected.push(...lines);
    for (const line of lines) await lab.logs.append('app.log', `${line}\n`);
    await lab.delivered(expected, 4_000);
    await wait(burst * 70); // every burst meets the watcher's throttle in another phase
  }
});

scenario('the last line before a rename and a new file under the same name is not lost', async () => {
  await using lab = await startAgent();
  const expected: string[] = [];
  for (let turn = 0; turn < 6; turn += 1) {
    expected.push(`turn ${turn} first`);
    await lab.logs.append('app.log', `turn ${turn} first\n`);
    await lab.delivered(expected, 5_000);
    await lab.logs.append('app.log', `turn ${turn} last\n`);
    await lab.logs.rename('app.log', `app.log.${turn}`);
    expected.push(`turn ${turn} last`);
  }
  await lab.delivered(expected, 5_000);
});

scenario('a watched folder may come into being later, and go, and come back', async () => {
  await using lab = await prepareAgent();
  const later = join(lab.dir, 'not/yet/there');
  lab.ledgerBytes = () => undefined;
  await lab.start({ PANNIER_PATHS: join(later, '**/*.log') });
  assert.equal((await lab.get('/readyz')).status, 200);
  const folder = new LogFolder(later);
  await folder.append('app.log', 'one\n');
  await lab.delivered(['one']);
  await new LogFolder(lab.dir).remove('not');
  await folder.append('app.log', 'two\n');
  await lab.delivered(['one', 'two']);
});

scenario('a file in a new folder of a new folder is found with what was written at once', async () => {
  await using lab = await startAgent();
  const expected: string[] = [];
  for (const name of ['a/app.log', 'a/b/app.log', 'c/d/e/f/app.log', '.hidden/.app.log']) {
    await lab.logs.append(name, `${name} one\n`);
    expected.push(`${name} one`);
  }
  await lab.delivered(expected);
  await lab.logs.append('c/d/e/f/app.log', 'two\n');
  await lab.delivered([...expected, 'two']);
});

scenario('only what the globs match and the exclusions do not is read', async () => {
  await using lab = await prepareAgent();
  await mkdir(lab.logs.at('folder.log'));
  for (const name of ['a/one.log', 'b/two.txt', 'c/three.log', 'a/four.log.tmp', 'a/debug-five.log'])
    await lab.logs.append(name, `${name}\n`);
  lab.ledgerBytes = () => 'a/one.log\nb/two.txt\n'.length;
  await lab.start({
    PANNIER_PATHS: `${lab.logs.path}/{a,b}/*.{log,txt}, ${lab.logs.path}/*.log`,
    PANNIER_EXCLUDE: '**/*.tmp,**/debug-*',
  });
  await lab.delivered(['a/one.log', 'b/two.txt']);
});

scenario('four hundred files are read, a few lines each, and no turn is starved by a big one', async () => {
  await using lab = await prepareAgent();
  const big = numbered('a long line of the big file that keeps one busy for a while', 20_000);
  await lab.logs.append('big.log', asText(big));
  const small = Array.from({ length: 400 }, (_, at) => `small ${at}`);
  for (const line of small) await lab.logs.append(`many/${line.replace(' ', '-')}.log`, `${line}\n`);
  await lab.start();
  await lab.delivered([...big, ...small], 30_000);
});
