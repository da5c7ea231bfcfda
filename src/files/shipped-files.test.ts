import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ManualClock } from '../../test/support/manual-clock.js';
import { systemFiles, type FileSystem } from './file-system.js';
import { FileTable } from './file-table.js';
import { noAnchor } from './identity.js';
import type { SourceFile } from './source-file.js';

const graceMs = 60_000;

/** A table over a real folder with one lane that is done with the files that the test says. */
function table(ports: Partial<FileSystem> = {}, deleteShipped: 'off' | 'rotated' = 'rotated') {
  const dir = mkdtempSync(join(tmpdir(), 'pannier-shipped-'));
  const clock = new ManualClock(Date.now());
  const said: string[] = [];
  const say = (fields: object, text?: string): void => void said.push(`${text} ${JSON.stringify(fields)}`);
  const files = new FileTable({
    paths: [join(dir, '*.log')],
    exclude: [],
    holdMaxBytes: 1_000_000,
    holdMaxAgeMs: 3_600_000,
    holdGraceMs: graceMs,
    forgetAfterMs: 7 * 86_400_000,
    pin: 'off',
    pinTag: '00000000',
    volumeLimit: undefined,
    deleteShipped,
    ownFolders: [],
    ownFiles: () => Promise.resolve([]),
    fs: { ...systemFiles, ...ports },
    clock,
    log: { debug: say, info: say, warn: say, error: say },
    stored: [],
    store: { putFiles: () => Promise.resolve(), forget: () => {} },
  });
  const done = new Set<SourceFile>();
  const lane = {
    position: () => noAnchor,
    isDone: (file: SourceFile) => done.has(file),
    added: () => {},
    changed: () => {},
    drop: () => {},
    lost: () => {},
    forgotten: () => {},
  };
  files.addReader({ name: 'one', ...lane });
  return {
    dir,
    at: (name: string) => join(dir, name),
    files,
    clock,
    said,
    done,
    /** A file that was found, then renamed away, and is shipped. */
    async rotated(): Promise<SourceFile> {
      writeFileSync(join(dir, 'app.log'), 'one line\n');
      await files.scan();
      const [file] = files.files;
      assert.ok(file !== undefined);
      renameSync(join(dir, 'app.log'), join(dir, 'app.log.1'));
      await files.scan();
      done.add(file);
      return file;
    },
    async [Symbol.asyncDispose]() {
      await files[Symbol.asyncDispose]();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

test('a renamed file goes after the grace when every lane is done with it', async () => {
  await using t = table();
  await t.rotated();
  await t.clock.advance(graceMs - 1);
  await t.files.scan();
  assert.ok(existsSync(t.at('app.log.1')), 'it may still grow');
  await t.clock.advance(1);
  await t.files.scan();
  assert.deepEqual(await readdir(t.dir), []);
  assert.deepEqual([t.files.shipped.removedFiles, t.files.shipped.removedBytes], [1, 9]);
});

test('one at its own path, one that a lane still reads and one without any lane stay', async () => {
  await using t = table();
  const file = await t.rotated();
  t.done.delete(file);
  writeFileSync(t.at('app.log'), 'another\n');
  await t.files.scan();
  for (const known of t.files.files) if (known !== file) t.done.add(known);
  await t.clock.advance(2 * graceMs);
  await t.files.scan();
  assert.deepEqual((await readdir(t.dir)).sort(), ['app.log', 'app.log.1']);
});

test('nothing goes where nobody asked for it', async () => {
  await using t = table({}, 'off');
  await t.rotated();
  await t.clock.advance(2 * graceMs);
  await t.files.scan();
  assert.deepEqual(await readdir(t.dir), ['app.log.1']);
});

test('another file that took the name at the last moment gets it back, and is left', async () => {
  let shift = (): void => {};
  await using t = table({
    rename: (from, to) => {
      shift();
      systemFiles.rename(from, to);
    },
  });
  await t.rotated();
  shift = () => {
    shift = () => {};
    renameSync(t.at('app.log.1'), t.at('app.log.2'));
    // As long as the other: only its inode tells.
    writeFileSync(t.at('app.log.1'), 'not that\n');
  };
  await t.clock.advance(graceMs);
  await t.files.scan();
  // By events another scan may have come already, so what lies beside it is said at the end only.
  assert.equal(readFileSync(t.at('app.log.1'), 'utf8'), 'not that\n');
  await t.files.scan();
  await t.files.scan();
  assert.deepEqual(await readdir(t.dir), ['app.log.1'], 'it was found under its new name, and the stranger stays');
});

test('one that grew at the last moment is left', async () => {
  let late = (): void => {};
  await using t = table({
    rename: (from, to) => {
      late();
      systemFiles.rename(from, to);
    },
  });
  await t.rotated();
  late = () => appendFileSync(t.at('app.log.1'), 'late\n');
  await t.clock.advance(graceMs);
  await t.files.scan();
  assert.equal(readFileSync(t.at('app.log.1'), 'utf8'), 'one line\nlate\n');
});

test('a folder that can not be changed is said once, and the file stays', async () => {
  await using t = table({
    rename: () => {
      throw Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' });
    },
  });
  await t.rotated();
  await t.clock.advance(graceMs);
  await t.files.scan();
  await t.files.scan();
  assert.equal(t.said.filter((text) => text.includes('FILE_NOT_REMOVED')).length, 1);
  assert.ok(existsSync(t.at('app.log.1')));
});
