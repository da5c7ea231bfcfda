import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../test/support/manual-clock.js';
import { systemFiles } from './file-system.js';
import { fingerprintBytes } from './identity.js';
import { KnownFiles } from './known-files.js';
import { Looking } from './looking.js';
import type { SourceFile } from './source-file.js';
import { Warnings } from './warnings.js';

const note = (): void => {};
const log = { debug: note, info: note, warn: note, error: note };
const keeper = { contentOf: () => Promise.resolve(undefined), changed: note, failed: note };

/** Files that exist only as sizes, and what is looked at of them. */
class Sizes {
  readonly clock = new ManualClock();
  readonly known = new KnownFiles({
    clock: this.clock,
    log,
    keeper,
    maxOpenFiles: 10_000,
    stored: [],
    store: { putFiles: () => Promise.resolve(), forget: note },
  });
  readonly resting = new Set<string>();
  readonly looked: { readonly folder: string; readonly grown: readonly string[] }[] = [];
  /** Looks at each path since they were counted last. */
  looks = new Map<string, number>();
  /** How often lanes were told. */
  told = 0;
  isWatched = true;
  readonly looking: Looking;
  private readonly sizes = new Map<string, number>();
  private inodes = 0;

  constructor(count = 0) {
    this.looking = new Looking(this.known, {
      clock: this.clock,
      fs: systemFiles,
      warnings: new Warnings(log),
      shrunk: note,
      prove: note,
      growFingerprint: note,
      begun: () => assert.fail('no file was empty'),
      failed: (_file, error) => assert.fail(String(error)),
      scanSoon: () => assert.fail('every file is there'),
      resting: () => this.resting,
      looked: (folder, grown) => void this.looked.push({ folder, grown: grown.map(({ path }) => path) }),
      isWatched: () => this.isWatched,
    });
    this.known.readers.push({
      name: 'lane',
      position: () => undefined,
      isDone: () => false,
      added: note,
      changed: () => void (this.told += 1),
      drop: note,
      lost: note,
      forgotten: note,
    });
    for (let n = 0; n < count; n += 1) this.make(`/logs/${n}.log`);
  }

  make(path: string): SourceFile {
    this.inodes += 1;
    const inode = String(this.inodes);
    const stat = { device: '1', inode, birthNs: '', size: 0, mtimeMs: 0, kind: 'file' } as const;
    const file = this.known.create(path, stat, { length: fingerprintBytes, hash: '' }, 0);
    file.content = {
      look: () => {
        this.looks.set(path, (this.looks.get(path) ?? 0) + 1);
        return { size: this.sizes.get(path) ?? 0, mtimeMs: 0, links: 1 };
      },
      read: () => Promise.resolve(0),
      close: note,
    };
    return file;
  }

  grow(path: string): void {
    this.sizes.set(path, (this.sizes.get(path) ?? 0) + 1);
  }

  /** Ticks for `ms`. */
  async ticks(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 100) {
      await this.clock.advance(100);
      this.looking.tick();
    }
  }

  /** Looks at all files since the last call. */
  count(): number {
    const sum = [...this.looks.values()].reduce((all, one) => all + one, 0);
    this.looks = new Map();
    return sum;
  }
}

const size = (lab: Sizes, path: string): number | undefined =>
  lab.known.all.find((file) => file.currentPath === path)?.size;

test('events cost a mark: however many come, lanes are told once and one look follows', async () => {
  const lab = new Sizes(3);
  await lab.clock.advance(1000);
  lab.grow('/logs/0.log');
  assert.equal(lab.looking.hint('/logs/0.log'), 'news');
  for (let n = 0; n < 1000; n += 1) assert.equal(lab.looking.hint('/logs/0.log'), 'repeat');
  assert.equal(lab.looking.hint('/logs/1.log'), 'news');
  assert.deepEqual([lab.told, lab.count()], [0, 0]);
  await lab.clock.settle();
  assert.deepEqual([lab.told, lab.looking.isDue, lab.count()], [1, true, 0]);
  assert.equal(lab.looking.lookAtTouched(), Infinity);
  assert.deepEqual([lab.count(), size(lab, '/logs/0.log'), lab.looking.isDue], [2, 1, false]);
  assert.equal(lab.told, 2, 'one of the two had grown');
  assert.equal(lab.looking.hint('/logs/0.log'), 'news', 'after the look');
});

test('what no file is at is of no interest, nor is a deleted file where another is now', () => {
  const lab = new Sizes();
  const [old, next] = [lab.make('/logs/a.log'), lab.make('/logs/a.log')];
  old.state = 'deleted';
  lab.known.moved();
  assert.equal(lab.looking.hint('/logs/none.log'), 'other');
  lab.grow('/logs/a.log');
  lab.looking.hint('/logs/a.log');
  lab.looking.lookAtTouched();
  assert.deepEqual([old.size, next.size], [0, 1]);
});

test('a chatty file is looked at once in ten ms at most, by whoever asks, and the first time at once', async () => {
  const lab = new Sizes(1);
  await lab.clock.advance(1000);
  lab.looking.tick();
  lab.count();
  for (let ms = 0; ms < 1000; ms += 1) {
    lab.grow('/logs/0.log');
    lab.looking.hint('/logs/0.log');
    const pause = lab.looking.lookAtTouched();
    if (ms === 0) assert.equal(pause, Infinity, 'a tick that had nothing to look at keeps nobody waiting');
    else assert.equal(pause, ms % 10 === 0 ? Infinity : 10 - (ms % 10));
    await lab.clock.advance(1);
  }
  assert.equal(lab.count(), 100);
});

test('what nobody asked for is seen with the next tick', async () => {
  const lab = new Sizes(1);
  lab.grow('/logs/0.log');
  lab.looking.hint('/logs/0.log');
  await lab.ticks(100);
  assert.deepEqual([size(lab, '/logs/0.log'), lab.looking.isDue], [1, false]);
});

test('quiet files cost the same looks a second, however many they are, and each has its turn', async () => {
  const counts: number[] = [];
  for (const files of [100, 1000]) {
    const lab = new Sizes(files);
    await lab.ticks(1000);
    lab.count();
    await lab.ticks(10_000);
    counts.push(lab.count());
    await lab.ticks(30_000);
    assert.equal(lab.looks.size, files);
  }
  assert.deepEqual(counts, [400, 400]);
});

test('growth without an event is found, and shows that looks must do: often at that file, once a second at all others', async () => {
  const lab = new Sizes(300);
  await lab.ticks(1000);
  lab.grow('/logs/7.log');
  await lab.ticks(10_000);
  assert.equal(size(lab, '/logs/7.log'), 1);
  lab.grow('/logs/7.log');
  lab.grow('/logs/200.log');
  await lab.ticks(1100);
  assert.deepEqual([size(lab, '/logs/7.log'), size(lab, '/logs/200.log')], [2, 1]);
  lab.grow('/logs/7.log');
  await lab.ticks(100);
  lab.count();
  await lab.ticks(1000);
  assert.ok((lab.looks.get('/logs/7.log') ?? 0) >= 3, 'it is active');
  assert.equal(lab.looks.size, 300);
  await lab.ticks(61_000);
  lab.count();
  await lab.ticks(1000);
  assert.equal(lab.count(), 40, 'after a minute without surprises events are trusted again');
});

test('growth that an event told of is no surprise', async () => {
  const lab = new Sizes(100);
  await lab.ticks(1000);
  lab.grow('/logs/7.log');
  lab.looking.hint('/logs/7.log');
  await lab.ticks(100);
  lab.count();
  await lab.ticks(1000);
  assert.equal(lab.count(), 40);
});

test('where watching does not work, every file is looked at each second', async () => {
  const lab = new Sizes(300);
  lab.isWatched = false;
  await lab.ticks(2000);
  lab.count();
  await lab.ticks(1000);
  assert.equal(lab.looks.size, 300);
});

test('a resting folder is looked at whenever somebody asks, and says so', async () => {
  const lab = new Sizes(2);
  lab.make('/other/a.log');
  await lab.clock.advance(1000);
  lab.resting.add('/logs');
  lab.grow('/logs/1.log');
  assert.ok(lab.looking.isDue);
  assert.equal(lab.looking.lookAtTouched(), 20);
  assert.deepEqual([lab.count(), size(lab, '/logs/1.log')], [2, 1]);
  assert.deepEqual(lab.looked, [{ folder: '/logs', grown: ['/logs/1.log'] }]);
  assert.equal(lab.looking.lookAtTouched(), 10, 'ten ms after the last look at the earliest');
  await lab.clock.advance(10);
  assert.equal(lab.looking.lookAtTouched(), 20);
  assert.deepEqual(lab.looked.at(-1), { folder: '/logs', grown: [] });
});

test('in a large resting folder the active files are looked at each time, the others in turn', async () => {
  const lab = new Sizes(1000);
  await lab.clock.advance(2000);
  lab.resting.add('/logs');
  lab.grow('/logs/500.log');
  for (let look = 0; look < 16; look += 1) {
    lab.count();
    lab.looking.lookAtTouched();
    assert.ok(lab.count() <= 65);
    await lab.clock.advance(20);
  }
  assert.equal(size(lab, '/logs/500.log'), 1, 'its turn came');
  lab.grow('/logs/500.log');
  lab.looking.lookAtTouched();
  assert.equal(size(lab, '/logs/500.log'), 2, 'it is active now');
});

test('while draining every file is looked at with every tick', async () => {
  const lab = new Sizes(500);
  lab.looking.eager = true;
  lab.count();
  await lab.ticks(100);
  assert.equal(lab.looks.size, 500);
});
