import assert from 'node:assert/strict';
import { test } from 'node:test';
import { severalAtOnce } from './several-at-once.js';

test('several are under way at once, but no more than sixteen, and results keep the order of the items', async () => {
  let underWay = 0;
  let most = 0;
  const ends: (() => void)[] = [];
  const items = Array.from({ length: 100 }, (_, at) => at);
  const done = severalAtOnce(items, async (item) => {
    underWay += 1;
    most = Math.max(most, underWay);
    await new Promise<void>((resolve) => ends.push(resolve));
    underWay -= 1;
    return item * 2;
  });
  // The last that began ends first.
  for (let ended = 0; ended < items.length; ended += 1) {
    ends.pop()?.();
    await new Promise(setImmediate);
  }
  assert.deepEqual(
    await done,
    items.map((item) => item * 2),
  );
  assert.equal(most, 16);
  assert.deepEqual(await severalAtOnce([], () => Promise.resolve(1)), []);
});
