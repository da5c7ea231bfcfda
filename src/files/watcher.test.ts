import assert from 'node:assert/strict';
import fsPromises, { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../test/support/until.js';
import type { FileStat } from './file-system.js';
import { watchFolder } from './folder-watch.js';
import { Watcher, type Heard } from './watcher.js';

type Event = (event: 'rename' | 'change', name: string | undefined) => void;

/** A watcher over a kernel that the test plays. `grown` are the paths that were asked about; `answer` is what they mean. */
class Kernel {
  readonly open = new Map<string, Event>();
  readonly grown: string[] = [];
  readonly changed: (string | undefined)[] = [];
  readonly rests: string[] = [];
  readonly wakes: string[] = [];
  readonly errors: string[] = [];
  answer: Heard = 'repeat';
  /** Time of each folder: it changes with its names. */
  folderMs = 1;
  refuse: Error | undefined;
  private readonly failures = new Map<string, (error: Error) => void>();

  readonly watcher = new Watcher(
    {
      watch: (path, heard, failed) => {
        if (this.refuse !== undefined) throw this.refuse;
        assert.ok(!this.open.has(path), `${path} is watched twice`);
        this.open.set(path, heard);
        this.failures.set(path, failed);
        return { close: () => void this.open.delete(path) };
      },
      stat: (): FileStat => ({
        device: '1',
        inode: '1',
        birthNs: '',
        size: 0,
        mtimeMs: this.folderMs,
        kind: 'directory',
      }),
    },
    {
      grown: (path) => {
        this.grown.push(path);
        return this.answer;
      },
      changed: (path) => void this.changed.push(path),
      rests: (path) => void this.rests.push(path),
      wakes: (path) => void this.wakes.push(path),
      failed: (error) => void this.errors.push(error.message),
    },
  );

  /** A walk that meets these folders. */
  walk(folders: Readonly<Record<string, string>>): void {
    this.watcher.walkBegins();
    for (const [path, identity] of Object.entries(folders)) this.watcher.enter(path, identity);
    this.watcher.walkEnded();
  }

  events(path: string, count: number): void {
    for (let n = 0; n < count; n += 1) this.open.get(path)?.('change', 'a.log');
  }

  fail(path: string, message: string): void {
    this.failures.get(path)?.(new Error(message));
  }

  get watched(): string {
    return [...this.open.keys()].sort().join(' ');
  }
}

test('the folders that a walk meets are watched, and those it does not meet any more are not', () => {
  const kernel = new Kernel();
  kernel.walk({ '/logs': 'a', '/logs/x': 'b' });
  assert.equal(kernel.watched, '/logs /logs/x');
  kernel.walk({ '/logs': 'a', '/logs/y': 'c' });
  assert.equal(kernel.watched, '/logs /logs/y');
});

test('another folder under the same path is watched anew, the same one is not', () => {
  const kernel = new Kernel();
  kernel.walk({ '/logs': 'a' });
  const first = kernel.open.get('/logs');
  kernel.walk({ '/logs': 'a' });
  assert.equal(kernel.open.get('/logs'), first);
  kernel.walk({ '/logs': 'b' });
  assert.notEqual(kernel.open.get('/logs'), first);
});

test('a folder that was removed is watched again by the next walk, also when it has the same inode', () => {
  const kernel = new Kernel();
  kernel.walk({ '/logs': 'a', '/logs/x': 'b' });
  kernel.open.get('/logs/x')?.('rename', 'x'); // how the kernel names the folder itself
  assert.deepEqual(kernel.changed, ['/logs/x/x']);
  assert.equal(kernel.watched, '/logs');
  kernel.walk({ '/logs': 'a', '/logs/x': 'b' });
  assert.equal(kernel.watched, '/logs /logs/x');
});

test('a change tells of the file that grew, anything else of a change of names', () => {
  const kernel = new Kernel();
  kernel.walk({ '/logs': 'a' });
  const heard = kernel.open.get('/logs');
  heard?.('change', 'a.log');
  heard?.('rename', 'b.log');
  heard?.('change', undefined);
  assert.deepEqual(kernel.grown, ['/logs/a.log']);
  assert.deepEqual(kernel.changed, ['/logs/b.log', undefined]);
});

test('a folder whose events only repeat what is known rests, until most looks find nothing', () => {
  const kernel = new Kernel();
  kernel.walk({ '/logs': 'a', '/quiet': 'q' });
  kernel.events('/logs', 9);
  assert.equal(kernel.watched, '/logs /quiet');
  kernel.watcher.tick();
  assert.equal(kernel.watched, '/quiet');
  assert.deepEqual([[...kernel.watcher.resting], kernel.rests], [['/logs'], ['/logs']]);

  for (const grown of [true, false, true, false, true]) kernel.watcher.looked('/logs', grown);
  assert.deepEqual([...kernel.watcher.resting], ['/logs'], 'three of five looks were worth it');
  for (const grown of [true, false, true, false, false]) kernel.watcher.looked('/logs', grown);
  assert.deepEqual([...kernel.watcher.resting], []);
  assert.equal(kernel.watched, '/logs /quiet');
  assert.deepEqual(kernel.wakes, ['/logs']);
});

test('news, and a few repeats in each tick, put no folder to rest', () => {
  const kernel = new Kernel();
  kernel.walk({ '/logs': 'a' });
  kernel.answer = 'news';
  kernel.events('/logs', 1000);
  kernel.answer = 'repeat';
  for (let tick = 0; tick < 10; tick += 1) {
    kernel.events('/logs', 8);
    kernel.watcher.tick();
  }
  assert.equal(kernel.watched, '/logs');
});

test('a name that changes in a resting folder wakes it, and a scan follows', () => {
  const kernel = new Kernel();
  kernel.walk({ '/logs': 'a' });
  kernel.events('/logs', 9);
  kernel.watcher.tick();
  kernel.watcher.looked('/logs', true);
  assert.deepEqual(kernel.changed, []);
  kernel.folderMs = 2;
  kernel.watcher.looked('/logs', true);
  assert.deepEqual([kernel.watched, kernel.wakes, kernel.changed], ['/logs', ['/logs'], [undefined]]);
});

test('a resting folder that a walk meets again rests on, one that is gone does not', () => {
  const kernel = new Kernel();
  kernel.walk({ '/logs': 'a' });
  kernel.events('/logs', 9);
  kernel.watcher.tick();
  kernel.walk({ '/logs': 'a' });
  assert.deepEqual([kernel.watched, ...kernel.watcher.resting], ['', '/logs']);
  kernel.walk({});
  assert.deepEqual([...kernel.watcher.resting], []);
  kernel.watcher.looked('/logs', true); // of the same look as before
  assert.equal(kernel.watched, '');
});

test('a folder that can not be watched is said, the others stay watched; one that is just gone is no failure', () => {
  const kernel = new Kernel();
  kernel.walk({ '/logs': 'a' });
  kernel.refuse = Object.assign(new Error('gone'), { code: 'ENOENT', syscall: 'watch' });
  kernel.walk({ '/logs': 'a', '/gone': 'b' });
  assert.deepEqual([kernel.errors, kernel.watcher.isWhole], [[], true]);
  kernel.refuse = Object.assign(new Error('no more watches'), { code: 'ENOSPC', syscall: 'watch' });
  kernel.walk({ '/logs': 'a', '/more': 'c' });
  assert.deepEqual([kernel.errors, kernel.watcher.isWhole], [['no more watches'], false]);
  assert.equal(kernel.watched, '/logs');
  kernel.fail('/logs', 'broken');
  assert.deepEqual([kernel.errors.at(-1), kernel.watched], ['broken', '']);
});

test('what comes after the end is not heard', () => {
  const kernel = new Kernel();
  kernel.walk({ '/logs': 'a' });
  const heard = kernel.open.get('/logs');
  kernel.watcher.close();
  heard?.('change', 'a.log');
  kernel.walk({ '/logs': 'a' });
  assert.deepEqual([kernel.grown, kernel.watched], [[], '']);
});

test('a real folder tells when events begin to come, and from then on of growth, new names and names that go', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'pannier-watch-'));
  t.after(() => rm(dir, { recursive: true }));
  await mkdir(join(dir, 'below'));
  await writeFile(join(dir, 'a.log'), 'x\n');
  const heard: string[] = [];
  const failures: Error[] = [];
  const watch = watchFolder(
    dir,
    (event, name) => void heard.push(`${event} ${name ?? '?'}`),
    (error) => void failures.push(error),
  );
  t.after(() => watch.close());
  const hears = (what: string): Promise<true> =>
    until(() => heard.includes(what), { what, instead: () => heard.join(', ') });
  await hears('rename ?');
  await appendFile(join(dir, 'a.log'), 'y\n');
  await hears('change a.log');
  await writeFile(join(dir, 'b.log'), '');
  await hears('rename b.log');
  heard.length = 0;
  await rm(join(dir, 'b.log'));
  await hears('rename b.log');
  await writeFile(join(dir, 'below/c.log'), 'not ours\n');
  await appendFile(join(dir, 'a.log'), 'z\n');
  await hears('change a.log');
  assert.ok(!heard.some((event) => event.includes('c.log')), heard.join(', '));
  watch.close();
  heard.length = 0;
  await appendFile(join(dir, 'a.log'), 'unheard\n');
  const other = watchFolder(
    dir,
    (event, name) => void heard.push(`other ${event} ${name ?? '?'}`),
    (error) => void failures.push(error),
  );
  t.after(() => other.close());
  await hears('other rename ?');
  assert.deepEqual([heard.filter((event) => !event.startsWith('other')), failures], [[], []]);
});

test('an event costs no listing: in a folder of thousands that would be most of the work', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'pannier-watch-'));
  t.after(() => rm(dir, { recursive: true }));
  await writeFile(join(dir, 'a.log'), 'x\n');
  const list = t.mock.method(fsPromises, 'readdir');
  const ask = t.mock.method(fsPromises, 'lstat');
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  const heard: string[] = [];
  const watch = watchFolder(
    dir,
    (event, name) => void heard.push(`${event} ${name ?? '?'}`),
    (error) => void heard.push(error.message),
  );
  t.after(() => watch.close());
  for (const name of ['b.log', 'c.log']) {
    await writeFile(join(dir, name), '');
    await until(() => heard.includes(`rename ${name}`) || heard.includes('rename ?'), { what: name });
  }
  await appendFile(join(dir, 'a.log'), 'y\n');
  await until(() => heard.includes('change a.log'), { what: 'the last event' });
  const asked = [...list.mock.calls, ...ask.mock.calls].map(({ arguments: [path] }) => String(path));
  assert.deepEqual(
    asked.filter((path) => path !== dir),
    [],
  );
  assert.equal(list.mock.callCount(), 0);
});

test('it is watching once every folder that was entered tells of its events, or can not', async () => {
  const kernel = new Kernel();
  kernel.walk({ '/a': '1', '/b': '2' });
  let isWatching = false;
  const watching = kernel.watcher.whenWatching().then(() => (isWatching = true));
  kernel.open.get('/a')!('rename', undefined);
  await Promise.resolve();
  await new Promise(setImmediate);
  assert.ok(!isWatching, 'of one folder nothing is known');
  kernel.walk({ '/a': '1' });
  await watching;
  await kernel.watcher.whenWatching();
  kernel.refuse = new Error('EMFILE');
  kernel.walk({ '/a': '1', '/c': '3' });
  await kernel.watcher.whenWatching();
});
