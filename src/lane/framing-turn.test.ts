import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Content } from '../files/content.js';
import { emptyFingerprint } from '../files/identity.js';
import { SourceFile } from '../files/source-file.js';
import { createParser } from '../formats/parser.js';
import { DocumentWriter } from '../kernel/document.js';
import { Slot } from '../kernel/slot.js';
import { Fate, type Limits } from '../types/batch.js';
import type { LogRecord } from '../types/record.js';
import { newRecord, recordId } from '../types/record.js';
import { Filler } from './filler.js';
import { LaneBatch } from './lane-batch.js';
import { ReadArea } from './read-area.js';
import { Tailer } from './tailer.js';

interface Way {
  /** Sizes at which the growing file is looked at, ascending. */
  readonly sizes: readonly number[];
  readonly turnBytes: number;
  readonly batchRecords: number;
}

const maxLineBytes = 4096;

/** What a lane makes of the file, read in this way: `start-end[-part] text` of each record, and the ledger's sum. */
async function read(bytes: Buffer, way: Way): Promise<{ records: string[]; offset: number; leftOut: string[] }> {
  let size = 0;
  const content: Content = {
    look: () => ({ size, mtimeMs: 0, links: 1 }),
    read: (target, at, length, position) =>
      Promise.resolve(bytes.copy(target, at, position, Math.min(size, position + length))),
    close: () => {},
  };
  const keeper = {
    contentOf: () => Promise.resolve(content),
    changed: () => assert.fail('the file does not change'),
    failed: (_file: SourceFile, error: unknown) => assert.fail(String(error)),
  };
  const stat = { device: '1', inode: '2', birthNs: '', size: 0, mtimeMs: 0, kind: 'file' } as const;
  const file = new SourceFile('f', '/a.log', stat, emptyFingerprint, 0, 0, keeper);
  file.content = content;
  const leftOut: string[] = [];
  const records: string[] = [];
  const limits: Limits = {
    batchBytes: 1e6,
    batchRecords: way.batchRecords,
    recordBytes: 1e6,
    spanMs: Infinity,
    singleFile: false,
  };
  const encode = (record: LogRecord, body: { text(text: string): void }): void => {
    const text = record.text.toString('utf8', record.from, record.to);
    const { message, members } = record;
    body.text(`${recordId(record)} ${message ?? text} ${members.map(({ json }) => json).join()}\n`);
  };
  const filler = new Filler(
    encode,
    limits,
    () => limits.batchBytes,
    () => Infinity,
  );
  const slot = new Slot({ bytes: 1e6, records: way.batchRecords, document: new DocumentWriter({}) });
  const batch = new LaneBatch(slot, way.batchRecords);
  const tailer = new Tailer(file, undefined, {
    maxLineBytes,
    turnBytes: way.turnBytes,
    longTurns: false,
    makeParser: (remembered) => createParser('cri', { timezone: 'UTC', remembered, maxGroupBytes: maxLineBytes }),
    now: () => 0,
    learned: () => {},
    moved: () => {},
    bytePath: undefined,
    leftOut: (reason, count) => void leftOut.push(...Array<string>(count).fill(reason)),
  });
  const area = new ReadArea(way.turnBytes, maxLineBytes);
  const record = newRecord();
  const send = (): void => {
    if (batch.count > 0) {
      const items = batch.items(0, batch.count);
      records.push(...items.body.toString('utf8').slice(0, -1).split('\n'));
      for (let n = 0; n < batch.count; n += 1) batch.settle(n, Fate.delivered);
    }
    batch.clear();
  };
  for (size of way.sizes) {
    file.grow(size, 0);
    for (let turns = 0; ; turns += 1) {
      assert.ok(turns < 10_000, 'every turn gets on');
      const flush = size === bytes.length && tailer.stalled;
      const turn = await tailer.turn(area, batch, filler, record, flush ? Infinity : -1);
      assert.ok(turn !== 'unreadable');
      if (turn === 'full' || turn === 'no-room') send();
      if (turn === 'end' && (size < bytes.length || flush || !tailer.stalled)) break;
    }
    send();
  }
  return { records, offset: tailer.watermark.cursor.offset, leftOut };
}

const time = '2026-11-20T09:15:02.123456789Z';
const words = fc.constantFrom('a', 'word', 'ü€', '{"a":1}', ' ', 'x'.repeat(40));
/** Lines that leave no group open: a plain one, or the parts of up to two streams, interleaved and then ended. */
const stretchOfLines = fc.oneof(
  words.map((text) => [text]),
  fc.constant(['']),
  fc.tuple(fc.constantFrom('stdout', 'stderr'), words).map(([stream, text]) => [`${time} ${stream} F ${text}`]),
  fc
    .array(fc.tuple(fc.constantFrom('stdout', 'stderr'), fc.constantFrom('P', 'P', 'F'), words), {
      minLength: 1,
      maxLength: 5,
    })
    .map((parts) => [
      ...parts.map(([stream, tag, text]) => `${time} ${stream} ${tag} ${text}`),
      `${time} stdout F end`,
      `${time} stderr F end`,
    ]),
);
const texts = fc
  .tuple(
    fc.array(stretchOfLines, { maxLength: 8 }),
    fc.constantFrom('\n', '\r\n'),
    fc.constantFrom('', 'open', `${time} stdout F open`),
  )
  .map(([stretches, end, rest]) => Buffer.from([...stretches.flat().map((line) => line + end), rest].join('')));

test('turns and batches of any size, at any moments of growth, give the records of one turn', async () => {
  await fc.assert(
    fc.asyncProperty(
      texts,
      fc.array(fc.nat(1000), { maxLength: 12 }),
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 8, max: 20 }),
      async (bytes, cuts, turnBytes, batchRecords) => {
        const whole = await read(bytes, { sizes: [bytes.length], turnBytes: 65_536, batchRecords: 1000 });
        const sizes = [...new Set([...cuts.filter((cut) => cut > 0 && cut < bytes.length), bytes.length])];
        sizes.sort((a, b) => a - b);
        const other = await read(bytes, { sizes, turnBytes, batchRecords });
        assert.deepEqual(other, whole);
        assert.equal(whole.offset, bytes.length);
      },
    ),
    { numRuns: 400 },
  );
});

test('a group of parts is one record from its first byte to its last, whatever stands between', async () => {
  const lines = [`${time} stdout P one \n`, `${time} stderr F other\n`, `${time} stdout F two\n`] as const;
  const bytes = Buffer.from(lines.join(''));
  const { records, leftOut } = await read(bytes, { sizes: [20, 60, bytes.length], turnBytes: 16, batchRecords: 8 });
  assert.deepEqual(records, [
    `f-${lines[0].length}-${lines[0].length + lines[1].length} other "stderr"`,
    `f-0-${bytes.length} one two "stdout"`,
  ]);
  assert.deepEqual(leftOut, []);
});

test('a group that ends blank is over: what follows it waits for nothing', async () => {
  const blank = Buffer.from(`${time} stdout P  \n${time} stdout F \n`);
  const more = Buffer.from(`${time} stdout P more\n`);
  const whole = await read(blank, { sizes: [blank.length], turnBytes: 1000, batchRecords: 8 });
  assert.deepEqual(whole, { records: [], offset: blank.length, leftOut: ['blank'] });
  const both = Buffer.concat([blank, more]);
  const { records } = await read(both, { sizes: [blank.length, both.length], turnBytes: 1000, batchRecords: 8 });
  assert.deepEqual(records, [`f-${blank.length}-${both.length} more "stdout"`]);
});

test('a group that fits in no batch with the open line behind it is closed before, and the open line shipped in its time', async () => {
  const part = `${time} stdout P part\n`;
  const bytes = Buffer.from(`${part}open`);
  const { records, offset } = await read(bytes, { sizes: [bytes.length], turnBytes: 1000, batchRecords: 1 });
  const start = part.length;
  assert.deepEqual(records, [`f-0-${start} part "stdout"`, `f-${start}-${bytes.length} open `]);
  assert.equal(offset, bytes.length);
});
