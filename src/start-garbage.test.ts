import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectStartGarbage } from './start-garbage.js';

test('the garbage of the start is collected once, when the start is over', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const collect = t.mock.fn<typeof globalThis.gc & object>();
  collectStartGarbage(collect);
  t.mock.timers.tick(2999);
  assert.equal(collect.mock.callCount(), 0);
  t.mock.timers.tick(60_000);
  assert.deepEqual(
    collect.mock.calls.map((call) => call.arguments),
    [[{ type: 'major', flavor: 'last-resort', execution: 'sync' }]],
  );
});

test('an agent that ends before has nothing collected', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const collect = t.mock.fn<typeof globalThis.gc & object>();
  collectStartGarbage(collect)();
  t.mock.timers.tick(60_000);
  assert.equal(collect.mock.callCount(), 0);
});

test('without the flag nothing happens', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  assert.equal(globalThis.gc, undefined);
  collectStartGarbage();
  assert.doesNotThrow(() => t.mock.timers.tick(60_000));
});
