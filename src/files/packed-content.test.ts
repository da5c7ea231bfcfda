import assert from 'node:assert/strict';
import { openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { PlainContent } from './content.js';
import { examinePacked } from './evidence.js';
import { systemFiles } from './file-system.js';
import { RefusedError } from './open-checked.js';
import { PackedContent } from './packed-content.js';

const fixture = (name: string): Buffer =>
  readFileSync(join(process.env.PANNIER_ROOT ?? '.', 'test/fixtures/zst', `${name}.zst`));
const lines = Array.from({ length: 2000 }, (_, at) => `line ${String(at).padStart(4, '0')}\n`).join('');

/** The bytes as a file. */
async function fileOf(bytes: Buffer): Promise<{ content: PlainContent } & AsyncDisposable> {
  const dir = await mkdtemp(join(tmpdir(), 'pannier-packed-'));
  await writeFile(join(dir, 'packed'), bytes);
  const content = new PlainContent(systemFiles, openSync(join(dir, 'packed'), 'r'));
  return {
    content,
    [Symbol.asyncDispose]: async () => {
      content.close();
      await rm(dir, { recursive: true });
    },
  };
}

const examined = async (bytes: Buffer) => {
  await using file = await fileOf(bytes);
  return await examinePacked(file.content, () => []);
};

const whole = {
  'gzip of one member': gzipSync(lines),
  'gzip of two members': Buffer.concat([gzipSync(lines.slice(0, 9000)), gzipSync(lines.slice(9000))]),
  'zstd with a checksum': fixture('lines'),
  'zstd without': fixture('lines-stream-no-check'),
};

for (const [name, packed] of Object.entries(whole)) {
  test(`${name} is read from anywhere, forth and back`, async () => {
    const evidence = await examined(packed);
    assert.equal(evidence?.size, lines.length);
    await using file = await fileOf(packed);
    const content = new PackedContent(file.content, evidence.size, evidence.packing);
    const target = Buffer.alloc(100);
    for (const position of [0, 50, 19_000, 3, 12_345]) {
      assert.equal(await content.read(target, 0, 100, position), 100);
      assert.equal(target.toString(), lines.slice(position, position + 100));
    }
    assert.equal(await content.read(target, 0, 100, lines.length - 7), 7);
    content.close();
  });

  test(`${name}, unreadable for a while, is then read on`, async () => {
    const evidence = await examined(packed);
    assert.ok(evidence);
    await using file = await fileOf(packed);
    const plain = file.content;
    let broken = false;
    const content = new PackedContent(
      {
        look: () => plain.look(),
        read: async (...call) => {
          if (broken) throw new Error('EIO: a fault of the test');
          return await plain.read(...call);
        },
        close: () => plain.close(),
      },
      evidence.size,
      evidence.packing,
    );
    const target = Buffer.alloc(100);
    assert.equal(await content.read(target, 0, 100, 19_000), 100);
    for (const position of [5_000, 19_100]) {
      broken = true;
      await assert.rejects(content.read(target, 0, 100, 50), /EIO/);
      broken = false;
      assert.equal(await content.read(target, 0, 100, position), 100, 'no end, as nothing was found out of it');
      assert.equal(target.toString(), lines.slice(position, position + 100));
    }
    content.close();
  });

  test(`${name}, still being written, is not whole`, async () => {
    for (const missing of [1, 4, 9, Math.floor(packed.length / 2), packed.length - 3])
      assert.equal(await examined(packed.subarray(0, packed.length - missing)), undefined, `${missing} bytes missing`);
  });
}

test('a wrong trailer is no evidence: length and CRC of gzip, checksum of zstd', async () => {
  for (const [packed, fromEnd] of [
    [gzipSync(lines), 1],
    [gzipSync(lines), 5],
    [fixture('lines'), 1],
  ] as const) {
    const wrong = Buffer.from(packed);
    wrong[wrong.length - fromEnd]! ^= 1;
    assert.equal(await examined(wrong), undefined);
  }
});

test('a zstd file that asks for much memory is refused', async () => {
  await assert.rejects(examined(fixture('lines-window-128m')), (error) => {
    assert.ok(error instanceof RefusedError);
    assert.match(error.message, /window of 128 MiB/);
    return true;
  });
});

test('what begins as no compressed file does is none', async () => {
  assert.equal(await examined(Buffer.from('plain text')), undefined);
  assert.equal(await examined(Buffer.alloc(0)), undefined);
});
