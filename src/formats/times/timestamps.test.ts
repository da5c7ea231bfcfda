import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { timeOf } from '../testing.js';
import { readTime } from './timestamps.js';
import { utc, zoneOf, type Zone } from './zone.js';

/** The time as RFC 3339, or why there is none. */
function read(text: string, zone: Zone = utc): string | undefined {
  const into = { timeMs: Number.NaN, timeText: '' };
  const reading = readTime(text, zone, into);
  if (reading !== 'time') assert.deepEqual(into, { timeMs: Number.NaN, timeText: '' });
  return reading === 'time' ? timeOf(into) : reading;
}

function readAll(table: Readonly<Record<string, string>>, zone: Zone = utc): void {
  for (const [text, expected] of Object.entries(table)) assert.equal(read(text, zone), expected, text);
}

test('RFC 3339 and its relatives are read with the precision they came with', () =>
  readAll({
    '2026-11-20T09:15:02Z': '2026-11-20T09:15:02.000Z',
    '2026-11-20T09:15:02.1Z': '2026-11-20T09:15:02.100Z',
    '2026-11-20T09:15:02.123Z': '2026-11-20T09:15:02.123Z',
    '2026-11-20T09:15:02.1234Z': '2026-11-20T09:15:02.1234Z',
    '2026-11-20T09:15:02.123456789Z': '2026-11-20T09:15:02.123456789Z',
    '2026-11-20T09:15:02.123000Z': '2026-11-20T09:15:02.123Z',
    '2026-11-20t09:15:02.5z': '2026-11-20T09:15:02.500Z',
    '2026-11-20 09:15:02,123456': '2026-11-20T09:15:02.123456Z',
    '2026-11-20 09:15:02.1Z': '2026-11-20T09:15:02.100Z',
    '2026-11-20 09:15:02 UTC': '2026-11-20T09:15:02.000Z',
    '2026-11-20T09:15:02+01:00': '2026-11-20T08:15:02.000Z',
    '2026-11-20T09:15:02.123456789-0330': '2026-11-20T12:45:02.123456789Z',
    '2026-11-20 09:15:02 +0530': '2026-11-20T03:45:02.000Z',
    '2026-11-20 09:15:02+00': '2026-11-20T09:15:02.000Z',
    '2026-11-20T09:15:02-00:00': '2026-11-20T09:15:02.000Z',
    '2026/11/20 09:15:02': '2026-11-20T09:15:02.000Z',
    '2026/11/20 09:15:02.000123': '2026-11-20T09:15:02.000123Z',
    '2024-02-29T23:59:59Z': '2024-02-29T23:59:59.000Z',
    '1970-01-01T00:00:00Z': '1970-01-01T00:00:00.000Z',
    '9999-12-31T23:59:59.999999999Z': '9999-12-31T23:59:59.999999999Z',
  }));

test('a leap second is the second after it', () =>
  readAll({
    '2016-12-31T23:59:60Z': '2017-01-01T00:00:00.000Z',
    '2016-12-31T23:59:60.123456Z': '2017-01-01T00:00:00.123456Z',
    '2017-01-01T05:29:60+05:30': '2017-01-01T00:00:00.000Z',
    '2016-12-31T12:00:60Z': 'impossible',
    '2016-12-31T23:59:61Z': 'impossible',
  }));

test('what has the form of a time but is none of any calendar is impossible', () =>
  readAll({
    '2026-13-45T00:00:00Z': 'impossible',
    '2026-00-10T00:00:00Z': 'impossible',
    '2026-11-31T00:00:00Z': 'impossible',
    '2025-02-29T00:00:00Z': 'impossible',
    '2100-02-29T00:00:00Z': 'impossible',
    '2026-11-20T24:00:00Z': 'impossible',
    '2026-11-20T09:60:00Z': 'impossible',
    '2026-11-20T09:15:02+24:00': 'impossible',
    '2026-11-20T09:15:02+01:60': 'impossible',
    '0001-01-01T00:00:00Z': 'impossible',
    '1969-12-31T23:59:59.999Z': 'impossible',
    '1970-01-01T00:00:00+01:00': 'impossible',
    '9999-12-31T23:59:59-00:01': 'impossible',
    '31/Nov/2026:09:15:02 +0000': 'impossible',
    'Fri, 20 Nov 2026 25:15:02 GMT': 'impossible',
  }));

test('what has not the form of a time is none', () =>
  readAll({
    '': 'none',
    '2026-11-20': 'none',
    '2026-11-20T09:15Z': 'none',
    '2026-11-20T09:15:02.Z': 'none',
    '2026-11-20T09:15:02.1234567890Z': 'none',
    '2026-11-20T09:15:02Zulu': 'none',
    '2026-11-20T09:15:02 ': 'none',
    '2026-11-20T09:15:02 IST': 'none',
    '2026-11/20T09:15:02Z': 'none',
    '2026-1a-20T09:15:02Z': 'none',
    '+026-11-20T09:15:02Z': 'none',
    '2026-11-20X09:15:02Z': 'none',
    'x2026-11-20T09:15:02Z': 'none',
    '09:15:02': 'none',
    yesterday: 'none',
    '20/Foo/2026:09:15:02 +0000': 'none',
    'Fri, 20 Nov 2026 09:15:02 BST': 'none',
    [`2026-11-20T09:15:02.${'1'.repeat(1000)}Z`]: 'none',
  }));

test('seconds, ms, µs and ns since the epoch are told apart by their digits', () =>
  readAll({
    '1795219397': '2026-11-21T00:03:17.000Z',
    '946684800': '2000-01-01T00:00:00.000Z',
    '1795219397655': '2026-11-21T00:03:17.655Z',
    '946684800000': '2000-01-01T00:00:00.000Z',
    '1795219397655123': '2026-11-21T00:03:17.655123Z',
    '1795219397655123456': '2026-11-21T00:03:17.655123456Z',
    '1795219408.287623': '2026-11-21T00:03:28.287623Z',
    '1795219408.5': '2026-11-21T00:03:28.500Z',
    '1795219408.28771662712': '2026-11-21T00:03:28.287716627Z',
    '1795219397655.25': '2026-11-21T00:03:17.65525Z',
  }));

test('a number that is no epoch is none: a counter, a duration, a date written together', () =>
  readAll({
    '0': 'none',
    '-1795219397': 'none',
    '12.5': 'none',
    '99999999': 'none',
    '20261120': 'none',
    '20261120091502': 'none',
    '0795219397': 'none',
    '1795219397.': 'none',
    '1795219397.5s': 'none',
    '1.795219397e9': 'none',
    '99999999999999999999': 'none',
    NaN: 'none',
  }));

test('layouts with the name of the month', () =>
  readAll({
    '20/Nov/2026:09:15:02 +0000': '2026-11-20T09:15:02.000Z',
    '20/Nov/2026:09:15:02.123 -0500': '2026-11-20T14:15:02.123Z',
    'Fri, 20 Nov 2026 09:15:02 GMT': '2026-11-20T09:15:02.000Z',
    'Friday, 20-Nov-2026 09:15:02 GMT': '2026-11-20T09:15:02.000Z',
    '6 Nov 2026 09:15:02 +0100': '2026-11-06T08:15:02.000Z',
    'Fri Nov 20 09:15:02 2026': '2026-11-20T09:15:02.000Z',
    'Fri Nov  6 09:15:02 UTC 2026': '2026-11-06T09:15:02.000Z',
  }));

test('a time without a zone is that of the configured one, on both sides of a clock change', () => {
  const berlin = zoneOf('Europe/Berlin');
  readAll(
    {
      '2026-07-01 12:00:00,5': '2026-07-01T10:00:00.500Z',
      '2026-12-01 12:00:00': '2026-12-01T11:00:00.000Z',
      // The clock went from 02:00 to 03:00 on 29 March 2026, and from 03:00 back to 02:00 on 25 October.
      '2026-03-29 01:59:59': '2026-03-29T00:59:59.000Z',
      '2026-03-29 03:00:00': '2026-03-29T01:00:00.000Z',
      '2026-10-25 01:59:59': '2026-10-24T23:59:59.000Z',
      '2026-10-25 03:00:00': '2026-10-25T02:00:00.000Z',
      '20/Nov/2026:09:15:02': '2026-11-20T08:15:02.000Z',
      // A zone in the text wins.
      '2026-07-01 12:00:00Z': '2026-07-01T12:00:00.000Z',
    },
    berlin,
  );
});

test('an hour that the clock shows twice is the first, and one it skips is read as if it had not', () => {
  readAll(
    { '2026-10-25 02:30:00': '2026-10-25T00:30:00.000Z', '2026-03-29 02:30:00': '2026-03-29T01:30:00.000Z' },
    zoneOf('Europe/Berlin'),
  );
  readAll(
    { '2026-11-01 01:30:00': '2026-11-01T05:30:00.000Z', '2026-03-08 02:30:00': '2026-03-08T07:30:00.000Z' },
    zoneOf('America/New_York'),
  );
  // Half an hour of daylight saving.
  readAll(
    { '2026-04-05 01:45:00': '2026-04-04T14:45:00.000Z', '2026-10-04 02:15:00': '2026-10-03T15:45:00.000Z' },
    zoneOf('Australia/Lord_Howe'),
  );
});

test('a zone that nobody knows counts as UTC', () => {
  assert.equal(read('2026-07-01 12:00:00', zoneOf('Mars/Olympus_Mons')), '2026-07-01T12:00:00.000Z');
});

test('every instant written as local time is read back, in any zone', () => {
  const names = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Apia', 'Antarctica/Troll'];
  const instant = fc.integer({ min: 86_400, max: 4_102_444_800 });
  fc.assert(
    fc.property(fc.constantFrom(...names), instant, (name, seconds) => {
      const local = new Intl.DateTimeFormat('sv-SE', {
        timeZone: name,
        dateStyle: 'short',
        timeStyle: 'medium',
      }).format(seconds * 1000);
      const result = Date.parse(read(local, zoneOf(name)) ?? '') / 1000;
      // Where a clock goes back, two instants have the same reading: at most a day apart (Apia), else hours.
      const isAmbiguous = result < seconds && seconds - result <= 86_400;
      assert.ok(result === seconds || isAmbiguous, `${local} in ${name}: ${result}, not ${seconds}`);
    }),
    { numRuns: 300 },
  );
});

test('any instant written as RFC 3339 with any offset and up to nine digits is read back', () => {
  const millis = fc.integer({ min: 86_400_000, max: 253_402_200_000_000 });
  const offset = fc.integer({ min: -1439, max: 1439 });
  fc.assert(
    fc.property(millis, fc.stringMatching(/^\d{0,6}$/), offset, (timeMs, digits, minutes) => {
      const local = new Date(timeMs + minutes * 60_000).toISOString().slice(0, -1);
      const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
      const zone = `${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`;
      const exact = /^0*$/.test(digits) ? '' : digits;
      const expected = `${new Date(timeMs).toISOString().slice(0, -1)}${exact}Z`;
      assert.equal(read(`${local}${digits}${zone}`), expected);
    }),
  );
});

test('no text throws', () => {
  const nearly = fc.stringMatching(/^[0-9TZ:.,+\- /NovFri]{0,40}$/);
  fc.assert(fc.property(fc.oneof(fc.string(), nearly), (text) => void read(text)));
});
