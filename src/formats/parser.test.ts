import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LogRecord } from '../types/record.js';
import { createParser, formatNames } from './parser.js';
import { parseLines, recordOf, textOf } from './testing.js';

const options = { timezone: 'Europe/Berlin', remembered: '', maxGroupBytes: 200 };

/** Lines that get far into a parser: pieces of real ones, in any order, with any bytes in between. */
const pieces = [
  '2026-11-21T00:00:01Z stdout P ',
  '2026-11-21T00:00:01.5Z stderr F ',
  '{"log":"',
  '\\n","stream":"stdout","time":"2026-11-21T00:00:01Z"}',
  '{"level":30,"time":1795219397655,"msg":"m"}',
  '{"time":"2026-13-45T00:00:00Z",',
  '"log":{"level":"error"}',
  'level=info ',
  'msg="a \\"b',
  'ts=2026-11-21T00:00:01Z',
  '{',
  '}',
  '"',
  '\\',
  '=',
  ' ',
];
const anyLine = fc
  .array(
    fc.oneof(
      fc.constantFrom(...pieces).map((piece) => Buffer.from(piece)),
      fc.uint8Array({ maxLength: 8 }),
    ),
    { maxLength: 5 },
  )
  .map((parts) => Buffer.concat(parts.map((part) => Buffer.from(part).filter((byte) => byte !== 10))));

const wrapped = (record: LogRecord): boolean => record.members.some(({ key }) => key === 'stream');

for (const format of formatNames) {
  test(`${format}: any lines are parsed without an exception, in bounds, and each text is kept`, () => {
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 8 }), (lines) => {
        const parser = createParser(format, options);
        let offset = 0;
        for (const line of lines) {
          const record = recordOf(line, offset);
          const source = Buffer.from(record.text);
          const answer = parser.parse(record);
          assert.ok(['record', 'open', 'left-out', 'before'].includes(answer));
          assert.ok(record.start <= offset && record.end === offset + line.length + 1);
          assert.ok(0 <= record.from && record.from <= record.to && record.to <= record.text.length);
          assert.ok(parser.openStart === Infinity || parser.openStart <= offset);
          const isPayload = format === 'docker' || format === 'cri' || wrapped(record);
          if (answer === 'record' && !isPayload) assert.deepEqual(record.text.subarray(record.from, record.to), line);
          if (record.text.length === source.length && !isPayload) assert.deepEqual(record.text, source);
          for (const { json } of record.members) JSON.parse(json);
          offset = record.end;
        }
        for (let groups = 0; parser.flush(recordOf(''), Infinity); groups++) assert.ok(groups < 3);
        assert.equal(parser.openStart, Infinity);
      }),
    );
  });

  test(`${format}: what another line left in the record is gone`, () => {
    const parser = createParser(format, options);
    for (const line of ['words', '{"a":1}', 'a=b c=d', '2026-11-21T00:00:01Z stdout F words', '{"log":"x\\n"}']) {
      const fresh = recordOf(line);
      const used = recordOf(line);
      Object.assign(used, { timeMs: 5, timeText: 'stale', level: 'fatal', message: 'stale', errorMessage: 'stale' });
      used.members = [{ key: 'stale', json: '1' }];
      parser.parse(fresh);
      parser.parse(used);
      assert.deepEqual(used, fresh, line);
    }
  });

  test(
    `${format}: a megabyte of one character, or of nesting, takes no time and no stack`,
    { timeout: 100_000 },
    () => {
      const size = 1 << 20;
      const parser = createParser(format, { ...options, maxGroupBytes: size });
      const bombs = [
        '['.repeat(size),
        `{"a":${'['.repeat(size / 2)}${']'.repeat(size / 2)}}`,
        `${'{"a":'.repeat(size / 8)}1${'}'.repeat(size / 8)}`,
        `{"log":${'{"log":'.repeat(size / 16)}1${'}'.repeat(size / 16)}}`,
        `{"msg":"${'\\\\'.repeat(size / 2)}"}`,
        `{${Array.from({ length: size / 16 }, (_, i) => `"k${i}":1`).join()}}`,
        `{"log":"x\\n",${Array.from({ length: size / 16 }, (_, i) => `"k${i}":1`).join()}}`,
        `level=info msg=m ${'a=b '.repeat(size / 4)}`,
        `level=info msg="${'\\"'.repeat(size / 2)}`,
        `level=info msg="${'\\'.repeat(size)}"`,
        `2026-11-21T00:00:01Z stdout F ${' '.repeat(size)}x`,
        ' '.repeat(size),
        '='.repeat(size),
        '1'.repeat(size),
      ];
      // A quadratic step over a megabyte takes many minutes, and the test's time is over.
      assert.equal(parseLines(parser, bombs).answers.length, bombs.length);
    },
  );
}

test('what stands behind the end of a line changes nothing', () => {
  const lines = [
    '2026-11-21T00:00:01Z stdout F {"msg":"m"}',
    '{"log":"x\\n","stream":"stdout","time":"2026-11-21T00:00:01Z"}',
    'level=info msg="m" a=b',
  ];
  for (const line of lines) {
    for (let length = 0; length <= line.length; length++) {
      const cut = recordOf(line);
      cut.to = cut.from + length;
      const alone = recordOf(line.slice(0, length));
      const [left, right] = [cut, alone].map((record) => {
        const answer = createParser('auto', options).parse(record);
        return [answer, textOf(record), record.timeMs, record.level, record.message, record.members];
      });
      assert.deepEqual(left, right, line.slice(0, length));
    }
  }
});

test('a format that does not exist is refused when the parser is made', () => {
  assert.throws(() => createParser('toml', options), RangeError);
});

test('a demanded format says why a line is none, without a word of the line', () => {
  for (const format of ['json', 'logfmt', 'cri', 'docker']) {
    const [record] = parseLines(createParser(format, options), ['{ secret']).records;
    assert.ok(record?.errorMessage !== undefined && !record.errorMessage.includes('secret'));
    assert.equal(textOf(record), '{ secret');
  }
});

test('what a header line said is remembered behind the format, and known again', () => {
  const remembered = 'auto:json a,b c';
  const parser = createParser('auto', { ...options, remembered });
  assert.equal(parser.format, remembered);
  assert.equal(parser.usual?.content, 'json');
  assert.equal(createParser('json', { ...options, remembered: 'json' }).format, 'json');
});

test('a record says which format read its text, also within a wrapper', () => {
  const lines = ['{"msg":"m"}', 'a=1 level=info msg=x', 'prose', '2026-11-21T00:00:01Z stdout F {"msg":"m"}'];
  const inWrapper = ['2026-11-21T00:00:01Z stdout F prose', '2026-11-21T00:00:02Z stdout F {"msg":"m"}'];
  for (const format of ['auto', 'cri'] as const) {
    const parser = createParser(format, options);
    const formatOf = (line: string): string => {
      const record = recordOf(line);
      parser.parse(record);
      return record.format;
    };
    if (format === 'auto') assert.deepEqual(lines.map(formatOf), ['json', 'logfmt', '', 'json']);
    assert.deepEqual(inWrapper.map(formatOf), ['', 'json']);
  }
});
