import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { timeOf } from '../testing.js';
import { scanTime } from './time-scan.js';
import { utc, zoneOf, type Zone } from './zone.js';

const now = Date.UTC(2026, 10, 21, 9);

/** What is read at the beginning of `text`, and the rest. */
function scan(text: string, zone: Zone = utc, nowMs = now): string {
  const into = { timeMs: Number.NaN, timeText: '' };
  const end = scanTime(text, 0, zone, into, () => nowMs);
  if (end < 0) return `impossible|${text.slice(-end)}`;
  return end === 0 ? 'none' : `${timeOf(into) ?? ''}|${text.slice(end)}`;
}

function scanAll(table: Readonly<Record<string, string>>, zone: Zone = utc): void {
  for (const [text, expected] of Object.entries(table)) assert.equal(scan(text, zone), expected, text);
}

/** One of each layout, with what a scanner finds behind it. All but those marked are 2026-11-20T09:15:02Z. */
const layouts = {
  iso: '2026-11-20T09:15:02Z',
  'iso, blank and comma': '2026-11-20 09:15:02,000',
  'iso, offset with colon': '2026-11-20T10:15:02.000+01:00',
  'iso, offset without colon': '2026-11-20T10:15:02.000+0100',
  'iso, hours only': '2026-11-20 10:15:02.000+01',
  'iso, colon before the fraction': '2026-11-20 09:15:02:000',
  'Go time.String': '2026-11-20 10:15:02.000 +0100 CET m=+0.000012',
  'Java ZonedDateTime': '2026-11-20T10:15:02+01:00[Europe/Paris]',
  'ISO basic': '20261120T091502Z',
  'date without marks': '20261120 09:15:02',
  'date without marks, dash': '20261120-09:15:02:000',
  'Go log, nginx error': '2026/11/20 09:15:02',
  ClickHouse: '2026.11.20 09:15:02.000000',
  GIN: '2026/11/20 - 09:15:02',
  'MariaDB, blank before the hour': '2026-11-20  9:15:02',
  'one digit': '2026-11-20 9:15:02',
  DB2: '2026-11-20-09.15.02.000000',
  underscore: '2026-11-20_09:15:02.000',
  'common log format': '20/Nov/2026:09:15:02 +0000',
  Oracle: '20-NOV-2026 09:15:02',
  Erlang: '20-Nov-2026::09:15:02',
  PHP: '20-Nov-2026 09:15:02 UTC',
  Redis: '20 Nov 2026 09:15:02.000',
  'Redis, without year': '20 Nov 09:15:02.000',
  'RFC 2822': 'Fri, 20 Nov 2026 04:15:02 -0500 (EST)',
  'RFC 1123': 'Fri, 20 Nov 2026 09:15:02 GMT',
  'RFC 850': 'Friday, 20-Nov-26 09:15:02 GMT',
  syslog: 'Nov 20 09:15:02',
  'syslog with year': 'Nov 20 2026 09:15:02',
  'java.util.logging': 'Nov 20, 2026 9:15:02 AM',
  'java.util.logging since 20': 'Nov 20, 2026 9:15:02\u202fAM',
  'its bytes': 'Nov 20, 2026, 9:15:02\u00e2\u0080\u00afAM',
  ctime: 'Fri Nov 20 09:15:02 2026',
  'Apache error': 'Fri Nov 20 09:15:02.000000 2026',
  date: 'Fri Nov 20 04:15:02 EST 2026',
  'month first': '11/20/2026 09:15:02',
  'browsers, NestJS': '11/20/2026, 9:15:02 AM',
  Suricata: '11/20/2026-09:15:02.000000',
  'day first, as 20 is no month': '20/11/2026 09:15:02',
  dots: '20.11.2026 09:15:02',
  Spark: '26/11/20 09:15:02',
  'old MySQL': '261120  9:15:02',
  'old HDFS': '261120 091502',
  Android: '11-20 09:15:02.000',
  gcc: '2026-Nov-20 09:15:02',
  seconds: '1795166102',
  'float seconds': '1795166102.000000',
  ms: '1795166102000',
  µs: '1795166102000000',
  ns: '1795166102000000000',
};

test('every layout is read alone and before whatever may follow it', () => {
  assert.ok(Object.keys(layouts).length >= 25);
  for (const [name, text] of Object.entries(layouts)) {
    const rest = name === 'Go time.String' ? ' m=+0.000012' : '';
    for (const behind of ['', ' words', '] words', ' [main] words', '\twords', ' - words', '|words', ' 5 words'])
      assert.equal(scan(text + behind), `2026-11-20T09:15:02.000Z|${rest}${behind}`, `${name}: ${text}${behind}`);
  }
});

test('a date without a year is of the nearest year that is not more than a day in the future', () => {
  const cases = [
    ['Dec 31 23:59:59', Date.UTC(2027, 0, 1, 0, 0, 5), '2026-12-31T23:59:59.000Z|'],
    ['Jan  1 00:00:01', Date.UTC(2026, 11, 31, 23, 59, 0), '2027-01-01T00:00:01.000Z|'],
    ['Jan  3 00:00:01', Date.UTC(2026, 11, 31, 23, 59, 0), '2026-01-03T00:00:01.000Z|'],
    ['Nov 22 09:15:02', now, '2026-11-22T09:15:02.000Z|'],
    ['Nov 23 09:15:02', now, '2025-11-23T09:15:02.000Z|'],
    ['Feb 29 09:15:02', now, '2024-02-29T09:15:02.000Z|'],
    ['Feb 30 09:15:02', now, 'impossible|'],
  ] as const;
  for (const [text, nowMs, expected] of cases) assert.equal(scan(text, utc, nowMs), expected, text);
});

test('what looks like a time and is none of any clock is impossible', () =>
  scanAll({
    '2026-13-20 09:15:02 x': 'impossible| x',
    '20.13.2026 09:15:02': 'impossible|',
    '11/31/2026 09:15:02': 'impossible|',
    'Nov 20, 2026 13:15:02 PM': 'impossible|',
    '20261320 09:15:02': 'impossible|',
    '31/Feb/2026:09:15:02 +0000': 'impossible|',
  }));

test('numbers, addresses, versions and prose are no time', () => {
  const texts = [
    '',
    '1',
    '12:30 we meet',
    '09:15:02',
    '10.0.0.1:80',
    '1.2.3',
    '2026',
    '2026-11-20',
    '2026-11-20 10.20.30.40',
  ];
  const others = [
    '20 items',
    '20 Nov',
    'Nov',
    'November rain',
    'March 5 at noon',
    'May 1 be',
    'Mon',
    'Sat on a wall',
    'Marc 5',
  ];
  for (const text of [
    ...texts,
    ...others,
    '20261120',
    '20261120091502',
    '123456 items',
    '12345678 09:15:02',
    '555-1234 09:15:02',
  ])
    assert.equal(scan(text), 'none', text);
});

test('abbreviations that one zone alone uses are that zone; what is not sure to be a zone stays', () =>
  scanAll(
    {
      '2026-11-20 09:15:02 UTC x': '2026-11-20T09:15:02.000Z| x',
      '2026-11-20 09:15:02 PDT [1]': '2026-11-20T16:15:02.000Z| [1]',
      '2026-11-20 10:15:02 CET': '2026-11-20T09:15:02.000Z|',
      '2026-11-20 09:15:02 GMT+1 x': '2026-11-20T08:15:02.000Z| x',
      '2026-11-20 09:15:02 IST [1]': '2026-11-20T08:15:02.000Z| IST [1]',
      '2026-11-20 09:15:02 INFO x': '2026-11-20T08:15:02.000Z| INFO x',
      '2026-11-20 09:15:02 -10 items': '2026-11-20T08:15:02.000Z| -10 items',
      '2026-11-20 09:15:02 +03 [7]': '2026-11-20T06:15:02.000Z| [7]',
      '2026-11-20 09:15:02+00:00': '2026-11-20T09:15:02.000Z|',
      '2026-11-20 09:15:02Zebra': '2026-11-20T08:15:02.000Z|Zebra',
    },
    zoneOf('Europe/Berlin'),
  ));

test('any text is read without throwing, and what is found is within it', () => {
  const pieces = fc.constantFrom(
    ...Object.values(layouts),
    '2026',
    '-',
    '/',
    ':',
    '.',
    ' ',
    'T',
    'Z',
    '+',
    'Nov',
    'Fri',
    'AM',
    '09',
    '99999',
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(texts, fc.nat(20), (text, at) => {
      const into = { timeMs: Number.NaN, timeText: '' };
      const end = scanTime(text, at, utc, into, () => now);
      assert.ok(end === 0 || (Math.abs(end) > at && Math.abs(end) <= text.length));
      assert.equal(Number.isNaN(into.timeMs), end <= 0);
    }),
    { numRuns: 3000 },
  );
});
