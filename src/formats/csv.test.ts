import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { splitCells } from './columns/csv-cells.js';
import { columnsOf } from './columns/csv-columns.js';
import { csv } from './csv.js';
import { createParser } from './parser.js';
import { promises } from './promises.js';
import { parseLines } from './testing.js';

promises(csv, {
  header: 'csv:time,level,message',
  samples: ['2026-11-21T00:03:28Z,INFO,started', '"2026-11-21 00:03:28","warn","a ""b"", c"', '2026-11-21T00:03:28Z,,'],
  pieces: ['2026-11-21T00:03:28Z', ',', '""', '"', ',"', '",', ';', '\t', 'info', 'words and ', ' ', '1', 'é'],
});

const open = (remembered = '') => createParser('auto', { timezone: 'UTC', remembered, maxGroupBytes: 1 << 20 });

test('a file is CSV when its first line names a time and a level or message', () => {
  for (const header of ['time,level,message', 'n;Timestamp;Level', '"date"\t"msg"\t"x"', 'Log Level,Event Time,a']) {
    const parser = open();
    assert.deepEqual(parseLines(parser, [header]).answers, ['left-out'], header);
    assert.equal(parser.format, `auto:csv csv:${header}`);
  }
});

test('a first line that could be prose, or names too little, is text', () => {
  const others = [
    'time,level',
    'name,age,city',
    'At the time, the level was low, he said',
    'time level message',
    'time,level,"message',
    `time,level,message,${'x'.repeat(1024)}`,
    'time,level,what? a message!,message',
  ];
  for (const line of others) assert.deepEqual(parseLines(open(), [line]).answers, ['record'], line);
});

test('only the first line of a file is a header', () => {
  assert.deepEqual(parseLines(open(), ['words', 'time,level,message']).answers, ['record', 'record']);
});

test('what the header said is known after a restart, and lines of another form in between change nothing', () => {
  const parser = open('auto:csv csv:time,level,message');
  const { records } = parseLines(parser, ['no header', '2026-11-21T00:03:28Z,INFO,started', 'words']);
  // The first line of these has offset 0, where only a header stands.
  assert.deepEqual(
    records.map(({ level, message }) => [level, message]),
    [
      [undefined, undefined],
      ['info', 'started'],
      [undefined, undefined],
    ],
  );
});

test('any values come back from the line that they were written to', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', ';', '\t', ' ', 'é') });
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  fc.assert(
    fc.property(fc.array(cell, { minLength: 1, maxLength: 8 }), fc.constantFrom(',', ';', '\t'), (cells, separator) => {
      assert.deepEqual(splitCells(cells.map(quoted).join(separator), separator), cells);
    }),
  );
});

test('names of a header are told apart, whatever they are', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (line) => {
      const columns = columnsOf(line);
      if (columns === undefined) return;
      assert.equal(new Set(columns.names).size, columns.names.length);
      assert.ok(!columns.names.includes(''));
      // It is stored with the file, as text of one line.
      assert.equal(columnsOf(Buffer.from(line).toString())?.line, line);
    }),
  );
});
