import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { temporaryDirectory } from '../../test/faults/checkpoints-samples.js';
import { crc32c } from './crc32c.js';
import { levelDatabase } from './store.js';
import { findDamagedTables, isWholeTable } from './tables.js';

/** A table as LevelDB writes it, of several blocks. */
async function realTable(): Promise<Buffer> {
  await using directory = await temporaryDirectory();
  const store = await levelDatabase.open(directory.path);
  const isTable = (name: string): boolean => name.endsWith('.ldb');
  for (let round = 0; !(await readdir(directory.path)).some(isTable); round++)
    await store.write(new Map(Array.from({ length: 200 }, (_, n) => [`key ${round} ${n}`, 'value'.repeat(20)])));
  await store.close();
  assert.deepEqual(await findDamagedTables(directory.path), []);
  const name = (await readdir(directory.path)).find(isTable);
  assert.ok(name !== undefined);
  return await readFile(join(directory.path, name));
}

test('the checksum is that of RFC 3720', () => {
  assert.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa);
  assert.equal(crc32c(Buffer.alloc(32, 0xff)), 0x62a8ab43);
  assert.equal(crc32c(Buffer.from('x123456789x'), 1, 10), 0xe3069283);
});

test('a table of LevelDB is whole, and with any bit flipped, any end cut or anything added it is not', async () => {
  const table = await realTable();
  assert.ok(isWholeTable(table));
  assert.ok(table.length > 30_000, 'of many blocks');
  // The handles in a footer are followed by padding that means nothing.
  const meaningful = (at: number): boolean => at < table.length - 48 || at >= table.length - 8;
  const near = (end: number) => fc.nat(Math.min(600, end - 1)).map((back) => end - 1 - back);
  fc.assert(
    fc.property(fc.oneof(fc.nat(table.length - 1), near(table.length), near(600)), fc.nat(7), (at, bit) => {
      fc.pre(meaningful(at));
      const broken = Buffer.from(table);
      broken[at] = (broken[at] ?? 0) ^ (1 << bit);
      assert.equal(isWholeTable(broken), false);
      assert.equal(isWholeTable(table.subarray(0, at)), false);
    }),
    { numRuns: 60 },
  );
  assert.equal(isWholeTable(Buffer.concat([Buffer.alloc(1), table])), false);
});

test('any bytes at all are judged without throwing, also behind a right footer', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      assert.equal(isWholeTable(Buffer.concat([bytes, Buffer.from('57fb808b247547db', 'hex')])), false);
    }),
  );
});
