import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTarget } from './target.js';

const now = Date.UTC(2026, 10, 20, 12);

test('digits are an offset, a sign a time ago, a date a time with its zone', () => {
  assert.deepEqual(readTarget(' 4096 ', now), { kind: 'offset', offset: 4096 });
  assert.deepEqual(readTarget('-2h', now), { kind: 'time', ms: now - 7_200_000 });
  assert.deepEqual(readTarget('-500ms', now), { kind: 'time', ms: now - 500 });
  const ms = Date.UTC(2026, 10, 20, 9, 15);
  for (const text of ['2026-11-20T09:15:00Z', '2026-11-20 10:15+01:00', '2026-11-20t09:15:00.000z'])
    assert.deepEqual(readTarget(text, now), { kind: 'time', ms });
});

test('anything else is refused, and told what would do', () => {
  for (const text of [
    '',
    '-',
    '-2x',
    '1e3',
    '4 KiB',
    '2026-11-20',
    '2026-11-20T09:15:00',
    '2026-13-01T00:00:00Z',
    '9'.repeat(20),
  ])
    assert.ok(typeof readTarget(text, now) === 'string', text);
});
