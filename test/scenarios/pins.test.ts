import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { link, mkdir, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runCommand } from '../support/agent-process.js';
import { partsOfId } from '../support/bulk-server.js';
import { prepareAgent, scenario, startAgent, type Lab } from '../support/lab.js';
import { asText, numbered } from '../support/logs.js';
import { until } from '../support/until.js';

const lines = numbered('line', 2_000);
const pin = { PANNIER_PIN: 'auto', PANNIER_VOLUME_LIMIT: '1GiB', PANNIER_HOLD_GRACE: '1s' };
const on = { env: pin };
const folder = '.pannier-pins';

const pinsOf = async (lab: Lab, root = ''): Promise<string[]> =>
  (await readdir(join(lab.logs.path, root, folder)).catch(() => [])).sort();
const pinsAre = (lab: Lab, count: number, root = ''): Promise<unknown> =>
  until(async () => (await pinsOf(lab, root)).length === count, {
    what: `${count} pins in ${root}/`,
    instead: () => lab.agent.tail(),
  });
const identities = ({ server }: Lab): number => new Set(server.stored.map(({ id }) => partsOfId(id).fileId)).size;
/** Half of it is delivered, the other half waits for its output. */
async function halfDelivered(lab: Lab, name = 'app.log'): Promise<void> {
  await lab.logs.append(name, asText(lines.slice(0, 1000)));
  await lab.delivered(lines.slice(0, 1000));
  await lab.server.down();
  await lab.logs.append(name, asText(lines.slice(1000)));
  await lab.shows('all of it', ({ files }) => files[0]?.size === asText(lines).length);
}

scenario('a file rotated and deleted while the agent was dead is delivered to its last line, once', async () => {
  await using lab = await startAgent(on);
  await halfDelivered(lab);
  await lab.kill9();
  await lab.logs.append('app.log', 'the last words\n');
  await lab.logs.rename('app.log', 'app.log.1');
  await lab.logs.append('app.log', 'successor\n');
  await lab.logs.remove('app.log.1');
  // Twice: what is pinned stays so until it is delivered.
  await lab.start();
  const { files } = await lab.shows('deleted, and pinned', (health) =>
    health.files.some(({ state }) => state === 'deleted'),
  );
  const deleted = files.find(({ state }) => state === 'deleted');
  assert.equal(deleted?.path, lab.logs.at('app.log'), 'its last path');
  assert.match((await lab.get('/metrics')).body, /^pannier_pinned_bytes [1-9]/m);
  await lab.kill9();
  await lab.start();
  await lab.server.up();
  await lab.delivered([...lines, 'the last words', 'successor']);
  assert.equal(identities(lab), 2, 'the same identity');
  await pinsAre(lab, 1);
});

scenario('a file deleted under a running agent keeps its pin until it is delivered', async () => {
  await using lab = await startAgent(on);
  await halfDelivered(lab);
  await lab.logs.remove('app.log');
  await lab.shows('deleted', ({ files }) => files[0]?.state === 'deleted');
  assert.equal((await pinsOf(lab)).length, 1);
  await lab.kill9();
  await lab.server.up();
  await lab.start();
  await lab.delivered(lines);
  await pinsAre(lab, 0);
});

scenario('one pin for each file, whatever its names; a rotated one that is finished needs none', async () => {
  await using lab = await startAgent(on);
  await lab.logs.append('a.log', 'a\n');
  await lab.logs.append('b.log', 'b\n');
  await lab.delivered(['a', 'b']);
  await pinsAre(lab, 2);
  await link(lab.logs.at('a.log'), lab.logs.at('c.log'));
  await lab.logs.rename('b.log', 'b.log.1');
  await lab.logs.append('a.log', 'more\n');
  await lab.delivered(['a', 'b', 'more']);
  await pinsAre(lab, 1);
  for (const name of await pinsOf(lab)) {
    const { ino, mode } = await stat(join(lab.logs.path, folder, name));
    assert.equal(BigInt(ino), await lab.logs.inode('a.log'));
    assert.ok(mode > 0);
  }
  assert.equal((await stat(join(lab.logs.path, folder))).mode & 0o777, 0o700);
});

scenario('pins of deleted files go by the hold limits, loudly, also those of an earlier run', async () => {
  await using lab = await startAgent({ outputs: 'http', env: { ...pin, PANNIER_HTTP_BATCH_MAX_BYTES: '16KiB' } });
  const many = numbered('line and some more text to fill the file', 6_000);
  await lab.server.down();
  await lab.logs.append('app.log', asText(many));
  await lab.shows('the file', ({ files }) => files[0]?.size === asText(many).length);
  await lab.kill9();
  await lab.logs.remove('app.log');
  await lab.start({ PANNIER_HOLD_MAX_BYTES: '100KiB' });
  await lab.agent.logged('the drop', ({ fields }) => fields.code === 'BYTES_DROPPED' && fields.reason === 'hold_bytes');
  await pinsAre(lab, 0);
  lab.ledgerBytes = () => undefined;
});

scenario('the folder of pins is no folder of logs, by whichever way', async () => {
  await using lab = await prepareAgent(on);
  await symlink(lab.logs.at(folder), lab.logs.at('link'));
  await lab.start({ PANNIER_PATHS: join(lab.logs.path, '**/*') });
  await halfDelivered(lab, 'app');
  await lab.logs.remove('app');
  await lab.shows('deleted', ({ files }) => files.length === 1 && files[0]?.state === 'deleted');
  await lab.server.up();
  await lab.delivered(lines);
  await pinsAre(lab, 0);
  await writeFile(join(lab.logs.path, folder, 'stray.log'), 'stray\n');
  await lab.logs.append('other', 'other\n');
  await lab.delivered([...lines, 'other']);
  assert.equal(identities(lab), 2);
});

scenario('with the state lost a pinned file is read from its start, and one with a name not twice', async () => {
  await using lab = await startAgent(on);
  await halfDelivered(lab);
  await lab.logs.append('kept.log', 'kept\n');
  await pinsAre(lab, 2);
  await lab.kill9();
  await lab.logs.remove('app.log');
  await rm(lab.stateDir, { recursive: true });
  await mkdir(lab.stateDir);
  await lab.server.up();
  await lab.start();
  await lab.delivered([...lines.slice(0, 1000), ...lines, 'kept']);
  await pinsAre(lab, 1);
});

scenario('another agent on the volume leaves our pins alone, and reads none of them', async () => {
  await using lab = await startAgent(on);
  await halfDelivered(lab);
  await lab.kill9();
  await lab.logs.remove('app.log');
  await using other = await prepareAgent({
    env: { ...pin, PANNIER_PATHS: join(lab.logs.path, '**/*.log') },
  });
  other.ledgerBytes = () => undefined;
  await other.start();
  await lab.logs.append('new.log', 'new\n');
  await other.delivered(['new']);
  await other.restart();
  await lab.logs.append('new.log', 'newer\n');
  await other.delivered(['new', 'newer']);
  await lab.server.up();
  await lab.start();
  await lab.delivered([...lines, 'new', 'newer']);
});

scenario('a reload that turns pins off removes those of files that have a name, and finishes the others', async () => {
  await using lab = await prepareAgent();
  const config = join(lab.dir, 'pannier.yaml');
  await writeFile(config, 'pin: auto\nvolume_limit: 1GiB\nhold_grace: 1s\n');
  await lab.start({ PANNIER_CONFIG: config });
  await halfDelivered(lab);
  await lab.logs.append('kept.log', 'kept\n');
  await pinsAre(lab, 2);
  await lab.logs.remove('app.log');
  await lab.shows('deleted', ({ files }) => files.some(({ state }) => state === 'deleted'));
  await writeFile(config, 'pin: off\nhold_grace: 1s\n');
  assert.equal((await lab.get('/reload', { method: 'POST' })).status, 202);
  await lab.agent.logged('the reload', ({ msg }) => msg.startsWith('reloaded'));
  await pinsAre(lab, 1);
  await lab.kill9();
  await lab.server.up();
  await lab.start({ PANNIER_CONFIG: config });
  await lab.delivered([...lines, 'kept']);
  await pinsAre(lab, 0);
});

scenario('with pins off at the start those of earlier runs are finished, and no others are made', async () => {
  await using lab = await startAgent(on);
  await halfDelivered(lab);
  await lab.logs.append('kept.log', 'kept\n');
  await pinsAre(lab, 2);
  await lab.kill9();
  await lab.logs.remove('app.log');
  await lab.start({ PANNIER_PIN: 'off' });
  await pinsAre(lab, 1);
  await lab.server.up();
  await lab.logs.append('new.log', 'new\n');
  await lab.delivered([...lines, 'kept', 'new']);
  await pinsAre(lab, 0);
});

/** What runs without root's rights may not link a file of another user that it can't write to. */
const linksAreRefused =
  process.getuid?.() === 0 &&
  (await readFile('/proc/sys/fs/protected_hardlinks', 'utf8').catch(() => '0')).trim() === '1';

scenario(
  'where links are refused it goes by open handles, and says so once',
  async () => {
    await using lab = await startAgent({ ...on, unprivileged: true });
    await halfDelivered(lab);
    await lab.logs.append('other.log', 'other\n');
    await lab.shows('both', ({ files_total }) => files_total === 2);
    await lab.logs.remove('app.log');
    await lab.shows('deleted', ({ files }) => files.some(({ state }) => state === 'deleted'));
    await lab.server.up();
    await lab.delivered([...lines, 'other']);
    assert.deepEqual(await pinsOf(lab), []);
    const said = lab.agent.log.filter(({ fields }) => fields.code === 'PIN_FAILED');
    assert.equal(said.length, 1, JSON.stringify(said));
    assert.match(String(said[0]?.fields.reason), /^EPERM/);
  },
  { skip: !linksAreRefused && 'needs root, and fs.protected_hardlinks=1' },
);

const run = promisify(execFile);

scenario('on a read-only volume it goes by open handles, and says so once', async () => {
  await using lab = await prepareAgent(on);
  const writable = join(lab.dir, 'writable');
  await mkdir(writable);
  await writeFile(join(writable, 'app.log'), asText(lines));
  lab.logs.written += asText(lines).length;
  try {
    await run('mount', ['--bind', writable, lab.logs.path]);
  } catch {
    return; // needs the right to mount
  }
  try {
    await run('mount', ['-o', 'remount,bind,ro', lab.logs.path]);
    await lab.server.down();
    await lab.start();
    await lab.shows('the file', ({ files }) => files[0]?.size === asText(lines).length);
    await rm(join(writable, 'app.log'));
    await lab.shows('deleted', ({ files }) => files[0]?.state === 'deleted');
    await lab.server.up();
    await lab.delivered(lines);
    const said = lab.agent.log.filter(({ fields }) => fields.code === 'PIN_FAILED');
    assert.equal(said.length, 1, JSON.stringify(said));
    assert.match(String(said[0]?.fields.reason), /^EROFS/);
    await lab.kill9();
  } finally {
    await run('umount', ['-l', lab.logs.path]);
  }
});

scenario(
  'a command that looks at the positions of a dead agent finds what is pinned, and leaves the pins',
  async () => {
    await using lab = await startAgent(on);
    await halfDelivered(lab);
    await lab.kill9();
    await lab.logs.remove('app.log');
    const before = await pinsOf(lab);
    const { env } = lab;
    const { stdout } = await runCommand({ env, args: ['checkpoints', 'list'], cwd: lab.dir, deadlineMs: 30_000 });
    assert.match(stdout, /app\.log/);
    assert.deepEqual(await pinsOf(lab), before);
    await lab.server.up();
    await lab.start();
    await lab.delivered(lines);
  },
);

scenario('several roots have pins of their own, also where a root is a link, or lies in another', async () => {
  await using lab = await prepareAgent(on);
  await mkdir(lab.logs.at('one/inner'), { recursive: true });
  await mkdir(lab.logs.at('two'));
  await mkdir(join(lab.dir, 'links'));
  await symlink(lab.logs.at('one/inner'), join(lab.dir, 'links/inner'));
  const roots = {
    PANNIER_PATHS: [
      `${lab.logs.at('one')}/**/*.log`,
      `${join(lab.dir, 'links/inner')}/*.log`,
      `${lab.logs.at('two')}/*.log`,
    ].join(','),
  };
  await lab.start(roots);
  const names = ['one/a.log', 'one/inner/b.log', 'two/c.log'];
  for (const name of names) await lab.logs.append(name, `${name}\n`);
  await lab.delivered(names);
  for (const root of ['one', 'one/inner', 'two']) await pinsAre(lab, 1, root);
  await lab.server.down();
  for (const name of names) await lab.logs.append(name, `more of ${name}\n`);
  const more = asText(names.map((name) => `more of ${name}`)).length;
  await lab.shows('all of it', ({ outputs }) => outputs.elasticsearch?.lag_bytes === more);
  await lab.kill9();
  for (const name of names) await lab.logs.remove(name);
  await lab.server.up();
  await lab.start(roots);
  await lab.delivered([...names, ...names.map((name) => `more of ${name}`)]);
  for (const root of ['one', 'one/inner', 'two']) await pinsAre(lab, 0, root);
});

scenario('copytruncate under pins is what it is without', async () => {
  await using lab = await startAgent(on);
  await halfDelivered(lab);
  await lab.logs.copyTruncate('app.log', 'app.log.1');
  await lab.shows('the copy', ({ files }) => files.some(({ state }) => state === 'rotated'));
  await lab.logs.append('app.log', 'after\n');
  await lab.kill9();
  await lab.logs.remove('app.log');
  await lab.logs.remove('app.log.1');
  await lab.server.up();
  await lab.start();
  await lab.delivered([...lines, 'after']);
});

scenario('what is planted in the folder of pins is not read, and a link in its place is not followed', async () => {
  await using lab = await startAgent(on);
  await lab.logs.append('app.log', 'a line\n');
  await lab.delivered(['a line']);
  assert.equal(await lab.stop(), 0);
  const [name = ''] = await pinsOf(lab);
  const tag = name.slice(-8);
  const secret = join(lab.dir, 'secret');
  await writeFile(secret, 'a secret\n');
  await link(secret, join(lab.logs.path, folder, `${'a'.repeat(24)}-${tag}`));
  await symlink(secret, join(lab.logs.path, folder, `${'b'.repeat(24)}-${tag}`));
  await lab.start();
  await lab.logs.append('app.log', 'another\n');
  await lab.delivered(['a line', 'another']);
  const refused = lab.agent.log.filter(({ fields }) => fields.code === 'FILE_REFUSED');
  assert.ok(refused.length > 0);
  assert.equal(await lab.stop(), 0);
  await rm(join(lab.logs.path, folder), { recursive: true });
  await mkdir(join(lab.dir, 'elsewhere'));
  await symlink(join(lab.dir, 'elsewhere'), lab.logs.at(folder));
  await lab.start();
  await lab.logs.append('new.log', 'new\n');
  await lab.delivered(['a line', 'another', 'new']);
  await lab.agent.logged('the refusal', ({ fields }) => fields.code === 'PIN_FAILED');
  assert.deepEqual(await readdir(join(lab.dir, 'elsewhere')), []);
});
