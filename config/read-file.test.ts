import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { describeReadError, maxFileBytes, readConfigurationFile } from './read-file.js';

let folder = '';
before(async () => (folder = await mkdtemp(join(tmpdir(), 'pannier-config-'))));
after(() => rm(folder, { recursive: true }));

const refused = async (path: string): Promise<string> => {
  const result = await readConfigurationFile(path).then(
    () => 'read',
    (error: unknown) => describeReadError(error),
  );
  return result;
};

test('a file is read as UTF-8 up to 1 MiB', async () => {
  const path = join(folder, 'file');
  await writeFile(path, 'ä'.repeat(maxFileBytes / 2));
  assert.equal((await readConfigurationFile(path)).length, maxFileBytes / 2);
  await writeFile(path, 'a'.repeat(maxFileBytes + 1));
  assert.equal(await refused(path), 'is larger than 1 MiB');
});

test('what is no regular file is refused without waiting for it', async () => {
  const fifo = join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  assert.equal(await refused(fifo), 'is not a regular file');
  assert.equal(await refused('/dev/zero'), 'is not a regular file');
  assert.equal(await refused(folder), 'is a directory');
  assert.equal(await refused(join(folder, 'none')), 'does not exist');
});
