import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { configuredFormat } from '../configured-format.js';
import type { LogRecord } from '../types/record.js';
import { formatNames as knownNames } from '../types/format-names.js';
import { createParser, formatNames } from './parser.js';
import { parseLines, timeOf } from './testing.js';

/** Samples of each format beside the records expected of them. A record is that of one line, as text without anything found, unless it says more. */
interface Fixture {
  readonly format: string;
  readonly timezone?: string;
  readonly cases: readonly Case[];
}
interface Case {
  readonly about: string;
  readonly lines: readonly (string | { readonly hex: string })[];
  readonly records: readonly Expected[];
  /** What the parser calls the file afterwards. */
  readonly becomes?: string;
}
interface Expected {
  /** Numbers of the record's first and last line; by default the record is that of the line of its own number. */
  readonly first?: number;
  readonly last?: number;
  readonly text?: string;
  readonly time?: string;
  readonly level?: string;
  readonly logger?: string;
  readonly message?: string | null;
  readonly members?: readonly (readonly [string, string])[];
  readonly error?: string;
}

/** When the samples are read: dates without a year are nearest to it. */
const now = Date.UTC(2026, 10, 21, 12);

const folder = new URL('../../test/fixtures/formats/', import.meta.url);
const fixtures = readdirSync(folder).map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Fixture);

test('every format has its samples: ten lines or more, three of them hostile', () => {
  assert.deepEqual(
    new Set(fixtures.map(({ format }) => format.replace(/:.*/, ''))),
    new Set([...formatNames, 'regex']),
  );
  for (const { format, cases } of fixtures) {
    assert.ok(cases.flatMap(({ lines }) => lines).length >= 10, format);
    assert.ok(cases.filter(({ about }) => about.startsWith('hostile: ')).length >= 3, format);
  }
});

test('what the configuration takes for a format is one, and each is taken', () => {
  assert.deepEqual([...knownNames].sort(), [...formatNames].sort());
});

for (const { format, timezone = 'UTC', cases } of fixtures) {
  for (const { about, lines, records, becomes } of cases) {
    test(`${format.replace(/:.*/, '')}: ${about}`, async (t) => {
      t.mock.timers.enable({ apis: ['Date'], now });
      const own = await configuredFormat(format);
      const parser = createParser(format, { timezone, remembered: '', maxGroupBytes: 1 << 20, own });
      const bytes = lines.map((line) => (typeof line === 'string' ? Buffer.from(line) : Buffer.from(line.hex, 'hex')));
      const actual = parseLines(parser, bytes).records;
      assert.deepEqual(
        actual.map(plain),
        records.map((record, index) => expected(record, index, bytes)),
      );
      assert.equal(parser.format, becomes ?? own?.name ?? format);
      assert.equal(parser.openStart, Infinity);
    });
  }
}

function plain(record: LogRecord): object {
  const { start, end, text, level, logger, message, members, errorMessage: error } = record;
  return { start, end, text: text.toString('hex'), time: timeOf(record), level, logger, message, members, error };
}

function expected(record: Expected, index: number, lines: readonly Buffer[]): object {
  const { first = index, last = index, text, time, level, logger, message, members = [], error } = record;
  const offset = (line: number): number => lines.slice(0, line).reduce((sum, { length }) => sum + length + 1, 0);
  const bytes = text === undefined ? lines[index] : Buffer.from(text);
  const pairs = members.map(([key, json]) => ({ key, json }));
  const range = { start: offset(first), end: offset(last + 1) };
  return { ...range, text: bytes?.toString('hex'), time, level, logger, message, members: pairs, error };
}
