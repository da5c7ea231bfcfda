import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { appendFile, copyFile, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { brokenReads } from '../../test/support/broken-reads.js';
import { ManualClock } from '../../test/support/manual-clock.js';
import type { StoredFile } from '../types/stored.js';
import { anchorAt, type Anchor } from './identity.js';
import { systemFiles, type FileSystem } from './file-system.js';
import { FileTable } from './file-table.js';
import type { Reader } from './reader.js';

const text = Array.from({ length: 500 }, (_, at) => `line ${at}\n`).join('');
const packed = gzipSync(text);

/** A table that scans when the test says so. `kept` is what it stored. */
function tableOf(
  dir: string,
  {
    kept = new Map(),
    open = (name) => systemFiles.open(name),
    read = (...call) => systemFiles.read(...call),
    glob = '*',
    maxOpenFiles,
  }: Kept = {},
): FileTable {
  const quiet = (): void => {};
  return new FileTable({
    paths: [join(dir, glob)],
    exclude: [],
    holdMaxBytes: 1_000_000,
    holdMaxAgeMs: 3_600_000,
    holdGraceMs: 60_000,
    forgetAfterMs: 7 * 86_400_000,
    pin: 'off',
    pinTag: '00000000',
    volumeLimit: undefined,
    deleteShipped: 'off',
    ownFolders: [],
    ownFiles: () => Promise.resolve([]),
    fs: { ...systemFiles, open, read },
    clock: new ManualClock(Date.now()),
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    ...(maxOpenFiles === undefined ? {} : { maxOpenFiles }),
    stored: [...kept.values()],
    store: {
      putFiles: (files) => {
        for (const file of files) kept.set(file.fileId, file);
        return Promise.resolve();
      },
      forget: quiet,
    },
  });
}

interface Kept {
  readonly kept?: Map<string, StoredFile>;
  readonly open?: (name: string) => Promise<number>;
  readonly read?: FileSystem['read'];
  readonly glob?: string;
  readonly maxOpenFiles?: number;
}

/** How much of the packed file is there when it is first looked at. */
for (const there of [0, 3, packed.length >> 1])
  test(`a .gz that is finished between two looks of one scan (${there} bytes at the first) is no new file`, async () => {
    const dir = await mkdtemp(join(tmpdir(), 'pannier-recognition-'));
    const path = join(dir, 'app.log.1.gz');
    let opened = 0;
    const open = (name: string): Promise<number> => {
      // The first look is over, the second begins: whoever packs has finished in between.
      if (name.endsWith('.gz') && (opened += 1) === 2) writeFileSync(name, packed);
      return systemFiles.open(name);
    };
    await using table = tableOf(dir, { open });
    await appendFile(join(dir, 'app.log'), text);
    await table.scan();
    await writeFile(path, packed.subarray(0, there));
    await table.scan();
    await writeFile(path, packed);
    await table.scan();
    await rm(join(dir, 'app.log'));
    await table.scan();
    assert.deepEqual(
      [...table.files].map((file) => file.path),
      [join(dir, 'app.log')],
    );
    await rm(dir, { recursive: true });
  });

test('a file that was copied, truncated and is just being packed when the agent starts is not given up', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'pannier-recognition-'));
  const kept = new Map<string, StoredFile>();
  await appendFile(join(dir, 'app.log'), text);
  const earlier = tableOf(dir, { kept });
  await earlier.scan();
  await earlier[Symbol.asyncDispose]();
  const [fileId] = [...kept.keys()];
  await truncate(join(dir, 'app.log'));
  await appendFile(join(dir, 'app.log'), 'something else\n');
  await writeFile(join(dir, 'app.log.1.gz'), packed.subarray(0, packed.length >> 1));
  await using table = tableOf(dir, { kept });
  for (let scans = 0; scans < 3; scans += 1) await table.scan();
  await writeFile(join(dir, 'app.log.1.gz'), packed);
  await table.scan();
  const found = [...table.files].find((file) => file.fileId === fileId);
  assert.equal(found?.state, 'rotated');
  assert.equal(found.currentPath, join(dir, 'app.log.1.gz'));
  assert.equal([...table.files].length, 2);
  await rm(dir, { recursive: true });
});

test('a packed file that was seen under a name that says nothing of packing is looked at again under its own', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'pannier-recognition-'));
  const kept = new Map<string, StoredFile>();
  const path = join(dir, 'app.log');
  const long = text.repeat(2) + Array.from({ length: 5_000 }, (_, at) => `${at * 7919}\n`).join('');
  await writeFile(path, long);
  {
    await using before = tableOf(dir, { kept, glob: '*.log' });
    await before.scan();
  }
  await writeFile(join(dir, 'whole'), gzipSync(long));
  await rm(path);
  await using table = tableOf(dir, { kept, glob: '*.log' });
  await table.scan();
  await rename(join(dir, 'whole'), `${path}.1.gz`);
  await table.scan();
  assert.deepEqual(
    [...table.files].map(({ fileId, state }) => [fileId, state]),
    [[[...kept.keys()][0], 'rotated']],
  );
  await rm(dir, { recursive: true });
});

/** A lane that has read some of each file, so that each has an anchor. */
const reading = (anchor: (fileId: string) => Anchor): Reader => ({
  name: 'reading',
  position: anchor,
  isDone: () => true,
  added: () => {},
  changed: () => {},
  drop: () => {},
  lost: () => {},
  forgotten: () => {},
});

test('a file that is nobody known is read once, however many are looked for, and again for who joins them only', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'pannier-recognition-'));
  const kept = new Map<string, StoredFile>();
  const textOf = (path: string): string => `${basename(path)} ${text}`;
  const names = Array.from({ length: 40 }, (_, at) => join(dir, `${at}.log`));
  for (const name of names) await writeFile(name, textOf(name));
  {
    await using before = tableOf(dir, { kept, glob: '*.log' });
    await before.scan();
  }
  await writeFile(join(dir, 'moved'), textOf(names[7]!));
  await writeFile(join(dir, 'stranger'), textOf(names[0]!));
  for (const name of names.slice(2)) await rm(name);

  const openAs = new Map<number, string>();
  let reads = 0;
  await using table = tableOf(dir, {
    kept,
    glob: '*.log',
    maxOpenFiles: 1,
    open: async (name) => {
      const descriptor = await systemFiles.open(name);
      openAs.set(descriptor, basename(name));
      return descriptor;
    },
    read: (descriptor, ...rest) => {
      if (openAs.get(descriptor) === 'stranger') reads += 1;
      return systemFiles.read(descriptor, ...rest);
    },
  });
  const anchorOf = (fileId: string): Anchor => anchorAt(Buffer.from(textOf(kept.get(fileId)!.path)), 600, 600, 600);
  table.addReader(reading(anchorOf));
  const placeOf = (name: string): string | undefined =>
    [...table.files].find(({ path, readable }) => readable && path === name)?.currentPath;
  await table.scan();
  assert.equal(placeOf(names[7]!), join(dir, 'moved'));
  assert.equal(reads, 1, '37 files are looked for');
  await table.scan();
  assert.equal(reads, 1, 'nobody joined them');
  // Not open, as only one may be: from now on it is looked for.
  await rm(names[0]!);
  await table.scan();
  assert.equal(placeOf(names[0]!), join(dir, 'stranger'));
  await rm(dir, { recursive: true });
});

test('a file that is read on while its packed form is compared with it is still known by it', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'pannier-recognition-'));
  const path = join(dir, 'app.log');
  await writeFile(path, text);
  await using table = tableOf(dir);
  let offset = 600;
  // The lane is further on whenever it is asked.
  const next = (): Anchor => anchorAt(Buffer.from(text), (offset += 10), offset, offset);
  table.addReader({ ...reading(next), isDone: () => false });
  await table.scan();
  await writeFile(`${path}.1.gz`, packed);
  await rm(path);
  for (let scans = 0; scans < 3; scans += 1) await table.scan();
  assert.ok(offset > 610 && offset < text.length, String(offset));
  assert.deepEqual(
    [...table.files].map((file) => [file.path, file.state]),
    [[path, 'deleted']],
  );
  await rm(dir, { recursive: true });
});

for (const glob of ['*.log', '*'])
  test(`a packed file that can't be read at first is found once it can (globs: ${glob})`, async () => {
    const dir = await mkdtemp(join(tmpdir(), 'pannier-recognition-'));
    const kept = new Map<string, StoredFile>();
    const path = join(dir, 'app.log');
    await writeFile(path, text);
    {
      await using before = tableOf(dir, { kept, glob });
      await before.scan();
    }
    await writeFile(`${path}.1.gz`, packed);
    await rm(path);
    let isBroken = true;
    await using table = tableOf(dir, {
      kept,
      glob,
      read: async (...call) => {
        // The magic number is in the page cache, say.
        if (isBroken && call[3] > 4) throw Object.assign(new Error('EIO: a fault of the test'), { code: 'EIO' });
        return await systemFiles.read(...call);
      },
    });
    await table.scan();
    await table.scan();
    isBroken = false;
    await table.scan();
    assert.deepEqual(
      [...table.files].map(({ fileId, state }) => [fileId, state]),
      [[[...kept.keys()][0], 'rotated']],
    );
    await rm(dir, { recursive: true });
  });

test("a packed file of its own that can't be read at first is read once it can", async () => {
  const dir = await mkdtemp(join(tmpdir(), 'pannier-recognition-'));
  await writeFile(join(dir, 'old.log.1.gz'), packed);
  let isBroken = true;
  await using table = tableOf(dir, {
    read: async (...call) => {
      if (isBroken && call[3] > 4) throw Object.assign(new Error('EIO: a fault of the test'), { code: 'EIO' });
      return await systemFiles.read(...call);
    },
  });
  await table.scan();
  await table.scan();
  assert.deepEqual([...table.files], []);
  isBroken = false;
  await table.scan();
  assert.deepEqual(
    [...table.files].map(({ size }) => size),
    [text.length],
  );
  await rm(dir, { recursive: true });
});

test("a known file that can't be read when the agent starts is not taken for its own copy", async () => {
  const dir = await mkdtemp(join(tmpdir(), 'pannier-recognition-'));
  const path = join(dir, 'app.log');
  const kept = new Map<string, StoredFile>();
  await writeFile(path, text);
  {
    await using before = tableOf(dir, { kept });
    await before.scan();
  }
  const [fileId] = kept.keys();
  await copyFile(path, join(dir, 'app-1.log'));
  const disk = brokenReads('app.log');
  disk.isBroken = true;
  await using table = tableOf(dir, { kept, ...disk });
  await table.scan();
  await table.scan();
  disk.isBroken = false;
  await table.scan();
  assert.equal([...table.files].find((file) => file.fileId === fileId)?.currentPath, path);
  await rm(dir, { recursive: true });
});

test('a known file that is too short to be told by its content is no new one where its first read fails when the agent starts', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'pannier-recognition-'));
  const kept = new Map<string, StoredFile>();
  await writeFile(join(dir, 'app.log'), 'short\n');
  {
    await using before = tableOf(dir, { kept });
    await before.scan();
  }
  const [fileId] = kept.keys();
  let reads = 0;
  await using table = tableOf(dir, {
    kept,
    read: async (...call) => {
      reads += 1;
      if (reads === 1) throw Object.assign(new Error('EIO: a fault of the test'), { code: 'EIO' });
      return await systemFiles.read(...call);
    },
  });
  await table.scan();
  await table.scan();
  assert.ok(reads > 1);
  assert.deepEqual(
    [...table.files].map((file) => [file.fileId, file.state]),
    [[fileId, 'open']],
  );
  await rm(dir, { recursive: true });
});
