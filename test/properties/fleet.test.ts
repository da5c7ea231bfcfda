import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FleetOptions, LimitedServer, startFleet, startNaiveFleet } from '../support/fleet.js';
import { ManualClock } from '../support/manual-clock.js';
import { Random } from '../support/random.js';

const seed = process.env.PANNIER_SEED === undefined ? Date.now() & 0x7fffffff : Number(process.env.PANNIER_SEED);
const agents = 200;
const batches = 20;
const capacity = 100;

/** An outage of five minutes and what comes after it, on a clock of its own. */
async function afterOutage(
  start: (options: FleetOptions) => () => number,
  outageMs = 300_000,
  perSecond = 100,
  queue = 50,
) {
  const clock = new ManualClock();
  const server = new LimitedServer(clock, perSecond, queue, outageMs);
  const send = (records: string[]) => server.answer(records);
  const chances = new Random(seed);
  const random = (): number => chances.next() / 2 ** 32;
  const settled = start({ clock, agents, batches, random, send });
  await clock.until(() => settled() === agents * batches);
  return { server, seconds: Math.ceil((clock.monotonic() - outageMs) / 1000) };
}

test('a fleet that was cut off together comes back without a rush, and all it has is delivered once', async (t) => {
  t.diagnostic(`PANNIER_SEED=${seed} repeats this run`);
  const [naive, own] = [await afterOutage(startNaiveFleet), await afterOutage(startFleet)];
  for (const [who, { server, seconds }] of Object.entries({ naive, own }))
    t.diagnostic(
      `${who}: ${server.peak} requests in the worst second after an outage of 5 minutes, capacity ${capacity}/s; ` +
        `${agents * batches} batches delivered in ${seconds} s with ${server.requests} requests`,
    );
  for (const { server } of [naive, own]) {
    assert.equal(new Set(server.accepted).size, agents * batches);
    assert.equal(server.accepted.length, agents * batches);
  }
  assert(own.server.peak <= 2 * capacity, `${own.server.peak} requests in one second`);
  assert(naive.server.peak > 2 * capacity, 'else this proves nothing');
});

test('a fleet that starts together before a destination that takes a tenth of it asks ever less', async (t) => {
  t.diagnostic(`PANNIER_SEED=${seed} repeats this run`);
  const { server, seconds } = await afterOutage(startFleet, 0, 20, 10);
  const inAll = server.requests;
  t.diagnostic(
    `${inAll} requests for ${agents * batches} batches in ${seconds} s, capacity 20/s; by second ${server.bySecond.slice(0, 10).join(' ')}`,
  );
  assert.equal(new Set(server.accepted).size, agents * batches);
  // Each first request goes at once, by promise. From then on the backoff spreads them.
  const later = Math.max(...server.bySecond.slice(5));
  assert(later <= server.bySecond[0]! / 3, `${later} requests in one second`);
  assert(inAll < 2 * agents * batches);
});
