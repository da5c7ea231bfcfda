import assert from 'node:assert/strict';
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { appendFile, copyFile, mkdir, mkdtemp, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { brokenReads } from '../../test/support/broken-reads.js';
import { ManualClock } from '../../test/support/manual-clock.js';
import { until } from '../../test/support/until.js';
import { systemFiles, type FileSystem } from './file-system.js';
import { FileTable, type FileTableOptions } from './file-table.js';
import { noAnchor } from './identity.js';
import type { Place } from './place.js';
import type { DropReason, Reader } from './reader.js';
import type { StoredFile } from '../types/stored.js';
import type { SourceFile } from './source-file.js';

const line = (n: number): string => `${String(n).padStart(9, '0')}\n`;
const lines = (count: number, from = 0): string =>
  Array.from({ length: count }, (_, index) => line(from + index)).join('');

/** A reader that notes what it is told, and stands where the test puts it. */
class NotingReader implements Reader {
  readonly drops: { readonly file: SourceFile; readonly reason: DropReason }[] = [];
  readonly added_: SourceFile[] = [];
  readonly forgotten_: SourceFile[] = [];
  done = new Set<SourceFile>();
  readonly lostBytes: number[] = [];
  /** How often it was told that files grew. */
  told = 0;

  constructor(readonly name = 'noting') {}
  at: Place = noAnchor;
  position(): Place | undefined {
    return this.at;
  }
  isDone(file: SourceFile): boolean {
    return this.done.has(file);
  }
  added(file: SourceFile): void {
    this.added_.push(file);
  }
  changed(): void {
    this.told += 1;
  }
  drop(file: SourceFile, reason: DropReason): void {
    this.drops.push({ file, reason });
  }
  lost(_file: SourceFile, bytes: number): void {
    this.lostBytes.push(bytes);
  }
  forgotten(file: SourceFile): void {
    this.forgotten_.push(file);
  }
}

interface Bench extends AsyncDisposable {
  readonly dir: string;
  readonly table: FileTable;
  readonly reader: NotingReader;
  readonly clock: ManualClock;
  readonly said: string[];
  only(): SourceFile;
  at(name: string): string;
}

/** What the table stores, for the next one. */
const storeInto = (stored: Map<string, StoredFile>): FileTableOptions['store'] => ({
  putFiles: (files) => {
    for (const file of files) stored.set(file.fileId, file);
    return Promise.resolve();
  },
  forget: () => {},
});

/** A table over a real folder that only looks and scans when the test says so. */
async function bench(options: Partial<FileTableOptions> = {}, ports: Partial<FileSystem> = {}): Promise<Bench> {
  const dir = await mkdtemp(join(tmpdir(), 'pannier-table-'));
  const said: string[] = [];
  const say = (fields: object, text?: string): void => void said.push(`${text} ${JSON.stringify(fields)}`);
  const clock = new ManualClock(Date.now());
  const table = new FileTable({
    paths: [join(dir, 'logs/**/*.log')],
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
    fs: { ...systemFiles, ...ports },
    clock,
    log: { debug: say, info: say, warn: say, error: say },
    stored: [],
    store: { putFiles: () => Promise.resolve(), forget: () => {} },
    ...options,
  });
  const reader = new NotingReader();
  table.addReader(reader);
  await mkdir(join(dir, 'logs'));
  return {
    dir,
    table,
    reader,
    clock,
    said,
    at: (name) => join(dir, 'logs', name),
    only: () => {
      const readable = [...table.files].filter((file) => file.readable);
      assert.equal(
        readable.length,
        1,
        `one file is readable: ${readable.map(({ currentPath }) => currentPath).join()}`,
      );
      return readable[0]!;
    },
    [Symbol.asyncDispose]: async () => {
      await table[Symbol.asyncDispose]();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

test('a file closed by the handle limit is not taken for the new file under its old name', async () => {
  await using lab = await bench({ maxOpenFiles: 1 });
  await writeFile(lab.at('a.log'), lines(200));
  await lab.table.scan();
  const a = lab.only();
  await writeFile(lab.at('b.log'), lines(1));
  await lab.table.scan(); // opens b, closes a
  assert.equal(a.content, undefined);

  await rename(lab.at('a.log'), lab.at('a.log.1'));
  await writeFile(lab.at('a.log'), lines(1));
  lab.table.lookAtAll();
  await lab.table.scan();

  assert.deepEqual(lab.reader.drops, []);
  assert.equal(a.state, 'rotated');
  assert.equal(a.size, 2000);
});

test('a deleted file that a lane still needs is kept while lanes are exchanged', async () => {
  await using lab = await bench({ holdGraceMs: 0 });
  await writeFile(lab.at('a.log'), lines(200));
  await lab.table.scan();
  const a = lab.only();
  await rm(lab.at('a.log'));
  await lab.table.scan();
  assert.equal(a.state, 'deleted');

  let scanned = false;
  let scan: Promise<void> | undefined;
  await lab.table.betweenScans(async () => {
    lab.table.removeReader(lab.reader);
    scan = lab.table.scan().then(() => void (scanned = true));
    for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
    assert.equal(scanned, false);
    lab.table.addReader(lab.reader);
  });
  await scan;

  assert.equal(a.state, 'deleted');
  assert.deepEqual(lab.reader.forgotten_, []);
});

test('two readers that notice the same truncation do not truncate the copy as well', async () => {
  await using lab = await bench();
  await writeFile(lab.at('a.log'), lines(300));
  await lab.table.scan();
  const a = lab.only();
  await copyFile(lab.at('a.log'), lab.at('a.log.1'));
  await lab.table.scan();
  await truncate(lab.at('a.log'), 0);

  lab.table.lookAtAll();
  lab.table.lookAtAll();
  lab.table.changed(a, 'shrunk');
  await lab.table.scan();
  await lab.table.scan();

  assert.deepEqual(lab.reader.drops, []);
  assert.equal(a.state, 'rotated');
  assert.equal(a.currentPath, lab.at('a.log.1'));
});

test('copied and truncated after the clock went back: the new content waits for the copy, and the copy for nobody', async () => {
  await using lab = await bench();
  await writeFile(lab.at('a.log'), lines(300));
  await lab.table.scan();
  const a = lab.only();
  lab.clock.jump(-3_600_000);
  await copyFile(lab.at('a.log'), lab.at('a.log.1'));
  await lab.table.scan();
  await writeFile(lab.at('a.log'), lines(3, 900));

  lab.table.lookAtAll();
  await lab.table.scan();
  await lab.table.scan();

  assert.equal(a.currentPath, lab.at('a.log.1'));
  const next = [...lab.table.files].find((file) => file !== a && file.readable);
  assert.equal(next?.predecessor, a);
  assert.notEqual(a.predecessor, next, 'two files that wait for each other are never read');
});

test('a folder that is out of sight for a while comes back with the identities it had', async () => {
  await using lab = await bench();
  await mkdir(lab.at('sub'));
  await writeFile(lab.at('sub/a.log'), lines(10));
  await lab.table.scan();
  const a = lab.only();
  lab.reader.done.add(a);

  await rename(lab.at('sub'), join(lab.dir, 'elsewhere'));
  await lab.table.scan();
  await lab.clock.advance(120_000);
  await lab.table.scan();
  await rename(join(lab.dir, 'elsewhere'), lab.at('sub'));
  await lab.table.scan();

  assert.equal(lab.only(), a);
  assert.deepEqual(lab.reader.forgotten_, []);
});

test('a finished file that was deleted is forgotten after the grace time', async () => {
  await using lab = await bench();
  await writeFile(lab.at('a.log'), lines(10));
  await lab.table.scan();
  const a = lab.only();
  lab.reader.done.add(a);
  await rm(lab.at('a.log'));
  await lab.table.scan();
  assert.equal(a.state, 'deleted');
  await lab.clock.advance(60_001);
  await lab.table.scan();
  assert.deepEqual(lab.reader.forgotten_, [a]);
});

test('held files that are finished go before one that still has unread bytes', async () => {
  await using lab = await bench({ holdMaxBytes: 3000 });
  await writeFile(lab.at('a.log'), lines(200));
  await lab.table.scan();
  const a = lab.only();
  await rm(lab.at('a.log'));
  await lab.table.scan();
  await lab.clock.advance(1000);
  await writeFile(lab.at('b.log'), lines(200, 500));
  await lab.table.scan();
  for (const file of lab.table.files) if (file !== a) lab.reader.done.add(file);
  await rm(lab.at('b.log'));
  await lab.table.scan();

  assert.ok(!lab.reader.drops.some(({ file }) => file === a));
  assert.equal(a.state, 'deleted');
});

test('the handle limit does not close a file that was deleted a moment ago', async () => {
  await using lab = await bench({ maxOpenFiles: 1 });
  await writeFile(lab.at('a.log'), lines(200));
  await lab.table.scan();
  const a = lab.only();
  await writeFile(lab.at('b.log'), lines(200));
  await lab.table.scan(); // opens b, closes a
  const b = [...lab.table.files].find((file) => file !== a);
  assert.ok(b?.content !== undefined && a.content === undefined);

  await rm(lab.at('b.log')); // seen by no scan yet
  assert.equal(await a.read(Buffer.alloc(10), 0, 10, noAnchor), 10);
  assert.equal(await b.read(Buffer.alloc(10), 0, 10, noAnchor), 10);
});

test('a root that cannot be looked at is a warning, and the other roots are read', async () => {
  const refused = (path: string): void => {
    if (path.includes('/closed')) throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
  };
  const dir = await mkdtemp(join(tmpdir(), 'pannier-roots-'));
  await mkdir(join(dir, 'open'));
  await writeFile(join(dir, 'open/a.log'), lines(3));
  await using lab = await bench(
    { paths: [join(dir, 'closed/x/*.log'), join(dir, 'open/*.log')] },
    {
      realpath: (path) => (refused(path), systemFiles.realpath(path)),
      stat: (path) => (refused(path), systemFiles.stat(path)),
    },
  );
  await lab.table.scan();
  assert.equal(lab.only().path, join(dir, 'open/a.log'));
  assert.ok(lab.said.some((text) => text.includes('/closed/x') && text.includes('EACCES')));
  await rm(dir, { recursive: true });
});

test('a truncated file that cannot be read just then costs nothing but itself', async () => {
  let broken = false;
  await using lab = await bench(
    {},
    {
      read: async (...args) => {
        if (broken) throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
        return systemFiles.read(...args);
      },
    },
  );
  const rejections: unknown[] = [];
  const note = (error: unknown): void => void rejections.push(error);
  process.on('unhandledRejection', note);
  await writeFile(lab.at('a.log'), lines(200));
  await lab.table.scan();
  const a = lab.only();
  broken = true;
  await truncate(lab.at('a.log'), 10);
  lab.table.lookAtAll();
  await lab.table.scan();
  await new Promise(setImmediate);
  broken = false;
  await lab.table.scan();
  process.off('unhandledRejection', note);

  assert.deepEqual(rejections, []);
  assert.deepEqual(lab.reader.drops, [{ file: a, reason: 'truncated' }]);
  assert.equal(lab.only().size, 10);
});

test('a read whose file is closed meanwhile ends without a fault of the file', async () => {
  let held: (() => void) | undefined;
  let hold = false;
  await using lab = await bench(
    { maxOpenFiles: 1 },
    {
      read: async (...args) => {
        if (hold) await new Promise<void>((resolve) => (held = resolve));
        return systemFiles.read(...args);
      },
    },
  );
  await writeFile(lab.at('a.log'), lines(20));
  await lab.table.scan();
  const a = lab.only();
  hold = true;
  const reading = a.read(Buffer.alloc(100), 0, 100, noAnchor);
  while (held === undefined) await new Promise(setImmediate);
  hold = false;
  await writeFile(lab.at('b.log'), lines(1));
  await lab.table.scan(); // closes a
  assert.equal(a.content, undefined);
  held();
  assert.equal(await reading, undefined);
  assert.equal(a.problem, '');
  assert.equal(a.state, 'open');
});

test('a file that grows while its content is being proven is not taken for truncated', async () => {
  let during: (() => Promise<void>) | undefined;
  const read: FileSystem['read'] = async (...call) => {
    const count = await systemFiles.read(...call);
    const once = during;
    during = undefined;
    await once?.();
    return count;
  };
  await using lab = await bench({}, { read });
  await writeFile(lab.at('a.log'), lines(2));
  await lab.table.scan();
  lab.table.lookAtAll();
  await lab.table.scan();
  const a = lab.only();
  during = async () => {
    await appendFile(lab.at('a.log'), line(2));
    lab.table.lookAtAll();
  };
  await utimes(lab.at('a.log'), new Date(), new Date(Date.now() + 5000));
  lab.table.lookAtAll();
  await lab.table.scan();
  assert.equal(during, undefined, 'it was proven');
  assert.deepEqual(lab.reader.drops, []);
  assert.equal(lab.only(), a);
  assert.equal(a.size, 30);
});

test('nothing is opened after the end', async () => {
  let opened = 0;
  const lab = await bench({ maxOpenFiles: 1 }, { open: (path) => ((opened += 1), systemFiles.open(path)) });
  await writeFile(lab.at('a.log'), lines(20));
  await lab.table.scan();
  const a = lab.only();
  await lab.table[Symbol.asyncDispose]();
  const before = opened;
  assert.equal(await a.read(Buffer.alloc(100), 0, 100, noAnchor), undefined);
  await appendFile(lab.at('b.log'), lines(1));
  await lab.table.scan();
  assert.equal(opened, before);
  await rm(lab.dir, { recursive: true });
});

test('changes without a pause do not put a scan off for ever', { timeout: 60_000 }, async () => {
  await using lab = await bench();
  await lab.table.start();
  await writeFile(lab.at('a.log'), lines(1));
  // As hints do that come faster than the pause between two scans, of a file that is nobody known.
  let churn = 0;
  while ([...lab.table.files].length === 0) {
    await writeFile(lab.at(`churn-${churn}.tmp`), '');
    await rm(lab.at(`churn-${churn}.tmp`));
    churn += 1;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  assert.equal(lab.only().path, lab.at('a.log'));
});

test('a disk that is slow to open a new file does not keep the next scan away for long', async () => {
  let isSlow = true;
  await using lab = await bench(
    {},
    {
      open: async (path) => {
        if (isSlow) await lab.clock.advance(400);
        isSlow = false;
        return await systemFiles.open(path);
      },
    },
  );
  await lab.table.start();
  await lab.table.watching();
  await writeFile(lab.at('a.log'), lines(1));
  await until(() => [...lab.table.files].length === 1, { what: 'the first is known' });
  await writeFile(lab.at('b.log'), lines(1));
  // Ten times what the opening took would be four seconds, and without an event it would be five.
  await until(() => [...lab.table.files].length === 2, { what: 'the second is known', deadlineMs: 3_000 });
});

test('what was under way of a given-up file when the agent was killed is dropped with the next start', async () => {
  const stored = {
    fileId: '0123456789abcdef01234567',
    path: '/var/log/app/a.log',
    device: '1',
    inode: '2',
    birthNs: '3',
    fingerprint: { length: 0, hash: '' },
    size: 100,
    encoding: '',
    format: '',
    firstSeen: 0,
    lastSeen: 0,
    gone: true,
  };
  await using lab = await bench({ stored: [stored] });
  const [gone] = [...lab.table.files];
  await lab.table.start();
  assert.deepEqual(lab.reader.drops, [{ file: gone, reason: 'truncated' }]);
});

test('of a file that is found nowhere only what has no outcome is missing, not the range above a gap', async () => {
  const stored = {
    fileId: '0123456789abcdef01234567',
    path: '/var/log/app/a.log',
    device: '1',
    inode: '2',
    birthNs: '3',
    fingerprint: { length: 0, hash: '' },
    size: 100,
    encoding: '',
    format: '',
    firstSeen: 0,
    lastSeen: Date.now(),
    gone: false,
  };
  await using lab = await bench({ stored: [stored] });
  lab.reader.at = { ...noAnchor, offset: 10, ahead: { start: 50, offset: 95 } };
  await lab.table.start();
  assert.match(lab.said.find((line) => line.includes('found nowhere')) ?? '', /"bytes":45\b/);
});

for (const [title, move] of Object.entries({
  'under its inode': () => Promise.resolve(),
  'under another inode': async (path: string) => {
    await copyFile(path, `${path}.new`);
    await rename(`${path}.new`, path);
  },
})) {
  /** A table of another start, with `change` made of its one known file once what was read speaks for it. */
  const again = async (change: (path: string) => void): Promise<Bench & { readonly known: StoredFile }> => {
    const stored = new Map<string, StoredFile>();
    const store = storeInto(stored);
    const before = await bench({ store });
    const path = before.at('a.log');
    await writeFile(path, lines(200));
    await before.table.scan();
    await before.table[Symbol.asyncDispose]();
    const [known] = [...stored.values()];
    await move(path);
    let isChanged = false;
    const lab = await bench(
      { paths: [join(before.dir, 'logs/**/*.log')], store, stored: [...stored.values()] },
      {
        read: async (...call) => {
          const count = await systemFiles.read(...call);
          if (!isChanged) change(path);
          isChanged = true;
          return count;
        },
      },
    );
    await lab.table.scan();
    assert.ok(isChanged);
    return { ...lab, known: known!, [Symbol.asyncDispose]: () => bothEnd(before, lab) };
  };

  test(`a known file that is found again ${title} and truncated just then is seen to be truncated`, async () => {
    await using lab = await again((path) => writeFileSync(path, lines(50, 1000)));
    for (let scans = 0; scans < 2; scans += 1) await lab.table.scan();
    const { fileId, size } = lab.only();
    assert.equal(size, 500);
    assert.notEqual(fileId, lab.known.fileId);
    assert.deepEqual(
      lab.reader.drops.map(({ reason }) => reason),
      ['truncated'],
    );
  });

  test(`what is written to a known file while it is found again ${title} is seen with it`, async () => {
    await using lab = await again((path) => appendFileSync(path, lines(3, 200)));
    const { fileId, size, provenSize } = lab.only();
    assert.deepEqual([fileId, size, provenSize], [lab.known.fileId, 2030, 2000]);
  });
}

async function bothEnd(...labs: readonly AsyncDisposable[]): Promise<void> {
  for (const lab of labs) await lab[Symbol.asyncDispose]();
}

test('a copy that is being made when the agent starts is the old file, and not a new one', async () => {
  const stored = new Map<string, StoredFile>();
  const store = storeInto(stored);
  await using lab = await bench();
  await writeFile(lab.at('a.log'), lines(200));
  const paths = [lab.at('*.log')];
  const earlier = await bench({ paths, store });
  await earlier.table.scan();
  await earlier[Symbol.asyncDispose]();
  const [fileId] = [...stored.keys()];
  await copyFile(lab.at('a.log'), lab.at('a-1.log'));
  await truncate(lab.at('a.log'));
  let isBegun = false;
  await using next = await bench(
    { paths, store, stored: [...stored.values()] },
    {
      lstat: (path) => {
        const stat = systemFiles.lstat(path);
        if (stat === undefined || !path.endsWith('a-1.log') || isBegun) return stat;
        // The walk meets it as soon as it has a name; by the time it is looked into it is whole.
        isBegun = true;
        return { ...stat, size: 0 };
      },
    },
  );
  await next.clock.advance(1);
  await next.table.scan();
  assert.ok(isBegun);
  await next.table.scan();
  const copy = [...next.table.files].filter(({ currentPath }) => currentPath === lab.at('a-1.log'));
  assert.deepEqual(
    copy.map((file) => file.fileId),
    [fileId],
  );
});

test('a truncated file that grows over its old size before that is decided has lost nothing', async () => {
  await using lab = await bench();
  await writeFile(lab.at('a.log'), lines(200));
  await lab.table.scan();
  const old = lab.only();
  // As a scan of thousands of files does: whatever is to be decided waits for it.
  let endScan = (): void => {};
  const scanned = new Promise<void>((resolve) => (endScan = resolve));
  const scanning = lab.table.betweenScans(() => scanned);
  await copyFile(lab.at('a.log'), lab.at('a.log.1'));
  await truncate(lab.at('a.log'));
  lab.table.lookAtAll();
  await appendFile(lab.at('a.log'), lines(300, 500));
  lab.table.lookAtAll();
  endScan();
  await scanning;
  await lab.table.scan();
  assert.equal(old.currentPath, lab.at('a.log.1'));
  assert.deepEqual([lab.reader.lostBytes, lab.reader.drops, old.size], [[], [], 2000]);
});

test('a read that began before a truncation does not vouch for what the file holds after it', async () => {
  let truncateNow = (): Promise<void> => Promise.resolve();
  await using lab = await bench(
    {},
    {
      read: async (...call) => {
        const count = await systemFiles.read(...call);
        await truncateNow();
        return count;
      },
    },
  );
  await writeFile(lab.at('a.log'), lines(200));
  await lab.table.scan();
  const old = lab.only();
  await copyFile(lab.at('a.log'), lab.at('a.log.1'));
  truncateNow = async () => {
    truncateNow = () => Promise.resolve();
    await writeFile(lab.at('a.log'), lines(300, 500));
    lab.table.lookAtAll();
  };
  await old.read(Buffer.alloc(1000), 0, 1000, noAnchor);
  await old.read(Buffer.alloc(2000), 0, 2000, noAnchor);
  await lab.table.scan();
  assert.equal(old.currentPath, lab.at('a.log.1'));
  assert.deepEqual([lab.reader.lostBytes, lab.reader.drops, old.size], [[], [], 2000]);
});

test('of a copy that is too short only what has no outcome is lost, not the range above a gap', async () => {
  await using lab = await bench();
  const text = lines(2000);
  await writeFile(lab.at('a.log'), text);
  await lab.table.scan();
  lab.reader.at = { ...noAnchor, ahead: { start: text.length - 1000, offset: text.length - 100 } };
  await writeFile(lab.at('a.log.1'), text.slice(0, -1200));
  await lab.table.scan();
  await truncate(lab.at('a.log'), 0);
  lab.table.lookAtAll();
  await lab.table.scan();
  await lab.table.scan();
  assert.deepEqual(lab.reader.lostBytes, [300]);
});

test('an event of a known file makes a look due and tells the lanes, one of an unknown file leads to a scan', async () => {
  let heard: (event: 'rename' | 'change', name: string | undefined) => void = () => {};
  await using lab = await bench(
    {},
    {
      watch: (_path, listener) => {
        heard = listener;
        return { close: () => {} };
      },
    },
  );
  await writeFile(lab.at('a.log'), lines(1));
  await lab.table.scan();
  assert.equal(lab.table.isLookDue, false);
  await appendFile(lab.at('a.log'), lines(1));
  const told = lab.reader.told;
  heard('change', 'a.log');
  await lab.clock.settle();
  assert.deepEqual([lab.table.isLookDue, lab.reader.told - told, lab.only().size], [true, 1, lines(1).length]);
  assert.equal(lab.table.look(), Infinity);
  assert.deepEqual([lab.table.isLookDue, lab.only().size], [false, lines(2).length]);

  await writeFile(lab.at('b.log'), lines(1));
  heard('change', 'b.log');
  await until(() => [...lab.table.files].length === 2, { what: 'the other file is known' });
});

test('a file that is made and renamed away in a resting folder is found all the same', async () => {
  let heard: (event: 'rename' | 'change', name: string | undefined) => void = () => {};
  let isWatched = false;
  await using lab = await bench(
    {},
    {
      watch: (_path, listener) => {
        heard = listener;
        isWatched = true;
        return { close: () => void (isWatched = false) };
      },
    },
  );
  await writeFile(lab.at('a.log'), lines(1));
  await lab.table.start();
  await until(
    () => {
      for (let n = 0; n < 20; n += 1) heard('change', 'a.log');
      return !isWatched;
    },
    { what: 'the folder rests' },
  );
  await lab.table.scan(); // the events of before are no witnesses any more
  await rename(lab.at('a.log'), lab.at('a.log.2'));
  await writeFile(lab.at('a.log'), lines(5, 100));
  await rename(lab.at('a.log'), lab.at('a.log.1'));
  await writeFile(lab.at('a.log'), lines(5, 200));
  await until(() => [...lab.table.files].length === 3, {
    what: 'all three are known',
    instead: () => [...lab.table.files].map(({ currentPath }) => currentPath).join(' '),
  });
  assert.ok(isWatched, 'the change of names woke the folder');
  const middle = [...lab.table.files].find(({ currentPath }) => currentPath === lab.at('a.log.1'));
  assert.equal(middle?.path, lab.at('a.log'));
});

/** A table whose next scan waits before it lists the files, and what it stored. */
const slowBench = async (
  ports: Partial<FileSystem> = {},
): Promise<Bench & { stored: Map<string, StoredFile>; hold: () => () => void; isHeld: () => boolean }> => {
  const stored = new Map<string, StoredFile>();
  let gate: Promise<void> | undefined;
  let isHeld = false;
  const lab = await bench(
    {
      ownFiles: async () => {
        isHeld = gate !== undefined;
        await gate;
        return [];
      },
      store: {
        putFiles: (files) => Promise.resolve(files.forEach((file) => stored.set(file.fileId, file))),
        forget: () => {},
      },
    },
    ports,
  );
  const hold = (): (() => void) => {
    let release = (): void => {};
    gate = new Promise((resolve) => (release = resolve));
    return release;
  };
  return { ...lab, stored, hold, isHeld: () => isHeld };
};

test('a copy that the last scan meets when the table closes already is the old file to the next agent', async () => {
  await using lab = await slowBench();
  const { stored, hold, isHeld } = lab;
  await writeFile(lab.at('a.log'), lines(500));
  await lab.table.scan();
  const { fileId } = lab.only();
  await lab.clock.advance(1000); // it was known before the scan
  const release = hold();
  const scan = lab.table.scan();
  await until(isHeld, { what: 'the scan is under way' });
  const closing = lab.table[Symbol.asyncDispose]();
  await copyFile(lab.at('a.log'), lab.at('a-1.log'));
  await truncate(lab.at('a.log'), 0);
  await appendFile(lab.at('a.log'), lines(200, 1000));
  release();
  await scan;
  await closing;
  assert.deepEqual([...stored.keys()], [fileId], 'the copy is nobody new');

  await using next = await bench({ paths: [join(lab.dir, 'logs/**/*.log')], stored: [...stored.values()] });
  await next.table.start();
  const copy = [...next.table.files].find(({ currentPath }) => currentPath === lab.at('a-1.log'));
  assert.equal(copy?.fileId, fileId);
  assert.deepEqual(next.reader.drops, []);
});

test('a truncation whose copy can not be read before the table closes is left to the next agent', async () => {
  let refuse = false;
  let refused = false;
  const open: FileSystem['open'] = (path, ...rest) => {
    if (!refuse || !path.endsWith('a-1.log')) return systemFiles.open(path, ...rest);
    refused = true;
    throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
  };
  await using lab = await slowBench({ open });
  const { stored } = lab;
  await writeFile(lab.at('a.log'), lines(500));
  await lab.table.scan();
  const { fileId } = lab.only();
  refuse = true;
  await copyFile(lab.at('a.log'), lab.at('a-1.log'));
  await truncate(lab.at('a.log'), 0);
  lab.table.lookAtAll();
  await until(() => refused, { what: 'the copy was asked for' });
  const closing = lab.table[Symbol.asyncDispose]();
  await lab.clock.advance(1000);
  await closing;
  assert.equal(stored.get(fileId)?.gone, false);
  assert.deepEqual(lab.reader.drops, []);

  await using next = await bench({ paths: [join(lab.dir, 'logs/**/*.log')], stored: [...stored.values()] });
  await next.table.start();
  const copy = [...next.table.files].find(({ currentPath }) => currentPath === lab.at('a-1.log'));
  assert.equal(copy?.fileId, fileId);
});

test("the copy of a file that was truncated and can't be read is nobody new", async () => {
  const disk = brokenReads('a.log');
  await using lab = await bench({}, disk);
  await writeFile(lab.at('a.log'), lines(500));
  await lab.table.scan();
  const a = lab.only();
  await lab.clock.advance(1000); // it was known before the scan
  await appendFile(lab.at('a.log'), 'what nobody has seen before the copy\n');
  await copyFile(lab.at('a.log'), lab.at('a-1.log'));
  await truncate(lab.at('a.log'), 0);
  await appendFile(lab.at('a.log'), lines(502, 5000)); // no shorter than it was known, no longer than the copy
  disk.isBroken = true;
  await lab.table.scan();
  await lab.clock.advance(2000);
  await lab.table.scan();
  disk.isBroken = false;
  await lab.table.scan();
  assert.equal(a.currentPath, lab.at('a-1.log'));
  assert.deepEqual(
    [...lab.table.files].map(({ path, state }) => [path, state]),
    [
      [lab.at('a.log'), 'rotated'],
      [lab.at('a.log'), 'open'],
    ],
  );
  assert.deepEqual([lab.reader.drops, lab.reader.lostBytes], [[], []]);
});

for (const call of ['read', 'open'] as const)
  test(`a file that was renamed before anyone saw it is read once it can be (${call} fails)`, async () => {
    let failures = 0;
    const disk = { isBroken: false };
    const failing = (name: string): void => {
      if (!disk.isBroken || !name.endsWith('.log.1')) return;
      failures += 1;
      throw Object.assign(new Error('EIO: a fault of the test'), { code: 'EIO' });
    };
    const names = new Map<number, string>();
    await using lab = await bench(
      {},
      {
        open: async (name) => {
          if (call === 'open') failing(name);
          const descriptor = await systemFiles.open(name);
          names.set(descriptor, name);
          return descriptor;
        },
        read: (...args) => {
          if (call === 'read') failing(names.get(args[0]) ?? '');
          return systemFiles.read(...args);
        },
      },
    );
    await lab.table.scan();
    await lab.table.watching();
    disk.isBroken = true;
    writeFileSync(lab.at('a.log'), lines(3));
    renameSync(lab.at('a.log'), lab.at('a.log.1'));
    await until(() => failures > 0, { what: 'it is looked at' });
    await lab.table.scan();
    disk.isBroken = false;
    await lab.table.scan();
    assert.deepEqual(
      [...lab.table.files].map(({ path, currentPath }) => [path, currentPath]),
      [[lab.at('a.log'), lab.at('a.log.1')]],
    );
  });

for (const isTruncatedFirst of [false, true])
  test(`a copy that was met while it was empty is nobody new (truncated ${isTruncatedFirst ? 'before' : 'after'} it is looked at)`, async () => {
    await using lab = await bench();
    await writeFile(lab.at('a.log'), lines(500));
    await lab.table.scan();
    const a = lab.only();
    await lab.clock.advance(1000); // it was known before the scan
    await writeFile(lab.at('a-1.log'), '');
    await lab.table.scan();
    await appendFile(lab.at('a.log'), 'what nobody has seen before the copy\n');
    await copyFile(lab.at('a.log'), lab.at('a-1.log'));
    if (isTruncatedFirst) await truncate(lab.at('a.log'), 0);
    lab.table.lookAtAll();
    assert.ok(
      ![...lab.table.files].some(({ path, size }) => path === lab.at('a-1.log') && size > 0),
      'no lane reads it',
    );
    await lab.table.scan();
    await truncate(lab.at('a.log'), 0);
    lab.table.lookAtAll();
    await until(() => a.currentPath === lab.at('a-1.log'), { what: 'the copy is found' });
    await lab.table.scan();
    assert.deepEqual(
      [...lab.table.files].map(({ path, currentPath }) => [path, currentPath]),
      [
        [lab.at('a.log'), lab.at('a-1.log')],
        [lab.at('a.log'), lab.at('a.log')],
      ],
    );
    assert.deepEqual(lab.reader.drops, []);
  });

test('a file that was met while it was empty, and is nobody’s copy, is read once its beginning was compared', async () => {
  const disk = brokenReads('b.log');
  await using lab = await bench({}, disk);
  await writeFile(lab.at('a.log'), lines(500));
  await writeFile(lab.at('b.log'), '');
  await lab.table.scan();
  const b = [...lab.table.files].find(({ path }) => path === lab.at('b.log'));
  await appendFile(lab.at('b.log'), lines(200, 7));
  disk.isBroken = true;
  lab.table.lookAtAll();
  await until(() => lab.said.some((text) => text.includes('EIO')), { what: 'it could not be read' });
  assert.ok(!lab.said.some((text) => text.includes('INTERNAL')), lab.said.join('\n'));
  disk.isBroken = false;
  await lab.table.scan();
  lab.table.lookAtAll();
  const told = lab.reader.told;
  await until(() => b?.size === 2000, { what: 'it has grown' });
  assert.ok(lab.reader.told > told, 'the lanes are told');
  assert.equal(b?.fingerprint.length, 1024);
});

test('a file that is renamed between the listing that shows it and its opening is read under the name it had', async () => {
  let rename: (() => void) | undefined;
  const open: FileSystem['open'] = (name) => {
    const once = rename;
    rename = undefined;
    once?.();
    return systemFiles.open(name);
  };
  await using lab = await bench({}, { open });
  await lab.table.scan();
  await writeFile(lab.at('a.log'), lines(3));
  await lab.clock.advance(60_000); // no scan that comes could still find it just born
  rename = () => {
    renameSync(lab.at('a.log'), lab.at('a.log.1'));
    writeFileSync(lab.at('a.log'), lines(1, 7));
  };
  await lab.table.scan();
  await lab.table.scan();
  assert.deepEqual([...lab.table.files].map(({ path, currentPath }) => [path, currentPath]).sort(), [
    [lab.at('a.log'), lab.at('a.log')],
    [lab.at('a.log'), lab.at('a.log.1')],
  ]);
});

/** A folder that can't be listed while `isBroken`, as when there is no descriptor left. */
function brokenLists(code: string): Pick<FileSystem, 'list'> & { isBroken: boolean; failures: number } {
  const broken = {
    isBroken: false,
    failures: 0,
    list: (directory: string) => {
      if (!broken.isBroken) return systemFiles.list(directory);
      broken.failures += 1;
      throw Object.assign(new Error(`${code}: a fault of the test`), { code });
    },
  };
  return broken;
}

for (const code of ['EMFILE', 'EACCES'])
  test(`files are not deleted because their folder can't be listed (${code}), but those are that have no name`, async () => {
    const disk = brokenLists(code);
    await using lab = await bench({ holdMaxBytes: 100, maxOpenFiles: 2 }, disk);
    for (const name of ['a.log', 'b.log', 'c.log']) await writeFile(lab.at(name), lines(50));
    await lab.table.scan();
    disk.isBroken = true;
    await rm(lab.at('c.log'));
    await lab.table.scan();
    assert.deepEqual(
      lab.reader.drops.map(({ file, reason }) => [file.path, reason]),
      [[lab.at('c.log'), 'hold_bytes']],
    );
    disk.isBroken = false;
    await lab.table.scan();
    assert.deepEqual(
      [...lab.table.files].filter(({ readable }) => readable).map(({ path, state }) => [path, state]),
      [
        [lab.at('a.log'), 'open'],
        [lab.at('b.log'), 'open'],
      ],
    );
    assert.equal(lab.reader.drops.length, 1);
  });

test("a truncated file's copy is asked for again while the folder can't be listed", async () => {
  const disk = brokenLists('EMFILE');
  await using lab = await bench({}, disk);
  await writeFile(lab.at('a.log'), lines(500));
  await lab.table.scan();
  const a = lab.only();
  await copyFile(lab.at('a.log'), lab.at('a.log.1'));
  await truncate(lab.at('a.log'), 0);
  disk.isBroken = true;
  lab.table.lookAtAll();
  await until(() => disk.failures > 0, { what: 'the copy was asked for' });
  disk.isBroken = false;
  await lab.clock.advance(1000);
  await lab.table.scan();
  assert.equal(a.currentPath, lab.at('a.log.1'));
  assert.deepEqual(lab.reader.drops, []);
});

test('a file that is truncated while its copy is compared with it takes the copy for its own', async () => {
  let during: (() => Promise<void>) | undefined;
  const read: FileSystem['read'] = async (...call) => {
    // The end of the copy, which is compared with the same bytes of the original.
    if (call[4] === 5000 - 1024) {
      const once = during;
      during = undefined;
      await once?.();
    }
    return systemFiles.read(...call);
  };
  await using lab = await bench({}, { read });
  await writeFile(lab.at('a.log'), lines(500));
  await lab.table.scan();
  const a = lab.only();
  await lab.clock.advance(1000); // it was known before the scan
  await copyFile(lab.at('a.log'), lab.at('a-1.log'));
  during = () => truncate(lab.at('a.log'), 0);
  await lab.table.scan();
  assert.equal(during, undefined);
  assert.equal(a.currentPath, lab.at('a-1.log'));
  assert.deepEqual(
    [...lab.table.files].filter(({ path }) => path === lab.at('a-1.log')),
    [],
  );
});
