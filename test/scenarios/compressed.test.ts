import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { appendFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { partsOfId } from '../support/bulk-server.js';
import { prepareAgent, scenario, startAgent, type Lab } from '../support/lab.js';
import { asText, numbered } from '../support/logs.js';

const lines = numbered('line', 2_000);
const zst = (name: string): Buffer =>
  readFileSync(join(process.env.PANNIER_ROOT ?? '.', 'test/fixtures/zst', `${name}.zst`));
/** The same lines, compressed by the zstd tool. */
const linesZst = zst('lines');

const identities = ({ server }: Lab): number => new Set(server.stored.map(({ id }) => partsOfId(id).fileId)).size;

scenario('a file that became a .zst while the agent was away is found again, and read on', async () => {
  await using lab = await startAgent();
  await lab.logs.append('app.log', asText(lines.slice(0, 500)));
  await lab.delivered(lines.slice(0, 500));
  assert.equal(await lab.stop(), 0);
  await lab.logs.append('app.log', asText(lines.slice(500)));
  await writeFile(lab.logs.at('app.log.1.zst'), linesZst);
  await lab.logs.remove('app.log');
  await lab.logs.append('app.log', 'successor\n');
  await lab.start();
  await lab.delivered([...lines, 'successor']);
  assert.equal(identities(lab), 2, 'the same identity');
});

for (const [kind, bytes] of [
  ['gz', gzipSync(asText(lines))],
  ['zst', linesZst],
] as const) {
  scenario(`a file that becomes a .${kind} while its output is down is delivered once, also after a kill`, async () => {
    await using lab = await startAgent();
    await lab.logs.append('app.log', asText(lines.slice(0, 500)));
    await lab.delivered(lines.slice(0, 500));
    await lab.server.down();
    await lab.logs.append('app.log', asText(lines.slice(500)));
    await lab.shows('all of it', ({ files }) => files[0]?.size === asText(lines).length);
    await lab.logs.rename('app.log', 'app.log.1');
    await lab.shows('rotated', ({ files }) => files[0]?.state === 'rotated');
    // As logrotate does: the compressed file grows beside the plain one, which goes then.
    await writeFile(lab.logs.at(`app.log.1.${kind}`), bytes.subarray(0, 700));
    await appendFile(lab.logs.at(`app.log.1.${kind}`), bytes.subarray(700));
    await lab.logs.remove('app.log.1');
    await lab.shows('deleted, and held', ({ files }) => files[0]?.state === 'deleted');
    await lab.kill9();
    await lab.server.up();
    await lab.start();
    await lab.delivered(lines);
    assert.equal(identities(lab), 1, 'the same identity');
  });

  scenario(`a .${kind} that is still being written is found when it is whole`, async () => {
    await using lab = await startAgent();
    await lab.logs.append('app.log', asText(lines.slice(0, 500)));
    await lab.delivered(lines.slice(0, 500));
    assert.equal(await lab.stop(), 0);
    await lab.logs.append('app.log', asText(lines.slice(500)));
    await writeFile(lab.logs.at(`app.log.1.${kind}`), bytes.subarray(0, -2));
    await lab.logs.remove('app.log');
    await lab.start();
    await lab.logs.append('new.log', 'new\n');
    await lab.delivered([...lines.slice(0, 500), 'new']);
    lab.forgetDelivered();
    await writeFile(lab.logs.at('whole'), bytes);
    await rename(lab.logs.at('whole'), lab.logs.at(`app.log.1.${kind}`));
    await lab.delivered([...lines, 'new']);
  });
}

scenario('a .zst that the globs match and nothing excludes is read unpacked, once, also across a restart', async () => {
  await using lab = await prepareAgent();
  await writeFile(lab.logs.at('old.zst'), linesZst);
  lab.logs.written += asText(lines).length;
  await lab.start({ PANNIER_PATHS: join(lab.logs.path, '**/*'), PANNIER_EXCLUDE: '*.tmp' });
  await lab.delivered(lines);
  assert.equal(identities(lab), 1);
  await lab.restart({ PANNIER_PATHS: join(lab.logs.path, '**/*'), PANNIER_EXCLUDE: '*.tmp' });
  await lab.logs.append('app.log', 'another\n');
  await lab.delivered([...lines, 'another']);
});

scenario('with `**/*` compressed files are left out by default', async () => {
  await using lab = await prepareAgent();
  await writeFile(lab.logs.at('old.zst'), linesZst);
  await writeFile(lab.logs.at('old.gz'), gzipSync(asText(lines)));
  await lab.start({ PANNIER_PATHS: join(lab.logs.path, '**/*') });
  await lab.logs.append('app', 'plain\n');
  await lab.delivered(['plain']);
  await lab.caughtUp();
});

scenario('a .zst that asks for too much memory is refused, and that is said once', async () => {
  await using lab = await prepareAgent();
  await writeFile(lab.logs.at('old.zst'), zst('lines-window-128m'));
  await lab.start({ PANNIER_PATHS: join(lab.logs.path, '**/*'), PANNIER_EXCLUDE: '*.tmp' });
  for (const name of ['a', 'b', 'c']) {
    await lab.logs.append(name, `${name}\n`);
    await lab.shows(name, ({ outputs }) => outputs.elasticsearch?.lag_bytes === 0);
  }
  await lab.delivered(['a', 'b', 'c']);
  const said = lab.agent.log.filter(({ fields }) => fields.code === 'FILE_REFUSED');
  assert.equal(said.length, 1, JSON.stringify(said));
  assert.match(String(said[0]?.fields.reason), /window of 128 MiB/);
});
