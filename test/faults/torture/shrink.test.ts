import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planOf, type Plan } from './plan.js';
import { shrink } from './shrink.js';

const whole = planOf({ seed: 7, seconds: 120, linesPerSecond: 1000 });

test('a plan of a seed is the same each time', () => {
  assert.deepEqual(planOf({ seed: 7, seconds: 120, linesPerSecond: 1000 }), whole);
  assert.notDeepEqual(planOf({ seed: 8, seconds: 120, linesPerSecond: 1000 }), whole);
});

test('a plan that fails by one writer and one kind of fault shrinks to these', async () => {
  const isBad = ({ writers, faults }: Plan): boolean =>
    writers.some(({ kind }) => kind === 'rename') && faults.some(({ kind }) => kind === 'kill');
  const least = await shrink(whole, { fails: (plan) => Promise.resolve(isBad(plan)), attempts: 500 });
  assert.deepEqual(new Set(least.writers.map(({ kind }) => kind)), new Set(['rename']));
  assert.equal(least.writers.length, 1);
  assert.equal(least.faults.length, 1);
  assert.ok(least.seconds <= 30, `${least.seconds} s`);
});

test('no more plans are tried than allowed', async () => {
  let tried = 0;
  const fails = (): Promise<boolean> => Promise.resolve(tried++ % 2 === 0);
  await shrink(whole, { fails, attempts: 9 });
  assert.equal(tried, 9);
});
