import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readFile, type ReadRecord } from '../support/file-reading.js';

const folder = join(process.env.PANNIER_ROOT ?? process.cwd(), 'test/fixtures/multiline');

const textsOf = (records: readonly ReadRecord[]): string[] => records.map(({ id, text }) => `${id} ${text}`);
const wrap = (line: string, index: number): string =>
  `2026-11-20T09:15:02Z ${index % 3 === 1 ? 'stdout' : 'stderr'} F ${line}`;

for (const name of readdirSync(folder)) {
  const trace = readFileSync(join(folder, name), 'utf8').trimEnd();
  const lines = `one line\n${trace}\n\nanother line\n{"level":"info"}\n`;
  const files = {
    bare: `${lines}2026-11-20 09:15:02 ERROR failed\n${trace}\n`,
    // What is known of the lines in wrappers is not remembered, and a dated line would say something of it.
    wrapped: `${lines.trimEnd().split('\n').map(wrap).join('\n')}\n`,
  };

  for (const [kind, text] of Object.entries(files)) {
    // A long one is cut at each byte around the ends of its lines, where it matters, and at each thirteenth.
    const bytes = Buffer.from(text);
    const isClose = (cut: number): boolean => cut % 13 === 0 || [0, 1, 2].some((near) => bytes[cut - near] === 0x0a);

    test(`${name}, ${kind}: cut at any byte into two reads it gives the same records`, async () => {
      const expected = textsOf((await readFile(bytes)).records);
      for (let cut = 1; cut < bytes.length; cut += 1) {
        if (bytes.length > 1500 && !isClose(cut)) continue;
        const { records } = await readFile(bytes, { sizes: [cut, bytes.length] });
        assert.deepEqual(textsOf(records), expected, `cut at ${cut}`);
      }
    });

    test(`${name}, ${kind}: stopped at any byte and begun again at the cursor, it gives the same records`, async () => {
      const expected = textsOf((await readFile(bytes)).records);
      for (let cut = 1; cut < bytes.length; cut += 1) {
        if (bytes.length > 1500 && !isClose(cut)) continue;
        const first = await readFile(bytes.subarray(0, cut), { staysOpen: true });
        const { cursor, format: remembered } = first;
        const second = await readFile(bytes, { cursor, remembered });
        assert.deepEqual([...textsOf(first.records), ...textsOf(second.records)], expected, `stopped at ${cut}`);
      }
    });

    test(`${name}, ${kind}: read in small turns and into small batches each of its lines is in one record`, async () => {
      const linesOf = (records: readonly ReadRecord[]): string[] =>
        records
          .flatMap((record) => record.text.split('\n'))
          .filter((line) => line.trim() !== '')
          .sort();
      const expected = linesOf((await readFile(bytes)).records);
      for (const turnBytes of [100, 333, 1000]) {
        const { records, cursor } = await readFile(bytes, { turnBytes, batchRecords: 3 });
        assert.equal(cursor.offset, bytes.length);
        assert.deepEqual(linesOf(records), expected);
      }
    });
  }
}
