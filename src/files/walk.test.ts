import assert from 'node:assert/strict';
import { link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { systemFiles, type FileSystem } from './file-system.js';
import { keyOf, walk } from './walk.js';

async function folder(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'pannier-walk-'));
  t.after(() => rm(dir, { recursive: true }));
  return dir;
}

async function walked(roots: readonly string[], ports: Partial<FileSystem> = {}, own: readonly string[] = []) {
  const refused: string[] = [];
  const unreadable: string[] = [];
  const entered = new Map<string, string>();
  const ownKeys = new Set(own.map((path) => systemFiles.stat(path)).flatMap((stat) => (stat ? [keyOf(stat)] : [])));
  const { candidates } = await walk({
    fs: { ...systemFiles, ...ports },
    roots,
    matches: (path) => path.endsWith('.log'),
    isOwn: (key) => ownKeys.has(key),
    refuse: (path) => void refused.push(path),
    unreadable: (path) => void unreadable.push(path),
    entering: (path, identity) => void entered.set(path, identity),
  });
  return { found: [...candidates.values()], refused, unreadable, entered };
}

test('every regular file is a candidate; one with several names is one, known by the name that matches', async (t) => {
  const dir = await folder(t);
  await mkdir(join(dir, 'a/b'), { recursive: true });
  await writeFile(join(dir, 'a/b/x.txt'), '');
  await link(join(dir, 'a/b/x.txt'), join(dir, 'x.log'));
  await writeFile(join(dir, 'other'), '');
  const { found } = await walked([dir]);
  const names = new Map(found.map(({ matched, paths }) => [matched, paths.length]));
  assert.equal(found.length, 2);
  assert.equal(names.get(join(dir, 'x.log')), 2);
  assert.equal(names.get(undefined), 1);
});

test('links are followed inside the roots only, and a loop of them ends', async (t) => {
  const dir = await folder(t);
  await mkdir(join(dir, 'root/data'), { recursive: true });
  await writeFile(join(dir, 'root/data/a.log'), '');
  await writeFile(join(dir, 'secret.log'), '');
  await symlink('data', join(dir, 'root/current'));
  await symlink('..', join(dir, 'root/data/up'));
  await symlink('../secret.log', join(dir, 'root/out.log'));
  await symlink('nowhere', join(dir, 'root/dangling.log'));
  const { found, refused } = await walked([join(dir, 'root')]);
  assert.equal(found.length, 1);
  assert.deepEqual(refused, [join(dir, 'root/out.log')]);
});

test('own folders and files are left out, and what cannot be listed is said', async (t) => {
  const dir = await folder(t);
  for (const name of ['state', 'closed', 'open']) {
    await mkdir(join(dir, name));
    await writeFile(join(dir, name, 'a.log'), '');
  }
  await writeFile(join(dir, 'own.log'), '');
  const list: FileSystem['list'] = (path) => {
    if (path.endsWith('closed')) throw new Error('EACCES');
    return systemFiles.list(path);
  };
  const { found, unreadable } = await walked([dir], { list }, [join(dir, 'state'), join(dir, 'own.log')]);
  assert.deepEqual(
    found.map(({ matched }) => matched),
    [join(dir, 'open/a.log')],
  );
  assert.deepEqual(unreadable, [join(dir, 'closed')]);
});
