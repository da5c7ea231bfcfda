import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Places } from './places.js';

const never = new AbortController().signal;

test('places are given in the order of asking, and a freed one cannot be taken by somebody who comes later', async () => {
  const places = new Places(1);
  const order: string[] = [];
  const take = (name: string) => places.take(never).then(() => order.push(name));
  await take('first');
  const second = take('second');
  const third = take('third');
  places.free();
  const late = take('late');
  await second;
  assert.deepEqual(order, ['first', 'second']);
  places.free();
  await third;
  places.free();
  await late;
  assert.deepEqual(order, ['first', 'second', 'third', 'late']);
});

test('who gives up waiting leaves the queue, and no place is lost by it', async () => {
  const places = new Places(1);
  assert.equal(await places.take(never), true);
  const impatient = new AbortController();
  const gaveUp = places.take(impatient.signal);
  const patient = places.take(never);
  impatient.abort();
  assert.equal(await gaveUp, false);
  places.free();
  assert.equal(await patient, true);
  places.free();
  assert.equal(await places.take(never), true);
  assert.equal(await places.take(AbortSignal.abort()), false);
});

test('with more places those who wait come in; with fewer nobody loses his, and as many stay empty', async () => {
  const places = new Places(1);
  const inside: string[] = [];
  const take = (name: string) => places.take(never).then(() => inside.push(name));
  await take('a');
  const waiting = [take('b'), take('c'), take('d')];
  places.resize(2);
  await waiting[0];
  assert.deepEqual(inside, ['a', 'b']);
  places.resize(1);
  places.free();
  await Promise.resolve();
  assert.deepEqual(inside, ['a', 'b'], 'one is inside, and there is one place');
  places.free();
  await waiting[1];
  assert.deepEqual(inside, ['a', 'b', 'c']);
});
