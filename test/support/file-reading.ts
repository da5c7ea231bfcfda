import assert from 'node:assert/strict';
import type { Content } from '../../src/files/content.js';
import { emptyFingerprint } from '../../src/files/identity.js';
import { SourceFile } from '../../src/files/source-file.js';
import { createParser } from '../../src/formats/parser.js';
import { DocumentWriter } from '../../src/kernel/document.js';
import { Slot } from '../../src/kernel/slot.js';
import { Filler } from '../../src/lane/filler.js';
import { LaneBatch } from '../../src/lane/lane-batch.js';
import { ReadArea } from '../../src/lane/read-area.js';
import { Tailer } from '../../src/lane/tailer.js';
import { joinerOf } from '../../src/lines/joiner.js';
import { Fate, type Limits } from '../../src/types/batch.js';
import type { LinearRegex } from '../../src/types/linear-regex.js';
import { newRecord, recordId, type LogRecord } from '../../src/types/record.js';
import type { StoredCursor } from '../../src/types/stored.js';

/** How a file is read. */
export interface Reading {
  readonly format?: string;
  readonly multiline?: string;
  readonly start?: LinearRegex;
  readonly remembered?: string;
  /** Sizes at which the growing file is looked at, ascending; default: its size. */
  readonly sizes?: readonly number[];
  readonly turnBytes?: number;
  readonly batchRecords?: number;
  readonly maxLineBytes?: number;
  readonly maxGroupBytes?: number;
  /** What is open at the end is left there; default: it is flushed. */
  readonly staysOpen?: boolean;
  readonly cursor?: StoredCursor;
  /** What is known of it; default: nothing. */
  readonly encoding?: string;
}

/** What a record said. */
export interface ReadRecord {
  readonly id: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly message: string | null | undefined;
  readonly level: string | undefined;
  readonly timeMs: number;
  readonly errorMessage: string | undefined;
}

export interface ReadFile {
  readonly records: readonly ReadRecord[];
  readonly cursor: StoredCursor;
  readonly blanks: number;
  readonly format: string;
  /** Bytes that were read, those that were read again included. */
  readonly bytesRead: number;
}

/** Reads a file in memory as a lane does, without a lane around it: every record that the batch took, in order. */
export async function readFile(bytes: Buffer, reading: Reading = {}): Promise<ReadFile> {
  const {
    format = 'auto',
    multiline = 'auto',
    turnBytes = 65_536,
    maxLineBytes = 65_536,
    batchRecords = 1000,
  } = reading;
  let size = 0;
  let bytesRead = 0;
  let blanks = 0;
  const content: Content = {
    look: () => ({ size, mtimeMs: 0, links: 1 }),
    read: (target, at, length, position) => {
      const count = bytes.copy(target, at, position, Math.min(size, position + length));
      bytesRead += count;
      return Promise.resolve(count);
    },
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
  file.format = reading.remembered ?? '';
  file.encoding = reading.encoding ?? '';
  const limits: Limits = { batchBytes: 1e6, batchRecords, recordBytes: 1e6, spanMs: Infinity, singleFile: false };
  const filler = new Filler(
    (record, body) => body.text(`${JSON.stringify(readOf(record))}\n`),
    limits,
    () => limits.batchBytes,
    () => Infinity,
  );
  const lane = new LaneBatch(
    new Slot({ bytes: 1e6, records: batchRecords, document: new DocumentWriter({}) }),
    batchRecords,
  );
  const makeJoiner = joinerOf(multiline, reading.start);
  const maxBytes = reading.maxGroupBytes ?? maxLineBytes;
  const tailer = new Tailer(file, reading.cursor, {
    maxLineBytes,
    turnBytes,
    longTurns: false,
    makeParser: (remembered) =>
      createParser(format, {
        timezone: 'UTC',
        remembered,
        maxGroupBytes: maxLineBytes,
        joining: makeJoiner && { makeJoiner, maxBytes, hasTriggers: reading.start === undefined },
      }),
    now: () => 0,
    learned: () => {},
    moved: () => {},
    bytePath: undefined,
    leftOut: (reason, count) => void (blanks += reason === 'blank' ? count : 0),
  });
  const area = new ReadArea(turnBytes, maxLineBytes);
  const record = newRecord();
  const records: ReadRecord[] = [];
  const send = (): void => {
    const lines = lane.count === 0 ? [] : lane.items(0, lane.count).body.toString('utf8').trimEnd().split('\n');
    records.push(...lines.map((line) => JSON.parse(line) as ReadRecord));
    for (let n = 0; n < lane.count; n += 1) lane.settle(n, Fate.delivered);
    lane.clear();
  };
  for (size of reading.sizes ?? [bytes.length]) {
    file.grow(size, 0);
    for (let turns = 0; ; turns += 1) {
      assert.ok(turns < 10_000, 'every turn gets on');
      const flush = size === bytes.length && tailer.stalled && reading.staysOpen !== true;
      const turn = await tailer.turn(area, lane, filler, record, flush ? Infinity : -1);
      assert.ok(turn !== 'unreadable');
      if (turn === 'full' || turn === 'no-room') send();
      if (turn === 'end' && (size < bytes.length || flush || !tailer.stalled || reading.staysOpen === true)) break;
    }
    send();
  }
  return { records, cursor: tailer.watermark.stored(), blanks, format: file.format, bytesRead };
}

const readOf = (record: LogRecord): ReadRecord => ({
  id: recordId(record),
  start: record.start,
  end: record.end,
  text: record.text.toString('utf8', record.from, record.to),
  message: record.message,
  level: record.level,
  timeMs: record.timeMs,
  errorMessage: record.errorMessage,
});
