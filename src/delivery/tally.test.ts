import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../test/support/manual-clock.js';
import { newDeliveryStats } from '../types/stats.js';
import { Tally } from './tally.js';

test('an output that took over has no trouble of its own yet, and is not said to fail for what was given up', () => {
  const note = (): void => {};
  const stats = newDeliveryStats();
  const parts = {
    stats,
    clock: new ManualClock(0),
    log: { debug: note, info: note, warn: note, error: note },
    output: 'lab',
  };
  const former = new Tally(parts);
  former.batchTaken();
  former.failed({}, { code: 'OUTPUT_UNREACHABLE', message: 'refused' });
  former.batchLeft();
  assert.deepEqual([stats.failing, stats.state], [true, 'retrying']);

  new Tally(parts);
  assert.deepEqual([stats.failing, stats.state], [false, 'idle']);
  assert.equal(stats.lastError?.message, 'refused', 'what was is still told');
});
