import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../test/support/manual-clock.js';
import { ScanPace } from './scan-pace.js';

async function waitAfter(listingMs: number, placingMs: number): Promise<number> {
  const clock = new ManualClock();
  const pace = new ScanPace(clock);
  assert.equal(pace.waitMs, 20, 'before the first scan');
  pace.begins();
  await clock.advance(listingMs);
  pace.listed();
  await clock.advance(placingMs);
  pace.ends();
  const { waitMs } = pace;
  await clock.advance(1_000_000);
  assert.equal(pace.waitMs, 20, 'long after it');
  return waitMs;
}

test('listing takes a tenth of the time, what follows from it half, and the events of a burst share a scan', async () => {
  assert.equal(await waitAfter(1, 0), 20);
  assert.equal(await waitAfter(10, 0), 90);
  assert.equal(await waitAfter(10, 30), 60);
  assert.equal(await waitAfter(1, 130), 130);
});
