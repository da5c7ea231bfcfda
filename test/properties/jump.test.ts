import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { emptyFingerprint } from '../../src/files/identity.js';
import { SourceFile } from '../../src/files/source-file.js';
import { createParser } from '../../src/formats/parser.js';
import { findLanding, type Landing } from '../../src/lane/landing.js';
import { ReadArea } from '../../src/lane/read-area.js';
import type { Encoding } from '../../src/lines/encoding.js';
import { joinerOf } from '../../src/lines/joiner.js';
import { newRecord } from '../../src/types/record.js';
import { readFile, type ReadRecord, type Reading } from '../support/file-reading.js';

const folder = join(process.env.PANNIER_ROOT ?? process.cwd(), 'test/fixtures/multiline');
const nobody = { contentOf: () => Promise.resolve(undefined), changed: () => {}, failed: () => {} };
const stat = { device: '1', inode: '2', birthNs: '', size: 0, mtimeMs: 0, kind: 'file' } as const;

/** Where a jump to `from` comes down in a file of which `remembered` is known. */
function land(bytes: Buffer, from: number, remembered: string, encoding: Encoding = 'utf-8'): Landing | undefined {
  const makeJoiner = joinerOf('auto', undefined);
  const joining = makeJoiner && { makeJoiner, maxBytes: 65_536, hasTriggers: true };
  const parser = createParser('auto', { timezone: 'UTC', remembered, maxGroupBytes: 65_536, joining });
  const area = Buffer.concat([Buffer.alloc(ReadArea.start), bytes.subarray(from)]);
  const file = new SourceFile('f', '/a.log', stat, emptyFingerprint, 0, 0, nobody);
  const window = { bytes: area, from, to: bytes.length, file, encoding, maxLineBytes: 65_536 };
  return findLanding(window, parser, newRecord());
}

/** Sorted: records of two streams end in another order where a read ends. */
const idsOf = (records: readonly ReadRecord[]): string[] => records.map(({ id, text }) => `${id} ${text}`).sort();

/** The records of the gap, which ends where the jump came down, and of what is behind that. */
async function readWithJump(bytes: Buffer, at: number, remembered: string, encoding = ''): Promise<string[]> {
  const gap = await readFile(bytes.subarray(0, at), { remembered });
  const ledger = { delivered: at, deadLettered: 0, leftOut: 0, dropped: 0 };
  const cursor = { offset: at, anchor: '', anchorLength: 0, lineStart: -1, part: 0, ledger };
  const reading: Reading = { cursor, remembered, encoding };
  return idsOf([...gap.records, ...(await readFile(bytes, reading)).records]);
}

const dated = (at: number): string => `2026-11-20 09:15:${String(at % 60).padStart(2, '0')} INFO request ${at} done\n`;
const wrap = (line: string, index: number): string =>
  `2026-11-20T09:15:02Z ${index % 3 === 1 ? 'stdout' : 'stderr'} F ${line}`;

for (const name of readdirSync(folder)) {
  const trace = readFileSync(join(folder, name), 'utf8').trimEnd();
  const some = Array.from({ length: 12 }, (_, at) => dated(at)).join('');
  const text = `${some}2026-11-20 09:15:02 ERROR failed\n${trace}\n${some}{"level":"info"}\n${trace}\n${some}`;
  const kinds = { bare: text, wrapped: `${text.trimEnd().split('\n').map(wrap).join('\n')}\n` };
  for (const [kind, lines] of Object.entries(kinds)) {
    test(`${name}, ${kind}: wherever a jump aims, gap and rest give the records of a reading in order`, async () => {
      const bytes = Buffer.from(lines);
      const { records, format } = await readFile(bytes);
      const expected = idsOf(records);
      const seen = new Map<number, number>();
      for (let from = 1; from < bytes.length - 700; from += 1) {
        // Anywhere within a line comes to the same.
        if (bytes[from - 1] !== 0x0a && bytes[from - 2] !== 0x0a) continue;
        const landing = land(bytes, from, format);
        assert.ok(landing !== undefined, `no place behind ${from}`);
        assert.ok(landing.at.offset > from && bytes[landing.at.offset - 1] === 0x0a);
        if (!seen.has(landing.at.offset)) seen.set(landing.at.offset, from);
      }
      for (const [at, from] of seen)
        assert.deepEqual(await readWithJump(bytes, at, format), expected, `aimed at ${from}, came down at ${at}`);
    });
  }
}

test('a jump never comes down within the parts of a container’s line, whatever stream lies between them', async () => {
  const line = (at: number, stream: string, tag: string, text: string): string =>
    `2026-11-20T09:15:${String(at % 60).padStart(2, '0')}Z ${stream} ${tag} ${text}\n`;
  const some = (from: number): string =>
    Array.from({ length: 10 }, (_, at) => line(from + at, at % 4 === 1 ? 'stderr' : 'stdout', 'F', `line ${at}`)).join(
      '',
    );
  const parts = [
    line(20, 'stdout', 'P', 'one '),
    line(20, 'stderr', 'P', 'ONE '),
    line(21, 'stdout', 'P', 'two '),
    line(21, 'stderr', 'F', 'TWO'),
    line(22, 'stderr', 'F', 'between'),
    line(23, 'stdout', 'F', 'three'),
  ].join('');
  const bytes = Buffer.from(some(0) + parts + some(30) + parts + some(40));
  const { records, format } = await readFile(bytes);
  assert.ok(records.some(({ text }) => text === 'one two three'));
  for (let from = 1; from < bytes.length - 600; from += 1) {
    const landing = land(bytes, from, format);
    assert.ok(landing !== undefined);
    assert.deepEqual(await readWithJump(bytes, landing.at.offset, format), idsOf(records), `aimed at ${from}`);
  }
});

for (const encoding of ['utf-16le', 'utf-16be'] as const) {
  test(`${encoding}: a jump comes down at a whole line, although half of many letters is a line feed`, async () => {
    // U+0A0A and U+0A41 are letters of Gurmukhi.
    const text = `\ufeff${Array.from({ length: 40 }, (_, at) => `ਊ\u0a41 ${at}\r\n`).join('')}`;
    const bytes = Buffer.from(text, 'utf16le');
    if (encoding === 'utf-16be') bytes.swap16();
    const { records, format } = await readFile(bytes);
    assert.equal(records.length, 40);
    for (let from = 2; from < bytes.length - 60; from += 2) {
      const landing = land(bytes, from, format, encoding);
      assert.ok(landing !== undefined);
      const read = await readWithJump(bytes, landing.at.offset, format, encoding);
      assert.deepEqual(read, idsOf(records), `aimed at ${from}`);
    }
  });
}

test('within one long line, or where nothing but a group that may go on is left, there is no place to come down', () => {
  assert.equal(land(Buffer.from(`first\n${'x'.repeat(5000)}`), 20, 'auto'), undefined);
  assert.equal(land(Buffer.from(`first\n${'x'.repeat(5000)}\nlast\n`), 20, 'auto'), undefined);
  const trace = `failed\njava.lang.Error: x\n${'\tat a.b(C.java:1)\n'.repeat(50)}`;
  assert.equal(land(Buffer.from(trace), 30, 'auto'), undefined);
});

test('the time of a record that has none, just behind the place, is that of the last one before it', () => {
  const bytes = Buffer.from(Array.from({ length: 30 }, (_, at) => dated(at)).join(''));
  const landing = land(bytes, 100, 'auto');
  assert.ok(landing !== undefined);
  const before = bytes.toString('utf8', 0, landing.at.offset).trimEnd().split('\n').length - 1;
  assert.equal(landing.lastTimeMs, Date.UTC(2026, 10, 20, 9, 15, before));
});
