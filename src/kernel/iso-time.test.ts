import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { IsoTime } from './iso-time.js';

test('any time from 1970 to 9999 is written as Date does, also just before and after the same second', () => {
  const iso = new IsoTime();
  fc.assert(
    fc.property(fc.nat(253_402_300_799), fc.array(fc.integer({ min: -1500, max: 1500 })), (second, steps) => {
      for (const step of [0, ...steps]) {
        const ms = Math.min(Math.max(second * 1000 + step, 0), 253_402_300_799_999);
        assert.equal(iso.format(ms), new Date(ms).toISOString());
      }
    }),
  );
});

test('an impossible time is moved to the nearest possible one', () => {
  const iso = new IsoTime();
  assert.equal(iso.format(Number.NaN), '1970-01-01T00:00:00.000Z');
  assert.equal(iso.format(-5), '1970-01-01T00:00:00.000Z');
  assert.equal(iso.format(1e18), '9999-12-31T23:59:59.999Z');
  assert.equal(iso.format(Number.POSITIVE_INFINITY), '9999-12-31T23:59:59.999Z');
  assert.equal(iso.format(1234.9), '1970-01-01T00:00:01.234Z');
});
