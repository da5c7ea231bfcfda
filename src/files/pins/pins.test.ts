import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { link, mkdir, mkdtemp, readdir, rename, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { until } from '../../../test/support/until.js';
import type { StoredFile } from '../../types/stored.js';
import { systemFiles, type FileSystem } from '../file-system.js';
import { FileTable, type FileTableOptions } from '../file-table.js';
import { noAnchor } from '../identity.js';
import type { DropReason } from '../reader.js';
import { systemPins, type PinSystem } from './pin-system.js';

interface Bench extends AsyncDisposable {
  readonly dir: string;
  readonly table: FileTable;
  readonly clock: ManualClock;
  readonly said: string[];
  readonly drops: DropReason[];
  /** Every file is read to its end. */
  done: boolean;
  at(name: string): string;
  pins(): Promise<string[]>;
}

const tag = '0123abcd';
const failing = (code: string): never => {
  throw Object.assign(new Error(`${code}: no`), { code });
};

/** A table with pins over a real folder, that looks and scans when the test says so. */
async function bench(
  pinSystem: Partial<PinSystem> = {},
  paths = '**/*.log',
  options: Partial<FileTableOptions> = {},
  former?: Bench,
): Promise<Bench> {
  const dir = former?.dir ?? (await mkdtemp(join(tmpdir(), 'pannier-pins-')));
  const said: string[] = [];
  const drops: DropReason[] = [];
  const say = (fields: object, text?: string): void => void said.push(`${JSON.stringify(fields)} ${text}`);
  const clock = new ManualClock(Date.now());
  await mkdir(join(dir, 'logs'), { recursive: true });
  const table = new FileTable({
    paths: [join(dir, 'logs', paths)],
    exclude: [],
    holdMaxBytes: 1_000_000,
    holdMaxAgeMs: 3_600_000,
    holdGraceMs: 60_000,
    forgetAfterMs: 7 * 86_400_000,
    deleteShipped: 'off',
    pin: 'auto',
    pinTag: tag,
    pinSystem: { ...systemPins, ...pinSystem },
    volumeLimit: 1_000_000,
    ownFolders: [],
    ownFiles: () => Promise.resolve([]),
    fs: systemFiles,
    clock,
    log: { debug: say, info: say, warn: say, error: say },
    stored: [],
    store: { putFiles: () => Promise.resolve(), forget: () => {} },
    ...options,
  });
  const lab: Bench = {
    dir,
    table,
    clock,
    said,
    drops,
    done: false,
    at: (name) => join(dir, 'logs', name),
    pins: () => readdir(join(dir, 'logs/.pannier-pins')).catch(() => []),
    [Symbol.asyncDispose]: async () => {
      await table[Symbol.asyncDispose]();
      await rm(dir, { recursive: true, force: true });
    },
  };
  table.addReader({
    name: 'bench',
    position: () => noAnchor,
    isDone: () => lab.done,
    added: () => {},
    changed: () => {},
    drop: (_file, reason) => void drops.push(reason),
    lost: () => {},
    forgotten: () => {},
  });
  return lab;
}

for (const code of ['EPERM', 'EXDEV', 'EMLINK', 'EACCES', 'ENOSPC']) {
  test(`a link that ends with ${code} is said once, and the files are read all the same`, async () => {
    await using lab = await bench({ link: () => failing(code) });
    for (const name of ['a.log', 'b.log']) await writeFile(lab.at(name), `${name}\n`);
    for (let scan = 0; scan < 3; scan += 1) await lab.table.scan();
    assert.equal([...lab.table.files].filter(({ readable }) => readable).length, 2);
    const complaints = lab.said.filter((text) => text.includes('PIN_FAILED'));
    assert.equal(complaints.length, 1, complaints.join('\n'));
    assert.match(complaints[0]!, new RegExp(code));
  });
}

test('a folder of pins that can not be made is tried again after a minute, and said once', async () => {
  let isReadOnly = true;
  await using lab = await bench({
    makeFolder: (path) => (isReadOnly ? failing('EROFS') : systemPins.makeFolder(path)),
  });
  await writeFile(lab.at('a.log'), 'a\n');
  await lab.table.scan();
  isReadOnly = false;
  await lab.table.scan();
  assert.deepEqual(await lab.pins(), []);
  await lab.clock.advance(60_000);
  await lab.table.scan();
  assert.equal((await lab.pins()).length, 1);
  assert.equal(lab.said.filter((text) => text.includes('PIN_FAILED')).length, 1);
});

test('what was swapped in at the path of a file gets no second name', async () => {
  const outside = await mkdtemp(join(tmpdir(), 'pannier-outside-'));
  try {
    await writeFile(join(outside, 'secret'), 'secret\n');
    await using lab = await bench({ link: (_from, to) => systemPins.link(join(outside, 'secret'), to) });
    await writeFile(lab.at('a.log'), 'a\n');
    await lab.table.scan();
    assert.deepEqual(await lab.pins(), []);
    assert.equal((await stat(join(outside, 'secret'))).nlink, 1);
  } finally {
    await rm(outside, { recursive: true });
  }
});

test('a folder that is swapped for a link between look and link gets nothing', async () => {
  const outside = await mkdtemp(join(tmpdir(), 'pannier-outside-'));
  try {
    await using lab: Bench = await bench({
      link: (from, to) => {
        // As an application would, at the worst moment.
        swap();
        systemPins.link(from, to);
      },
    });
    const { renameSync, symlinkSync } = await import('node:fs');
    const swap = (): void => {
      renameSync(lab.at('.pannier-pins'), lab.at('moved'));
      symlinkSync(outside, lab.at('.pannier-pins'));
    };
    await writeFile(lab.at('a.log'), 'a\n');
    await lab.table.scan();
    if (process.platform === 'linux') assert.deepEqual(await readdir(outside), []);
  } finally {
    await rm(outside, { recursive: true });
  }
});

test('a folder of pins that another user made is not used', async () => {
  await using lab = await bench({ owner: 12_345 });
  await writeFile(lab.at('a.log'), 'a\n');
  await lab.table.scan();
  assert.deepEqual(await lab.pins(), []);
  assert.equal(lab.said.filter((text) => /PIN_FAILED.*belongs to user/.test(text)).length, 1);
});

test('rights that a mount added to the folder are taken away again', async () => {
  await using lab = await bench();
  await mkdir(lab.at('.pannier-pins'), { mode: 0o770 });
  await writeFile(lab.at('a.log'), 'a\n');
  await lab.table.scan();
  assert.equal((await stat(lab.at('.pannier-pins'))).mode & 0o777, 0o700);
  assert.equal((await lab.pins()).length, 1);
});

test('a truncated file keeps one pin, by the name of what it is now', async () => {
  await using lab = await bench();
  await writeFile(lab.at('a.log'), 'first content\n');
  await lab.table.scan();
  const [before] = await lab.pins();
  await truncate(lab.at('a.log'));
  await writeFile(lab.at('a.log'), 'next\n');
  lab.table.lookAtAll();
  await lab.table.scan();
  const now = [...lab.table.files].find(({ readable }) => readable)!;
  assert.deepEqual(await lab.pins(), [`${now.fileId}-${tag}`]);
  assert.notEqual(before, `${now.fileId}-${tag}`);
});

test('a pin that the application removed is made again', async () => {
  await using lab = await bench();
  await writeFile(lab.at('a.log'), 'a\n');
  await lab.table.scan();
  const [name] = await lab.pins();
  await rm(join(lab.at('.pannier-pins'), name!));
  await lab.table.scan();
  await lab.table.scan();
  assert.deepEqual(await lab.pins(), [name]);
  await rm(lab.at('.pannier-pins'), { recursive: true });
  await lab.table.scan();
  await lab.table.scan();
  assert.deepEqual(await lab.pins(), [name]);
});

test('a deleted file whose pin is its last name is forgotten when it is done, after the grace time', async () => {
  await using lab = await bench();
  await writeFile(lab.at('a.log'), 'a\n');
  await lab.table.scan();
  await rm(lab.at('a.log'));
  await lab.table.scan();
  assert.equal(lab.table.pinnedBytes, 2);
  await lab.clock.advance(61_000);
  await lab.table.scan();
  assert.equal((await lab.pins()).length, 1, 'an output still reads it');
  lab.done = true;
  await lab.table.scan();
  assert.deepEqual(await lab.pins(), []);
  assert.equal([...lab.table.files].length, 0);
  assert.deepEqual(lab.drops, []);
});

test('a file that was moved out of the folders is not taken for deleted', async () => {
  await using lab = await bench({}, '*.log');
  const away = await mkdtemp(join(tmpdir(), 'pannier-away-'));
  try {
    await writeFile(lab.at('a.log'), 'a\n');
    await lab.table.scan();
    const { fileId } = [...lab.table.files][0]!;
    await rename(lab.at('a.log'), join(away, 'a.log'));
    lab.done = true;
    await lab.clock.advance(61_000);
    await lab.table.scan();
    await lab.table.scan();
    await rename(join(away, 'a.log'), lab.at('a.log'));
    await lab.table.scan();
    assert.equal([...lab.table.files].find(({ readable }) => readable)?.fileId, fileId);
  } finally {
    await rm(away, { recursive: true });
  }
});

test('a pin makes no file a foreign one', async () => {
  // Of an owner other than its folder's, and not for everybody to read: with a second name it would be taken for a link that was planted.
  await using lab = await bench({}, '**/*.log', {
    maxOpenFiles: 1,
    fs: { ...systemFiles, folderOwner: () => 4242 },
  });
  await writeFile(lab.at('a.log'), 'a\n', { mode: 0o600 });
  await lab.table.scan();
  await writeFile(lab.at('b.log'), 'b\n', { mode: 0o600 });
  await lab.table.scan();
  const first = [...lab.table.files].find(({ path }) => path.endsWith('a.log'))!;
  assert.equal(first.content, undefined, 'closed by the limit of handles');
  assert.equal((await lab.pins()).length, 2);
  assert.ok((await lab.table.contentOf(first)) !== undefined, lab.said.join('\n'));
});

test('another agent’s pin is left, and removed when nothing else holds its file and nobody came for it', async () => {
  await using lab = await bench();
  await writeFile(lab.at('a.log'), 'a\n');
  await lab.table.scan();
  const foreign = join(lab.at('.pannier-pins'), `${'f'.repeat(24)}-ffffffff`);
  await link(lab.at('a.log'), foreign);
  await symlink(lab.at('a.log'), join(lab.at('.pannier-pins'), `${'e'.repeat(24)}-${tag}`));
  lab.done = true;
  await rm(lab.at('a.log'));
  for (let scan = 0; scan < 3; scan += 1) {
    await lab.clock.advance(61_000);
    await lab.table.scan();
  }
  assert.ok((await lab.pins()).includes(`${'f'.repeat(24)}-ffffffff`));
  assert.equal([...lab.table.files].filter(({ readable }) => readable).length, 0, 'not read by us');
  await lab.clock.advance(3_600_000);
  await writeFile(lab.at('b.log'), 'b\n');
  await lab.table.scan();
  await lab.table.scan();
  assert.ok(!(await lab.pins()).includes(`${'f'.repeat(24)}-ffffffff`));
});

/** By how many reads each is found again. */
const readsOf = { 'a.log': 2, 'a.log.gz': 7 };
for (const [name, most] of Object.entries(readsOf))
  for (let failure = 1; failure <= most; failure += 1)
    test(`a pinned file (${name}) that can't be read at first is found again once it can (read ${failure} fails)`, async () => {
      const kept = new Map<string, StoredFile>();
      const putFiles = (files: readonly StoredFile[]): Promise<void> => {
        for (const file of files) kept.set(file.fileId, file);
        return Promise.resolve();
      };
      await using former = await bench({}, '**/*', { store: { putFiles, forget: () => {} } });
      const text = Array.from({ length: 300 }, (_, at) => `line ${at}\n`).join('');
      await writeFile(former.at(name), name.endsWith('.gz') ? gzipSync(text) : text);
      await former.table.scan();
      assert.equal((await former.pins()).length, 1);
      await former.table[Symbol.asyncDispose]();
      await rm(former.at(name));
      let reads = 0;
      const read: FileSystem['read'] = (...call) => {
        reads += 1;
        return reads === failure ? failing('EIO') : systemFiles.read(...call);
      };
      const descriptors = readdirSync('/proc/self/fd').length;
      const lab = await bench({}, '**/*', { stored: [...kept.values()], fs: { ...systemFiles, read } }, former);
      await lab.table.scan();
      await lab.table.scan();
      assert.ok(reads > failure);
      assert.deepEqual(
        [...lab.table.files].map(({ fileId, state, size }) => [fileId, state, size]),
        [[[...kept.keys()][0], 'deleted', text.length]],
      );
      assert.deepEqual(lab.drops, []);
      await lab.table[Symbol.asyncDispose]();
      // A read that is under way closes when it is done.
      await until(() => readdirSync('/proc/self/fd').length === descriptors, { what: 'no descriptor is left' });
    });
