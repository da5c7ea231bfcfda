import assert from 'node:assert/strict';
import { appendFile, mkdir, mkdtemp, readFile, rename, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { DeadLettersBlockedError, formatLetter, letterId, type DeadLetter } from './dead-letter.js';
import { DeadLetters } from './dead-letters.js';
import { nodeDisk, type Disk, type OpenFile } from './disk.js';

const letter = (id: string, text: string | Buffer = `line ${id}`): DeadLetter => ({
  timeMs: Date.UTC(2026, 10, 20, 9, 15, 2, 123),
  id,
  path: '/var/log/app/a.log',
  offset: 81920,
  tries: 2,
  code: 'RECORD_REFUSED',
  reason: 'mapping conflict',
  text: Buffer.from(text),
});

/** A state directory of its own, removed in the end. */
async function folder() {
  const stateDir = await mkdtemp(join(tmpdir(), 'dead-letters-'));
  const path = join(stateDir, 'dead-letters', 'es.ndjson');
  return {
    stateDir,
    path,
    open: (maxBytes = 1e6, disk: Disk = nodeDisk) => new DeadLetters({ stateDir, output: 'es', maxBytes, disk }),
    text: () => readFile(path, 'utf8'),
    ids: async () => (await readFile(path, 'utf8')).split('\n').slice(0, -1).map(letterId),
    [Symbol.asyncDispose]: () => rm(stateDir, { recursive: true, force: true }),
  };
}

const blocked = (text: RegExp) => (error: unknown) => {
  assert(error instanceof DeadLettersBlockedError);
  assert.equal(error.code, 'DEAD_LETTERS_BLOCKED');
  assert.match(error.message, text);
  return true;
};

/** The real disk, but for what `spoil` changes in each opened file. */
function spoiled(spoil: (file: OpenFile) => Partial<OpenFile>): Disk {
  return {
    ...nodeDisk,
    open: async (path, flags, mode) => {
      const file = await nodeDisk.open(path, flags, mode);
      const real: OpenFile = {
        stat: (options) => file.stat(options),
        read: (...all) => file.read(...all),
        write: (...all) => file.write(...all),
        truncate: (size) => file.truncate(size),
        datasync: () => file.datasync(),
        sync: () => file.sync(),
        close: () => file.close(),
      };
      return path.endsWith('.ndjson') ? { ...real, ...spoil(real) } : real;
    },
  };
}

test('a letter has the form of the contract, one line of JSON', async () => {
  await using at = await folder();
  await using letters = at.open();
  assert.equal(await letters.append([letter('a')]), 1);
  assert.equal(
    await at.text(),
    '{"time":"2026-11-20T09:15:02.123Z","output":"es","id":"a","path":"/var/log/app/a.log","offset":81920,"tries":2,' +
      '"code":"RECORD_REFUSED","reason":"mapping conflict","message":"line a"}\n',
  );
});

test('only its owner can read it, and there is none before the first letter', async () => {
  await using at = await folder();
  await using letters = at.open();
  await assert.rejects(stat(at.path));
  await letters.append([letter('a')]);
  assert.equal((await stat(at.path)).mode & 0o777, 0o600);
  assert.equal((await stat(join(at.stateDir, 'dead-letters'))).mode & 0o777, 0o700);
});

test('any bytes can be had back from a letter, and the bytes are there only when the text does not say it all', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.string({ unit: 'grapheme' }).map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        const line = formatLetter('es', letter('a', Buffer.from(bytes)));
        assert.equal(line.indexOf('\n'), line.length - 1);
        const { message, bytes: base64 } = JSON.parse(line) as { message: string; bytes?: string };
        const restored = base64 === undefined ? Buffer.from(message) : Buffer.from(base64, 'base64');
        assert.deepEqual(restored, Buffer.from(bytes));
        const exact = Buffer.from(message).equals(Buffer.from(bytes));
        assert.equal(base64 === undefined, exact);
      },
    ),
  );
});

test('a reason of endless length is cut', () => {
  assert(formatLetter('es', { ...letter('a'), reason: 'x'.repeat(1e6) }).length < 3_000);
});

test('letters of one append are one write and one sync, and the sync comes before the promise', async () => {
  await using at = await folder();
  const calls: string[] = [];
  const disk = spoiled((file) => ({
    write: async (...all) => {
      calls.push('write');
      return file.write(...all);
    },
    datasync: async () => {
      calls.push('sync');
      return file.datasync();
    },
  }));
  await using letters = at.open(1e6, disk);
  await letters.append([letter('first')]);
  calls.length = 0;
  await letters.append([letter('a'), letter('b'), letter('c')]);
  assert.deepEqual(calls, ['write', 'sync']);
});

test('appends that are asked for together do not mix', async () => {
  await using at = await folder();
  await using letters = at.open();
  await Promise.all(Array.from({ length: 20 }, (_, n) => letters.append([letter(`${n}a`), letter(`${n}b`)])));
  assert.deepEqual(await at.ids(), Array.from({ length: 20 }, (_, n) => [`${n}a`, `${n}b`]).flat());
});

test('a torn last line of a crash is cut off, wherever it was torn', async () => {
  await using at = await folder();
  await mkdir(join(at.stateDir, 'dead-letters'));
  const whole = formatLetter('es', letter('whole'));
  const torn = formatLetter('es', letter('torn'));
  for (let length = 0; length < torn.length - 1; length += 7) {
    await writeFile(at.path, whole + torn.slice(0, length));
    await using letters = at.open();
    await letters.append([letter('next')]);
    assert.deepEqual(await at.ids(), ['whole', 'next']);
  }
});

test('a torn line that is longer than the part read at once is cut off as well', async () => {
  await using at = await folder();
  await mkdir(join(at.stateDir, 'dead-letters'));
  await writeFile(at.path, `${formatLetter('es', letter('whole'))}{"id":"torn","message":"${'x'.repeat(3e6)}`);
  await using letters = at.open(1e7);
  await letters.append([letter('next')]);
  assert.deepEqual(await at.ids(), ['whole', 'next']);
});

test('a last letter that lacks nothing but its line end is kept', async () => {
  await using at = await folder();
  await mkdir(join(at.stateDir, 'dead-letters'));
  await writeFile(at.path, formatLetter('es', letter('a')).trimEnd());
  await using letters = at.open();
  await letters.append([letter('b')]);
  assert.deepEqual(await at.ids(), ['a', 'b']);
});

test('a letter that was written just before a crash is not written again after it', async () => {
  await using at = await folder();
  {
    await using letters = at.open();
    await letters.append([letter('a'), letter('b')]);
  }
  await using letters = at.open();
  assert.equal(await letters.append([letter('b'), letter('c')]), 2);
  assert.deepEqual(await at.ids(), ['a', 'b', 'c']);
});

test('a letter that somebody took out of the file is written again when it comes again', async () => {
  await using at = await folder();
  await using letters = at.open();
  await letters.append([letter('a'), letter('b')]);
  await writeFile(at.path, formatLetter('es', letter('a')));
  await letters.append([letter('b')]);
  assert.deepEqual(await at.ids(), ['a', 'b']);
  await truncate(at.path, 0);
  await letters.append([letter('a')]);
  assert.deepEqual(await at.ids(), ['a']);
});

test('a file that was removed or replaced is followed by its name', async () => {
  await using at = await folder();
  await using letters = at.open();
  await letters.append([letter('a')]);
  await rename(at.path, `${at.path}.old`);
  await letters.append([letter('b')]);
  assert.deepEqual(await at.ids(), ['b']);
  await rm(join(at.stateDir, 'dead-letters'), { recursive: true });
  await letters.append([letter('c')]);
  assert.deepEqual(await at.ids(), ['c']);
});

test('what others append to the file stays', async () => {
  await using at = await folder();
  await using letters = at.open();
  await letters.append([letter('a')]);
  await appendFile(at.path, formatLetter('es', letter('theirs')));
  await letters.append([letter('b'), letter('theirs')]);
  assert.deepEqual(await at.ids(), ['a', 'theirs', 'b']);
});

test('a full file takes what fits, then blocks, and goes on when somebody made room; no letter is overwritten', async () => {
  await using at = await folder();
  const each = Buffer.byteLength(formatLetter('es', letter('a')));
  await using letters = at.open(each * 2 + 10);
  assert.equal(await letters.append([letter('a'), letter('b'), letter('c')]), 2);
  await assert.rejects(letters.append([letter('c')]), blocked(/is full.*PANNIER_DEAD_LETTER_MAX_BYTES/));
  assert.deepEqual(await at.ids(), ['a', 'b']);
  await rm(at.path);
  assert.equal(await letters.append([letter('c')]), 1);
  assert.deepEqual(await at.ids(), ['c']);
});

test('a state directory that cannot be written blocks, and goes on when it can', async () => {
  await using at = await folder();
  await writeFile(join(at.stateDir, 'dead-letters'), 'a file is in the way');
  await using letters = at.open();
  await assert.rejects(letters.append([letter('a')]), blocked(/dead-letters.*EEXIST/s));
  await rm(join(at.stateDir, 'dead-letters'));
  await letters.append([letter('a')]);
  assert.deepEqual(await at.ids(), ['a']);
});

test('a link or a folder in place of the file is refused', async () => {
  await using at = await folder();
  await mkdir(join(at.stateDir, 'dead-letters'));
  const victim = join(at.stateDir, 'victim');
  await writeFile(victim, 'keep');
  await symlink(victim, at.path);
  await using letters = at.open();
  await assert.rejects(letters.append([letter('a')]), blocked(/ELOOP/));
  assert.equal(await readFile(victim, 'utf8'), 'keep');
  await rm(at.path);
  await mkdir(at.path);
  await assert.rejects(letters.append([letter('a')]), blocked(/EISDIR/));
});

test('a disk that fills up in the middle of a letter leaves no part of it', async () => {
  await using at = await folder();
  let room = 500;
  const disk = spoiled((file) => ({
    write: async (buffer, offset, length) => {
      if (room === 0) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      const { bytesWritten } = await file.write(buffer, offset, Math.min(length, room, 100));
      room -= bytesWritten;
      return { bytesWritten };
    },
  }));
  await using letters = at.open(1e6, disk);
  await letters.append([letter('a')]);
  const before = await at.text();
  await assert.rejects(letters.append([letter('b'), letter('c')]), blocked(/ENOSPC/));
  assert.equal(await at.text(), before);
  room = 1e6;
  await letters.append([letter('b'), letter('c')]);
  assert.deepEqual(await at.ids(), ['a', 'b', 'c']);
});

test('a letter whose sync failed is written anew, not taken for written', async () => {
  await using at = await folder();
  let failing = false;
  let canTruncate = true;
  const disk = spoiled((file) => ({
    datasync: () => (failing ? Promise.reject(new Error('EIO: i/o error')) : file.datasync()),
    truncate: (size) => (canTruncate ? file.truncate(size) : Promise.reject(new Error('EIO: i/o error'))),
  }));
  await using letters = at.open(1e6, disk);
  await letters.append([letter('a')]);
  failing = true;
  await assert.rejects(letters.append([letter('b')]), blocked(/EIO/));
  assert.deepEqual(await at.ids(), ['a']);
  canTruncate = false;
  await assert.rejects(letters.append([letter('b')]), blocked(/EIO/));
  failing = false;
  await letters.append([letter('b')]);
  assert.deepEqual(await at.ids(), ['a', 'b', 'b'], 'a repeat rather than a letter that may not be on the disk');
});

test('many ids are remembered, but not without bound: the newest count', async () => {
  await using at = await folder();
  await using letters = at.open(1e8);
  const many = Array.from({ length: 33_000 }, (_, n) => letter(`${n}`, ''));
  await letters.append(many);
  await letters.append([many.at(-1)!, many[0]!]);
  assert.deepEqual((await at.ids()).slice(33_000), ['0']);
});

test('two of the largest batches, all of it refused and written before a crash, are not written again', async () => {
  await using at = await folder();
  const many = Array.from({ length: 32_768 }, (_, n) => letter(`${n}`, ''));
  {
    await using letters = at.open(1e8);
    await letters.append(many);
  }
  const before = await stat(at.path);
  await using letters = at.open(1e8);
  assert.equal(await letters.append(many), many.length);
  assert.equal((await stat(at.path)).size, before.size);
});

test('who waits for room is told when letters are taken out, and at once when nobody waits any more', async () => {
  await using at = await folder();
  await using letters = at.open();
  await letters.append([letter('a')]);
  const told = letters.whenRoom(new AbortController().signal);
  await using pass = await letters.pass();
  assert(pass !== undefined);
  for await (const line of pass.lines()) await pass.take([line]);
  await pass.finish();
  await told;
  const giveUp = new AbortController();
  const waiting = letters.whenRoom(giveUp.signal);
  giveUp.abort();
  await waiting;
});
