import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, linkSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { systemFiles, type FileSystem } from '../../src/files/file-system.js';
import { openChecked, RefusedError } from '../../src/files/open-checked.js';
import { prepareAgent, scenario } from '../support/lab.js';

// An application that swaps what is at a path while the agent opens it.

interface Volume {
  readonly dir: string;
  readonly log: string;
  readonly secret: string;
}

/** `root/sub/app.log` in the watched folder, `outside/app.log` beside it. */
async function volume(t: TestContext): Promise<Volume> {
  const dir = await mkdtemp(join(tmpdir(), 'pannier-paths-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  mkdirSync(join(dir, 'root/sub'), { recursive: true });
  mkdirSync(join(dir, 'outside'));
  writeFileSync(join(dir, 'root/sub/app.log'), 'a line\n');
  writeFileSync(join(dir, 'outside/app.log'), 'a secret\n');
  return { dir, log: join(dir, 'root/sub/app.log'), secret: join(dir, 'outside/app.log') };
}

/** Opens `log` and reads it, with `swap` done at the last moment before the system's own `open`. What was read, or why it was refused. */
async function read({ dir, log }: Volume, swap: () => void, ports: Partial<FileSystem> = {}): Promise<string> {
  const opened: number[] = [];
  const closed: number[] = [];
  const fs: FileSystem = {
    ...systemFiles,
    ...ports,
    open: async (path) => {
      swap();
      const descriptor = await systemFiles.open(path);
      opened.push(descriptor);
      return descriptor;
    },
    close: (descriptor) => {
      closed.push(descriptor);
      systemFiles.close(descriptor);
    },
  };
  try {
    const found = await openChecked(fs, log, [join(dir, 'root')]);
    if (found === undefined) return 'nothing';
    const target = Buffer.alloc(100);
    const length = await found.content.read(target, 0, 100, 0);
    found.content.close();
    return target.toString('utf8', 0, length);
  } catch (error) {
    assert.ok(error instanceof RefusedError, String(error));
    assert.deepEqual(closed, opened, 'what was opened for nothing is closed');
    return `${opened.length === 0 ? 'refused' : 'refused after it was opened'}: ${error.message}`;
  }
}

test('a file that is not swapped is read, also by a link that leads to it', async (t) => {
  const there = await volume(t);
  assert.equal(await read(there, () => {}), 'a line\n');
  symlinkSync('app.log', join(there.dir, 'root/sub/current.log'));
  assert.equal(await read({ ...there, log: join(there.dir, 'root/sub/current.log') }, () => {}), 'a line\n');
});

const swaps: Readonly<Record<string, (there: Volume) => void>> = {
  'the file for a link out of the folder': ({ log, secret }) => {
    rmSync(log);
    symlinkSync(secret, log);
  },
  'its folder for a link out of the watched one': ({ dir }) => {
    renameSync(join(dir, 'root/sub'), join(dir, 'root/was'));
    symlinkSync(join(dir, 'outside'), join(dir, 'root/sub'));
  },
  'the watched folder itself': ({ dir }) => {
    renameSync(join(dir, 'root'), join(dir, 'was'));
    mkdirSync(join(dir, 'root'));
    symlinkSync(join(dir, 'outside'), join(dir, 'root/sub'));
  },
  'the file for a FIFO, which nobody writes to': ({ log }) => {
    rmSync(log);
    execFileSync('mkfifo', [log]);
  },
  'the file for a folder': ({ log }) => {
    rmSync(log);
    mkdirSync(log);
  },
  'the file for a link to a device': ({ log }) => {
    rmSync(log);
    symlinkSync('/dev/zero', log);
  },
  'the file for a link to a link that leads to itself': ({ log }) => {
    rmSync(log);
    symlinkSync(log, log);
  },
};
for (const [what, swap] of Object.entries(swaps)) {
  test(`swapped between check and open, ${what} is refused and not read`, async (t) => {
    const there = await volume(t);
    const said = await read(there, () => swap(there));
    assert.match(said, /^refused.*: .*(outside the watched folders|while it was opened)/);
    // To open a device can have effects, so a link in the place of the file is not even opened.
    if (what.startsWith('the file for a link')) assert.match(said, /^refused: .*became a symbolic link/);
  });
}

test('a folder that is swapped is told by the descriptor, and where there is no /proc, by the path', async (t) => {
  const there = await volume(t);
  const swap = swaps['its folder for a link out of the watched one'];
  const without = { descriptorPath: () => undefined };
  assert.match(await read(there, () => swap?.(there), without), /^refused.*: .*outside the watched folders/);
});

test('a file that goes away between check and open is no refusal', async (t) => {
  const there = await volume(t);
  assert.equal(await read(there, () => rmSync(there.log)), 'nothing');
});

const isRoot = process.getuid?.() === 0;
test(
  'a second name for a private file of another is refused, in a folder that is not its owner’s',
  { skip: !isRoot && 'needs root, to make files of others' },
  async (t) => {
    const there = await volume(t);
    const { log, secret } = there;
    const folder = join(there.dir, 'root/sub');
    const state = (owner: number, mode: number, folderOwner: number): void => {
      chownSync(secret, owner, owner);
      chmodSync(secret, mode);
      chownSync(folder, folderOwner, folderOwner);
    };
    rmSync(log);
    linkSync(secret, log);
    state(1002, 0o640, 1001);
    assert.match(
      await read(there, () => {}),
      /^refused.*: .* has 2 names and belongs to user 1002, its folder to user 1001/,
    );
    state(0, 0o600, 1001);
    assert.match(await read(there, () => {}), /^refused.*: .*link to a file of another/);
    // What loggers, rotators and pins do by right.
    state(1001, 0o600, 1001);
    assert.equal(await read(there, () => {}), 'a secret\n', 'its owner’s own folder');
    state(1002, 0o644, 1001);
    assert.equal(await read(there, () => {}), 'a secret\n', 'for everybody to read');
    state(1002, 0o600, 0);
    assert.equal(await read(there, () => {}), 'a secret\n', 'a folder of root, as Kubernetes makes them');
    rmSync(secret);
    chownSync(folder, 1001, 1001);
    assert.equal(await read(there, () => {}), 'a secret\n', 'the only name');
  },
);

scenario(
  'an application that swaps files and folders all the time gets no byte of another folder shipped',
  async () => {
    await using lab = await prepareAgent();
    lab.ledgerBytes = () => undefined;
    const { logs } = lab;
    mkdirSync(join(lab.dir, 'outside'));
    for (const name of ['victim.log', 'in.log']) writeFileSync(join(lab.dir, 'outside', name), 'a secret\n');
    await logs.append('app.log', 'first\n');
    await lab.start();
    await lab.delivered(['first']);
    lab.forgetDelivered();
    const [victim, folder] = [logs.at('victim.log'), logs.at('folder')];
    for (let swap = 0; swap < 1_500; swap++) {
      const aside = join(lab.dir, `aside-${swap}`);
      if (swap % 2 === 0) {
        symlinkSync(join(lab.dir, 'outside/victim.log'), aside);
        rmSync(folder, { recursive: true, force: true });
        symlinkSync(join(lab.dir, 'outside'), folder);
      } else {
        writeFileSync(aside, 'a decoy\n');
        rmSync(folder, { recursive: true, force: true });
        mkdirSync(folder);
        writeFileSync(join(folder, 'in.log'), 'a decoy\n');
      }
      renameSync(aside, victim);
      if (swap % 10 === 0) await new Promise(setImmediate);
    }
    await lab.agent.logged('a refusal', ({ fields }) => fields.code === 'FILE_REFUSED');
    await logs.append('app.log', 'last\n');
    await lab.shows('the last line', () => lab.server.stored.some(({ document }) => document.message === 'last'));
    assert.equal(lab.server.stored.filter(({ source }) => source.includes('a secret')).length, 0);
  },
);
