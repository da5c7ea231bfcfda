import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Concurrency, type Permit } from './concurrency.js';

const never = new AbortController().signal;

async function take(concurrency: Concurrency): Promise<Permit> {
  const permit = await concurrency.take(never);
  assert(permit !== undefined);
  return permit;
}

/** Takes all permits there are, answers them well, and gives them back. */
async function round(concurrency: Concurrency, ms = 10): Promise<void> {
  const permits = [];
  for (let n = concurrency.limit; n > 0; n--) permits.push(await take(concurrency));
  permits.forEach((permit) => concurrency.answered(permit, 1_000, ms));
  permits.forEach(() => concurrency.free());
}

test('it begins with one request and allows about one more for each round of good answers, up to the most', async () => {
  const concurrency = new Concurrency(4);
  const limits = [concurrency.limit];
  for (let n = 0; n < 6; n++) {
    await round(concurrency);
    limits.push(concurrency.limit);
  }
  assert.deepEqual(limits, [1, 2, 2, 3, 4, 4, 4]);
});

test('a rejection halves it, once for all that were under way together', async () => {
  const concurrency = new Concurrency(8);
  for (let n = 0; n < 40; n++) await round(concurrency);
  assert.equal(concurrency.limit, 8);
  const permits = [await take(concurrency), await take(concurrency), await take(concurrency)];
  permits.forEach((permit) => concurrency.rejected(permit));
  assert.equal(concurrency.limit, 4);
  concurrency.rejected(await take(concurrency));
  assert.equal(concurrency.limit, 2);
  for (let n = 0; n < 9; n++) concurrency.rejected(n + 2);
  assert.equal(concurrency.limit, 1, 'one request is always allowed');
});

test('an answer that is slow for its size lowers it', async () => {
  const concurrency = new Concurrency(4);
  for (let n = 0; n < 20; n++) await round(concurrency);
  assert.equal(concurrency.limit, 4);
  concurrency.answered(await take(concurrency), 1_000, 5_000);
  assert.equal(concurrency.limit, 3);
});

test('a limit that is not reached does not grow', async () => {
  const concurrency = new Concurrency(4);
  await round(concurrency);
  for (let n = 0; n < 50; n++) {
    concurrency.answered(await take(concurrency), 1_000, 10);
    concurrency.free();
  }
  assert.equal(concurrency.limit, 2);
});

test('whoever waits gets a permit as soon as the limit allows it, and none above it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('take', 'good', 'slow', 'bad')),
      fc.integer({ min: 1, max: 5 }),
      async (acts, most) => {
        const concurrency = new Concurrency(most);
        const held: Permit[] = [];
        let waiting = 0;
        for (const act of acts) {
          if (act === 'take') {
            waiting++;
            void concurrency.take(never).then((permit) => {
              waiting--;
              held.push(permit!);
            });
          } else {
            const permit = held.shift();
            if (permit === undefined) continue;
            if (act === 'bad') concurrency.rejected(permit);
            else concurrency.answered(permit, 1_000, act === 'slow' ? 10_000 : 10);
            concurrency.free();
          }
          await new Promise((resolve) => setImmediate(resolve));
          assert(concurrency.limit >= 1 && concurrency.limit <= most);
          assert(held.length <= most);
          assert(waiting === 0 || held.length >= concurrency.limit, 'nobody waits in vain');
        }
      },
    ),
  );
});
