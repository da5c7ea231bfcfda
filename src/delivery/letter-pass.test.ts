import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { DeadLetter } from './dead-letter.js';
import { DeadLetters } from './dead-letters.js';
import { nodeDisk, type Disk } from './disk.js';
import { letterLines } from './letter-lines.js';
import type { LetterPass } from './letter-pass.js';
import { restated } from './stored-letter.js';

const letter = (id: string): DeadLetter => ({
  timeMs: Date.UTC(2026, 10, 20),
  id,
  path: '/var/log/app/a.log',
  offset: 7,
  tries: 1,
  code: 'RECORD_REFUSED',
  reason: 'mapping conflict',
  text: Buffer.from(`line ${id}`),
});
const refused = { tries: 1, code: 'RECORD_REFUSED', reason: 'still no good' };

/** The letters a, b, c … of an output `es`, in a state directory of its own. */
async function written(ids: string, disk: Disk = nodeDisk) {
  const stateDir = await mkdtemp(join(tmpdir(), 'letter-pass-'));
  const letters = new DeadLetters({ stateDir, output: 'es', maxBytes: 1e6, disk });
  await letters.append(Array.from(ids, letter));
  return {
    stateDir,
    letters,
    names: () => readdir(join(stateDir, 'dead-letters')),
    /** What a process that comes later finds. */
    ids: async () => {
      const file = await nodeDisk.open(letters.path, 0, 0);
      let found = '';
      const { size } = await stat(letters.path);
      for await (const line of letterLines(file, 0, size)) found += line.letter?.id ?? '?';
      await file.close();
      return found;
    },
    [Symbol.asyncDispose]: async () => {
      await letters[Symbol.asyncDispose]();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}

/** Takes the letters of `ids`, says those of `anew` again, keeps the others. */
async function walk(pass: LetterPass, ids: string, anew = ''): Promise<void> {
  for await (const line of pass.lines()) {
    const { id } = line.letter!;
    if (ids.includes(id)) await pass.take([line]);
    else if (anew.includes(id)) await pass.keep(line, restated(line.letter!, refused));
    else await pass.keep(line);
  }
}

test('what is taken goes, what is kept stays, and what comes meanwhile is there behind it', async () => {
  await using at = await written('abcd');
  await using pass = await at.letters.pass();
  await walk(pass!, 'ac', 'd');
  await at.letters.append([letter('e')]);
  assert.equal(await pass!.finish(), 'done');
  await at.letters.append([letter('f')]);
  assert.equal(await at.ids(), 'bdef');
  const text = await readFile(at.letters.path, 'utf8');
  assert.ok(!text.includes('  '), 'no blanks are left');
  assert.match(text, /"id":"d".*"tries":2,.*"reason":"still no good","message":"line d"/);
  assert.deepEqual(await at.names(), ['es.ndjson']);
  assert.equal((await stat(at.letters.path)).mode & 0o777, 0o600);
});

test('a pass that is killed has taken what it took and lost nothing', async () => {
  await using at = await written('abcd');
  const pass = await at.letters.pass();
  await walk(pass!, 'bd', 'a');
  // No finish: what follows is what the next process finds.
  assert.equal(await at.ids(), 'ac');
  await using next = new DeadLetters({ stateDir: at.stateDir, output: 'es', maxBytes: 1e6 });
  await next.append([letter('e'), letter('b')]);
  assert.equal(await at.ids(), 'aceb', 'what was taken may come again');
  assert.deepEqual(await at.names(), ['es.ndjson'], 'the copy that nobody finished is gone');
  await pass![Symbol.asyncDispose]();
});

test('without room for a copy letters are taken all the same, and blanks at the end go', async () => {
  let full = false;
  const disk: Disk = {
    ...nodeDisk,
    open: (path, flags, mode) =>
      full && path.endsWith('.new')
        ? Promise.reject(Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' }))
        : nodeDisk.open(path, flags, mode),
  };
  await using at = await written('abcd', disk);
  const before = (await stat(at.letters.path)).size;
  full = true;
  {
    await using pass = await at.letters.pass();
    await walk(pass!, 'a');
    assert.equal(await pass!.finish(), 'no-room');
  }
  assert.equal(await at.ids(), 'bcd');
  assert.equal((await stat(at.letters.path)).size, before);
  {
    await using pass = await at.letters.pass();
    await walk(pass!, 'cd');
    assert.equal(await pass!.finish(), 'done');
  }
  assert.equal(await at.ids(), 'b');
  assert.ok((await stat(at.letters.path)).size < before);
  await using pass = await at.letters.pass();
  await walk(pass!, 'b');
  assert.equal(await pass!.finish(), 'done');
  assert.equal((await stat(at.letters.path)).size, 0);
});

test('a pass that changes nothing leaves the file alone', async () => {
  await using at = await written('ab');
  const before = await stat(at.letters.path);
  await using pass = await at.letters.pass();
  await walk(pass!, '');
  await pass!.finish();
  assert.equal((await stat(at.letters.path)).ino, before.ino);
});

test('a file that a person moved away is not put back', async () => {
  await using at = await written('ab');
  await using pass = await at.letters.pass();
  await walk(pass!, 'a');
  await rename(at.letters.path, `${at.letters.path}.mine`);
  await at.letters.append([letter('c')]);
  await pass!.finish();
  assert.equal(await at.ids(), 'c');
});

test('there is one pass at a time, and none where there are no letters', async () => {
  await using at = await written('a');
  {
    await using pass = await at.letters.pass();
    assert(pass !== undefined);
    await assert.rejects(at.letters.pass(), /already/);
  }
  await using again = await at.letters.pass();
  assert(again !== undefined);
  await using none = await written('');
  await rm(join(none.stateDir, 'dead-letters'), { recursive: true, force: true });
  assert.equal(await none.letters.pass(), undefined);
  assert.equal(await none.letters.pass(), undefined);
});
