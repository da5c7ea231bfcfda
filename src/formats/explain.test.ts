import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { explain, type LineToExplain } from './explain.js';
import { createParser, formatNames } from './parser.js';
import { recordOf } from './testing.js';

const line = (text: string | Buffer, over: Partial<LineToExplain> = {}): LineToExplain => ({
  line: Buffer.from(text),
  isFirst: false,
  demanded: 'auto',
  known: 'auto',
  timezone: 'UTC',
  readBy: '',
  ...over,
});

test('formats are asked in order until one reads the line', () => {
  const { isPlain, attempts } = explain(line('{"level":"info"}'));
  assert.equal(isPlain, false);
  assert.deepEqual(attempts.at(-1), { format: 'json', evidence: 'none', refusal: undefined });
  assert.ok(attempts.slice(0, -1).every(({ refusal }) => refusal !== undefined));
});

test('a line that shows nothing of a format is asked of none, unless the file is known as one', () => {
  assert.deepEqual(explain(line('Some prose')), { isPlain: true, attempts: [], payload: [] });
  const known = explain(line('Some prose', { known: 'auto:json' }));
  assert.equal(known.attempts.find(({ format }) => format === 'json')?.evidence, 'usual');
  assert.ok(known.attempts.every(({ refusal }) => refusal !== undefined));
});

test('a demanded format is the only one that is asked', () => {
  const { attempts } = explain(line('Some prose', { demanded: 'json', known: 'json' }));
  assert.deepEqual(attempts, [{ format: 'json', evidence: 'demanded', refusal: 'the line is not a JSON object' }]);
});

test('what is inside a wrapper is explained for itself', () => {
  const cri = '2026-11-20T09:15:02Z stdout F ';
  const { attempts, payload } = explain(line(`${cri}{"level":"info"}`, { readBy: 'json' }));
  assert.equal(attempts.at(-1)?.format, 'cri');
  assert.deepEqual(payload.at(-1), { format: 'json', evidence: 'none', refusal: undefined });
});

test('it says of any line what the parser says, and never throws', () => {
  const texts = [
    '{"a":1}',
    'level=info msg=x',
    'Some prose',
    '2026-11-20T09:15:02Z stdout F {"a":1}',
    'E1120 09:15:02.123456 1 x.go:1] y',
  ];
  const anyLine = fc.oneof(
    fc.constantFrom(...texts).map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 10))),
  );
  const names = formatNames.filter((name) => name !== 'raw');
  fc.assert(
    fc.property(anyLine, fc.constantFrom(...names), (text, demanded) => {
      const parser = createParser(demanded, { timezone: 'UTC', remembered: '', maxGroupBytes: 1000 });
      const record = recordOf(text, 1);
      const known = parser.format;
      const reading = parser.parse(record);
      const { attempts, payload } = explain(line(text, { demanded, known, readBy: record.format }));
      if (reading !== 'record' || record.format === '') return;
      const last = (payload.length > 0 ? payload : attempts).at(-1);
      assert.deepEqual([last?.format, last?.refusal], [record.format, undefined]);
    }),
  );
});
