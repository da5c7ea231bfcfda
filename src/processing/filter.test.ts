import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pipelineOf, recordOf } from '../../test/support/processing.js';
import { filterFlaw } from '../types/filter-check.js';
import type { LogRecord } from '../types/record.js';

const statics = { service: { name: 'pay' }, team: 'shop' };
const error = recordOf(
  { level: 'error', message: 'payment failed', logger: 'com.shop.Pay', timeMs: Date.parse('2026-11-20T09:15:02Z') },
  {
    path: '/health/live',
    status: 503,
    took: '12.5',
    a: { b: { c: true } },
    'x.y': null,
    tags: ['one', 'two'],
    ok: true,
  },
);
const bare = recordOf({});

async function passes(filter: string, record: LogRecord = error): Promise<boolean> {
  const pipeline = await pipelineOf({ filter }, statics);
  return pipeline.heldBackBy(record, 0, 0) === undefined;
}

test('a filter decides by fields of the record, of the line and of the agent', async () => {
  const yes = [
    'level >= warn and not (path matches "^/healthz")',
    'level == error',
    'level in (error, fatal)',
    'message contains "failed" && logger == com.shop.Pay',
    'status >= 500 and status < 600',
    'took > 12.4 and took <= 12.5',
    'a.b.c',
    'exists(a.b) and exists(x.y) and not exists(a.x)',
    'x.y == null',
    'service.name == pay and team != other',
    'tags contains "two"',
    'not nothing == 1',
    'status in (500, 503) or nonsense == 1',
    'status not in (200, 204)',
    'log.file.path == "/app.log"',
    'time >= "2026-11-20T09:15:02Z" and time < "2026-11-21"',
    '`path` = "/health/live"',
    'ok == true and ok',
    'path =~ "live$"',
  ];
  const no = [
    'level < error',
    'nothing == 1',
    'nothing != 1',
    'exists(nothing)',
    'not (level >= warn)',
    'status == "50"',
    'message matches "^failed"',
    'a.b == 1',
    'constructor == 1 or exists(__proto__) or exists(a.__proto__.x)',
    'x.y > 1',
  ];
  for (const filter of yes) assert.equal(await passes(filter), true, filter);
  for (const filter of no) assert.equal(await passes(filter), false, filter);
});

test('what a record lacks makes comparisons false, and the file is the path of a record without one', async () => {
  assert.equal(await passes('level >= trace', bare), false);
  assert.equal(await passes('path == "/app.log"', bare), true);
  assert.equal(await passes('message == text', bare), true);
});

test('a part of a split line passes whatever the filter says', async () => {
  const part = recordOf({ part: { offset: 0, index: 1, last: false } });
  assert.equal(await passes('level >= fatal', part), true);
});

test('errors point at their place', () => {
  const flaws = [
    ['level >= ', 'column 10: expected a value, not the end'],
    ['level >= wran', 'column 10: "wran" is no level; there are: trace, debug, info, warn, error, fatal'],
    ['(a == 1', 'column 8: expected ")", not the end'],
    ['a == 1 b == 2', 'column 8: expected "and", "or" or the end, not "b"'],
    ['a == "x', 'column 6: the " is not closed'],
    ['a in (1 2)', 'column 9: expected "," or ")", not "2"'],
    ['and a', 'column 1: expected the name of a field, not "and"'],
    ['a % 1', 'column 3: "%" means nothing here'],
    ['time > yesterday', 'column 8: "yesterday" is no time; write "2026-11-20T09:15:02Z"'],
    ['a not 1', 'column 7: expected "in", "contains" or "matches", not "1"'],
    ['', 'column 1: expected the name of a field, not the end'],
  ] as const;
  for (const [filter, flaw] of flaws) assert.equal(filterFlaw(filter), flaw, filter);
  assert.match(filterFlaw('('.repeat(5000)) ?? '', /nested too deeply/);
});

test('no text makes the parser throw anything else, and a filter never throws on a record', async () => {
  const word = fc.constantFrom(
    'a',
    'level',
    'warn',
    '>=',
    '==',
    '(',
    ')',
    'and',
    'or',
    'not',
    'in',
    ',',
    '"x"',
    'matches',
    'contains',
    'exists',
    '1',
    'true',
    '`q r`',
    '<',
  );
  const filters = fc
    .array(fc.oneof(word, fc.string({ maxLength: 3 })), { maxLength: 12 })
    .map((words) => words.join(' '));
  let wellFormed = 0;
  await fc.assert(
    fc.asyncProperty(filters, fc.jsonValue(), async (filter, value) => {
      const flaw = filterFlaw(filter);
      if (flaw !== undefined) return assert.match(flaw, /^column \d+: /);
      wellFormed++;
      const record = recordOf({}, { a: value, x: value });
      const pipeline = await pipelineOf({ filter }).catch(() => undefined);
      pipeline?.heldBackBy(record, 0, 0);
    }),
    { numRuns: 2000 },
  );
  assert.ok(wellFormed > 5);
});
