import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clearParsed } from '../types/record.js';
import { dotnet } from './dotnet.js';
import type { Evidence, Format } from './format.js';
import { jul } from './jul.js';
import { monolog } from './monolog.js';
import { mysql } from './mysql.js';
import { PartGroups } from './groups/part-groups.js';
import { php } from './php.js';
import { isPlain } from './plain.js';
import { postgres } from './postgres.js';
import { rails } from './rails.js';
import { redis } from './redis.js';
import { recordOf, textOf } from './testing.js';
import { text } from './text.js';
import { uwsgi } from './uwsgi.js';
import { zap } from './zap.js';
import { utc } from './times/zone.js';

const formats: readonly Format[] = [uwsgi, redis, mysql, postgres, zap, monolog, php, rails, dotnet, jul, text];
const evidences: readonly Evidence[] = ['none', 'usual', 'demanded'];
const context = { zone: utc, groups: new PartGroups(1 << 20, () => 'record'), header: { text: '' } };

/** Names of the formats that take the line without other evidence, in the middle of a file. */
function takers(line: string): string[] {
  return formats
    .filter((format) => format.read(recordOf(line, 1), 'none', context) !== undefined)
    .map(({ name }) => name);
}

/** What headers are made of, and what breaks them. */
const times = [
  '2026-11-20 09:15:02,123',
  '2026-11-20T09:15:02.123456Z',
  'Nov 20, 2026 9:15:02 AM',
  '20 Nov 2026 09:15:02.123',
];
const more = [
  '261120  9:15:02',
  '20-Nov-2026 09:15:02',
  '09:15:02.123',
  '1795166102123',
  '2026-13-45 25:61:61',
  'Fri Nov 20 09:15:02 2026',
];
const levels = [
  'INFO',
  'error',
  'Warning',
  'LOG:  ',
  'info: ',
  'E',
  '[Note]',
  '<Error>',
  'shop.ERROR: ',
  '1:M ',
  'I, [',
  '[pid: 1|app: 0|req: 1/1] ',
];
const marks = [
  ' ',
  '  ',
  '\t',
  ' - ',
  ': ',
  ' : ',
  '|',
  '[',
  ']',
  '(',
  ')',
  '{',
  '}',
  '<',
  '>',
  '"',
  '\u001b[31m',
  '\u001b[',
  '\n',
  ' --- [',
  '#',
  '::',
  'PHP ',
];
const words = [
  'main',
  'c.e.App',
  'main.go:12',
  'x',
  '東京',
  '\u0000',
  '123',
  'Shop.Orders[0]',
  '[main]',
  '{"a":1}',
  'Connection',
  '__proto__',
];
const lines = fc
  .array(fc.oneof(fc.constantFrom(...times, ...more, ...levels, ...marks, ...words), fc.string({ maxLength: 6 })))
  .map((parts) => parts.join(''));
const bytes = fc.oneof(
  lines.map((line) => Buffer.from(line)),
  fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
);

test('no bytes make a format throw or touch the text, and a line that is refused leaves the record as it was', () => {
  fc.assert(
    fc.property(bytes, fc.constantFrom(...evidences), (line, evidence) => {
      for (const format of formats) {
        const record = recordOf(line, 7);
        const before = { ...record };
        if (format.read(record, evidence, context) === undefined) assert.deepEqual(record, before, format.name);
        else assert.ok(typeof record.message === 'string' || record.message === undefined, format.name);
        assert.ok(record.text.subarray(record.from, record.to).equals(line), format.name);
        assert.equal(record.text, before.text);
      }
    }),
    { numRuns: 3000 },
  );
});

test('what is taken is a record of one line and of all its evidence: the same line gives the same again', () => {
  fc.assert(
    fc.property(lines, fc.constantFrom(...evidences), (line, evidence) => {
      for (const format of formats) {
        const [one, two] = [recordOf(line), recordOf(line)];
        const reading = format.read(one, evidence, context);
        // Fields of a line before must not show.
        for (const other of formats)
          other.read(recordOf('2026-11-20 09:15:02 [t-1] ERROR a.b.C - x'), 'demanded', context);
        assert.equal(format.read(two, evidence, context), reading);
        assert.deepEqual({ ...one, text: undefined }, { ...two, text: undefined }, format.name);
      }
    }),
    { numRuns: 500 },
  );
});

test('a message is the end of its line: nothing is put into it', () => {
  fc.assert(
    fc.property(lines, fc.constantFrom(...evidences), (line, evidence) => {
      const record = recordOf(line);
      clearParsed(record);
      if (text.read(record, evidence, context) === undefined || record.message === undefined) return;
      const whole = textOf(record);
      const message = record.message ?? '';
      // Kafka's logger stands behind the message.
      const end = whole.endsWith(`${message} (${record.logger ?? ''})`)
        ? whole.slice(0, -(record.logger ?? '').length - 3)
        : whole;
      assert.ok(end.endsWith(message), `${whole} → ${message}`);
    }),
    { numRuns: 3000, examples: [['2026-11-20 09:15:02,123\u001b[東京', 'none']] },
  );
});

test('a line that shows nothing of a format is taken by none that has no other evidence', () => {
  const prose = fc
    .array(
      fc.constantFrom(
        'the',
        'Log',
        'of',
        'error',
        'in',
        'May',
        '20',
        'Connection',
        'info',
        'PHP',
        'web-1',
        '|',
        '[x]',
        '09:15',
      ),
    )
    .map((all) => all.join(' '));
  fc.assert(
    fc.property(fc.oneof(prose, lines), (line) => {
      if (line !== '' && isPlain(recordOf(line, 1))) assert.deepEqual(takers(line), [], line);
    }),
    { numRuns: 3000 },
  );
});

test('prose stays text, also with times, dates, brackets and words that are levels', () => {
  const sentences = [
    'at 12:30 we meet',
    '12:30 we meet',
    '12:30:05 we met',
    'Error in the kitchen',
    'Error: boom',
    'error in line 12:30',
    'Info about 09:15:02 trains',
    'note: this is prose',
    'Log of the day, 2026-11-20 09:15:02',
    'Meeting at 2026-11-20 09:15:02 in room 5',
    '2026-11-20 is a date',
    '2026 was a year',
    '[foo] bar',
    '(see below) 12:30:11 ok',
    '<html lang="en">',
    '    at com.shop.Orders.take(Orders.java:12)',
    '\tat com.shop.Orders.take(Orders.java:12)',
    'Caused by: java.io.IOException: at 09:15:02',
    'May 5 is a day',
    'March 20 to 21',
    '1. first',
    '10.0.0.1 is an address',
    'key=value at 09:15:02',
    '1795166102 bytes',
    'DEBUGGING is fun',
    'FATALITY 12:30:01',
    'WARNINGS: 3',
  ];
  for (const sentence of sentences) assert.deepEqual(takers(sentence), [], sentence);
});

test('a later part of a split line is of no format', () => {
  const record = recordOf('2026-11-20 09:15:02 INFO x', 9, { offset: 0, index: 1, last: true });
  for (const format of formats) assert.equal(format.read(record, 'demanded', context), undefined, format.name);
});

test('the lines of a record below the first are its message', () => {
  const record = recordOf(
    '2026-11-20 09:15:02,123 [main] ERROR Depot - open failed\njava.io.IOException: x\n\tat Depot.open',
  );
  text.read(record, 'none', context);
  assert.equal(record.message, 'open failed\njava.io.IOException: x\n\tat Depot.open');
  const net = recordOf('fail: Shop.Orders[7]\n      card declined\n      at Shop.Orders.Take()');
  dotnet.read(net, 'none', context);
  assert.equal(net.message, 'card declined\n      at Shop.Orders.Take()');
  const java = recordOf('Nov 20, 2026 9:15:02 AM com.shop.Orders take\nSEVERE: declined\njava.io.IOException');
  jul.read(java, 'none', context);
  assert.deepEqual(
    [java.level, java.logger, java.message],
    ['error', 'com.shop.Orders', 'declined\njava.io.IOException'],
  );
});
