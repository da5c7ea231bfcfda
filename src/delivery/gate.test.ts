import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { ManualClock } from '../../test/support/manual-clock.js';
import { Gate, type Pass } from './gate.js';

const never = () => new AbortController().signal;

/** Someone who wants to enter. */
class Guest {
  pass: Pass | undefined;
  done = false;
  constructor(gate: Gate, signal: AbortSignal = never()) {
    void gate.enter(signal).then((pass) => {
      this.pass = pass;
      this.done = true;
    });
  }
}

/** A gate whose jitter always is the whole window: 250, 500, 1000 … ms. */
function start() {
  const clock = new ManualClock();
  return { clock, gate: new Gate(clock, () => 1) };
}

async function enter(gate: Gate): Promise<Pass> {
  const pass = await gate.enter(never());
  assert(pass !== undefined);
  return pass;
}

test('an open gate lets everybody in', async () => {
  const { gate } = start();
  const passes = [await enter(gate), await enter(gate)];
  passes.forEach((pass) => gate.succeeded(pass));
  assert.equal(gate.failing, false);
});

test('after a failure nobody enters before the backoff has passed, then one', async () => {
  const { clock, gate } = start();
  gate.failed(await enter(gate), undefined);
  const guests = [new Guest(gate), new Guest(gate)];
  await clock.advance(249);
  assert.deepEqual(
    guests.map(({ done }) => done),
    [false, false],
  );
  await clock.advance(1);
  assert.deepEqual(
    guests.map(({ done }) => done),
    [true, false],
  );
  await clock.advance(60_000);
  assert.equal(guests[1]!.done, false, 'the second waits for what becomes of the first');
});

test('the success of the one that was let in opens the gate for all', async () => {
  const { clock, gate } = start();
  gate.failed(await enter(gate), undefined);
  const guests = [new Guest(gate), new Guest(gate), new Guest(gate)];
  await clock.advance(250);
  gate.succeeded(guests[0]!.pass!);
  await clock.settle();
  assert(guests.every(({ done }) => done));
  assert.equal(gate.failing, false);
});

test('its failure doubles the window', async () => {
  const { clock, gate } = start();
  gate.failed(await enter(gate), undefined);
  const [first, second] = [new Guest(gate), new Guest(gate)];
  await clock.advance(250);
  gate.failed(first.pass!, undefined);
  await clock.advance(499);
  assert.equal(second.done, false);
  await clock.advance(1);
  assert.equal(second.done, true);
});

test('requests that fail together in one outage count as one failure', async () => {
  const { clock, gate } = start();
  const passes = [await enter(gate), await enter(gate), await enter(gate)];
  passes.forEach((pass) => gate.failed(pass, undefined));
  const guest = new Guest(gate);
  await clock.advance(250);
  assert.equal(guest.done, true);
});

test('the longest wait that any of them was asked for holds', async () => {
  const { clock, gate } = start();
  const [first, second] = [await enter(gate), await enter(gate)];
  gate.failed(first, undefined);
  const guest = new Guest(gate);
  gate.failed(second, 10_000);
  await clock.advance(9_999);
  assert.equal(guest.done, false);
  await clock.advance(2_001);
  assert.equal(guest.done, true);
});

test('a success that was under way before the failure does not open the gate', async () => {
  const { clock, gate } = start();
  const [slow, failing] = [await enter(gate), await enter(gate)];
  gate.failed(failing, 30_000);
  gate.succeeded(slow);
  const guest = new Guest(gate);
  await clock.advance(29_999);
  assert.equal(guest.done, false, 'a server that asked for 30 s gets them');
});

test('a kick ends the wait for one attempt, and the next failure waits as before', async () => {
  const { clock, gate } = start();
  gate.failed(await enter(gate), 30_000);
  const [first, second] = [new Guest(gate), new Guest(gate)];
  await clock.settle();
  gate.kick();
  await clock.settle();
  assert.deepEqual([first.done, second.done], [true, false]);
  gate.failed(first.pass!, undefined);
  await clock.advance(499);
  assert.equal(second.done, false);
  await clock.advance(1);
  assert.equal(second.done, true);
});

test('it says how long it waits, that a probe is under way, and nothing while all is well', async () => {
  const { clock, gate } = start();
  assert.equal(gate.nextProbeMs, undefined);
  gate.failed(await enter(gate), 43_000);
  assert.equal(gate.nextProbeMs, 1.2 * 43_000);
  const guest = new Guest(gate);
  await clock.advance(1.2 * 43_000 - 1);
  assert.equal(gate.nextProbeMs, 1);
  await clock.advance(1);
  assert.equal(gate.nextProbeMs, 0);
  gate.succeeded(guest.pass!);
  assert.equal(gate.nextProbeMs, undefined);
});

test('draining kicks once and keeps the waits short, however long the outage was', async () => {
  const { clock, gate } = start();
  for (let n = 0; n < 12; n++) {
    const guest = new Guest(gate);
    await clock.until(() => guest.done);
    gate.failed(guest.pass!, undefined);
  }
  const [first, second] = [new Guest(gate), new Guest(gate)];
  await clock.settle();
  gate.drain();
  await clock.settle();
  assert.deepEqual([first.done, second.done], [true, false]);
  gate.failed(first.pass!, undefined);
  await clock.advance(1_000);
  assert.equal(second.done, true);
  gate.failed(second.pass!, 20_000);
  const third = new Guest(gate);
  await clock.advance(19_999);
  assert.equal(third.done, false, 'Retry-After holds again after the one attempt');
});

test('a pause ends after its time or with a kick, and not with what others do at the gate', async () => {
  const { clock, gate } = start();
  let ended = 0;
  void gate.pause(5_000, never()).then(() => ended++);
  gate.failed(await enter(gate), undefined);
  const guest = new Guest(gate);
  await clock.advance(250);
  gate.succeeded(guest.pass!);
  await clock.settle();
  assert.equal(ended, 0);
  gate.kick();
  await clock.settle();
  assert.equal(ended, 1);
  void gate.pause(5_000, never()).then(() => ended++);
  await clock.advance(5_000);
  assert.equal(ended, 2);
});

test('an abort ends every wait at once, and one that was let in passes its turn on', async () => {
  const { clock, gate } = start();
  gate.failed(await enter(gate), undefined);
  const stop = new AbortController();
  const [first, second, third] = [new Guest(gate), new Guest(gate, stop.signal), new Guest(gate)];
  await clock.advance(250);
  assert.equal(first.done, true);
  stop.abort();
  await clock.settle();
  assert.deepEqual([second.done, second.pass], [true, undefined]);
  assert.equal(third.done, false);
  gate.left(first.pass!);
  await clock.settle();
  assert.equal(third.done, true, 'the place of the one that gave up is free');
  assert.equal(await gate.enter(AbortSignal.abort()), undefined);
});

test('no wait leaves a timer or a listener behind', async () => {
  const { clock, gate } = start();
  const signal = never();
  gate.failed(await enter(gate), undefined);
  const guests = Array.from({ length: 8 }, () => new Guest(gate, signal));
  for (let open = guests; open.length > 0; open = guests.filter(({ done }) => !done)) {
    await clock.until(() => open.some(({ done }) => done));
    for (const { pass } of open.filter(({ done }) => done)) gate.succeeded(pass!);
    await clock.settle();
  }
  assert.equal(clock.waiting, 0);
  assert.deepEqual(getEventListeners(signal, 'abort'), []);
});
