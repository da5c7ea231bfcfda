import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PartGroups } from './groups/part-groups.js';
import { promises } from './promises.js';
import { syslog } from './syslog.js';
import { recordOf, timeOf } from './testing.js';
import { utc } from './times/zone.js';

const samples = [
  '<165>1 2026-11-20T09:15:02.004Z web orders 4242 ID47 [o@48577 iut="3" src="cart"][x@1] order taken',
  '<34>Nov 20 09:15:02 web su[230]: no',
  'Nov 20 09:15:02 web postfix/smtpd[12]: warning: no',
  'Nov 20 09:15:02 web last message repeated 2 times',
  '2026-11-20T09:15:02.123456+01:00 web kernel: eth0: link up',
  'Nov 20 09:15:02 web daemon.err dnsmasq[12]: no',
];
const pieces = [
  '<13>',
  '1 ',
  '- ',
  '[',
  ']',
  '[a b="c"]',
  ' b="',
  '\\',
  '"',
  'app[1]: ',
  ': ',
  ':',
  ' ',
  'Nov 20 09:15:02 ',
  '{',
  '\n',
  '%A-1-B: ',
];

promises(syslog, { samples, pieces });

const read = (line: string, evidence: 'none' | 'usual' = 'none') => {
  const record = recordOf(line, 7);
  const context = { zone: utc, groups: new PartGroups(1, () => {}), header: { text: '' } };
  return syslog.read(record, evidence, context) === undefined ? undefined : record;
};

test('a date without a year is of the latest year that is not ahead', () => {
  const now = new Date();
  const month = now.toLocaleString('en-US', { month: 'short', timeZone: 'UTC' });
  const day = String(now.getUTCDate()).padStart(2);
  const record = read(`${month} ${day} 00:00:00 web cron[1]: x`);
  assert.equal(record && timeOf(record), `${now.toISOString().slice(0, 10)}T00:00:00.000Z`);
});

test('what a logger wrote behind a time is no syslog', () => {
  for (const line of [
    '2026-11-20T09:15:02Z worker startup: done',
    '2026-11-20T09:15:02Z INFO server[1]: done',
    '2026-11-20T09:15:02.123456Z ERROR main: done',
    '2026-11-20T09:15:02.123Z  INFO hyper::proto: done',
    'Nov 20 09:15:02 INFO main[12]: done',
    'Nov 20 09:15:02 Note: buy milk',
    'Nov 20 09:15:02 the cat sat',
  ])
    assert.equal(read(line), undefined, line);
});

test('a first word that is a level beyond doubt is the level where no priority was written', () => {
  const levelOf = (message: string) => read(`Nov 20 09:15:02 web app[1]: ${message}`)?.level;
  assert.deepEqual(['error: x', '[warn] x', 'FATAL x', '<Notice>: x'].map(levelOf), ['error', 'warn', 'fatal', 'info']);
  assert.deepEqual(['error x', 'Error handling is fun', 'x error: y', ''].map(levelOf), Array(4).fill(undefined));
});
