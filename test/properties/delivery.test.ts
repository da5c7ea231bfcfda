import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { accepted, type Outcome, type Outcomes } from '../../src/types/batch.js';
import { PermanentError, RetryableError, TooLargeError } from '../../src/types/errors.js';
import { DeliveryLab } from '../support/delivery-lab.js';
import type { MemoryBatch } from '../support/memory-batch.js';

const seed = process.env.PANNIER_SEED === undefined ? Date.now() & 0x7fffffff : Number(process.env.PANNIER_SEED);
const runs = { seed, numRuns: Number(process.env.PANNIER_RUNS ?? 300) };

/**
 * How a record is in itself, whatever the weather: well; poison (any body with it is refused as a whole, in either form); odd (refused by an answer of its own, its plain
 * form taken); bad (refused in both forms); giant (alone larger than the destination takes).
 */
const nature = fc.oneof(
  { weight: 12, arbitrary: fc.constant('well' as const) },
  { weight: 1, arbitrary: fc.constantFrom('poison' as const, 'odd' as const, 'bad' as const, 'giant' as const) },
);
type Nature = typeof nature extends fc.Arbitrary<infer T> ? T : never;

/** What the weather does to one attempt; `fair` lets the records' own nature decide. */
const weather = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'fair' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('patchy' as const), every: fc.integer({ min: 1, max: 4 }) }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { kind: 'unreachable' as const },
      { kind: 'asks-for-time' as const },
      { kind: 'short-reply' as const },
      { kind: 'long-reply' as const },
      { kind: 'bug' as const },
      { kind: 'slow' as const },
      { kind: 'broken' as const },
    ),
  },
);
type Weather = typeof weather extends fc.Arbitrary<infer T> ? T : never;

const bodyMost = 60;
const refusal = (reason: string): Outcome => ({ kind: 'rejected', code: 'RECORD_REFUSED', reason });

/** A destination with a script: it keeps what it accepted, and judges records by the first letter of their names. */
class Destination {
  readonly accepted: string[] = [];
  readonly #script: readonly Weather[];
  #attempt = 0;
  lab!: DeliveryLab;

  constructor(script: readonly Weather[]) {
    this.#script = script;
  }

  get fairFromNowOn(): boolean {
    return this.#attempt >= this.#script.length;
  }

  async send(items: string[], signal: AbortSignal): Promise<Outcomes> {
    const now = this.#script[this.#attempt++] ?? { kind: 'fair' };
    switch (now.kind) {
      case 'unreachable':
        throw new RetryableError('OUTPUT_UNREACHABLE', 'refused');
      case 'broken':
        throw new RetryableError('OUTPUT_UNREACHABLE', 'reset', { brokenWhileSending: true });
      case 'asks-for-time':
        throw new RetryableError('OUTPUT_BUSY', '429', { retryAfterMs: 7_000 });
      case 'bug':
        throw new TypeError('bug');
      case 'short-reply':
        return items.slice(1).map(() => accepted);
      case 'long-reply':
        return [...items, ''].map(() => accepted);
      case 'slow':
        await this.lab.clock.wait(2_000, signal);
        if (signal.aborted) throw new Error('aborted');
        return this.#judge(items, 0);
      case 'patchy':
        return this.#judge(items, now.every);
      case 'fair':
        return this.#judge(items, 0);
    }
  }

  /** `putOff` n: every nth item is to be sent again. */
  #judge(items: string[], putOff: number): Outcomes {
    if (items.join('').length > bodyMost) throw new TooLargeError('413');
    if (items.some((item) => item.includes('poison'))) throw new PermanentError('OUTPUT_REFUSED', '400');
    const outcomes = items.map((item, n): Outcome => {
      if (putOff > 0 && n % putOff === 0)
        return { kind: 'retry', code: 'OUTPUT_BUSY', reason: 'busy', retryAfterMs: n * 100 };
      if (item.startsWith('odd') || item.includes('bad')) return refusal('conflict');
      this.accepted.push(item.replace(/^P/, ''));
      return accepted;
    });
    return outcomes.every(({ kind }) => kind === 'accepted') ? 'accepted' : outcomes;
  }
}

const world = fc.record({
  batches: fc.array(fc.array(nature, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 5 }),
  script: fc.array(weather, { maxLength: 30 }),
  ordered: fc.boolean(),
  concurrency: fc.integer({ min: 1, max: 3 }),
  hasPlainForm: fc.boolean(),
  chances: fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
});
type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

function start({ batches, script, ordered, concurrency, hasPlainForm, chances }: World) {
  const destination = new Destination(script);
  const lab = new DeliveryLab({
    send: (items, signal) => destination.send(items, signal),
    random: () => Number(chances.next().value),
    ordered,
    concurrency,
    fallbackBytes: 50,
    ...(hasPlainForm ? { plain: (item: string) => item } : {}),
  });
  destination.lab = lab;
  const size = (nature: Nature) => (nature === 'giant' ? bodyMost + 1 : 1);
  const submitted = batches.map((natures, b) =>
    lab.submit(...natures.map((nature, r) => `${nature}-${b}-${r}`.padEnd(size(nature), '.'))),
  );
  return { lab, destination, submitted };
}

const expectedLetters = ({ hasPlainForm }: World, { all }: MemoryBatch) =>
  all.filter((record) => /^(poison|bad|giant)/.test(record) || (!hasPlainForm && record.startsWith('odd')));

test('whatever the destination does, every record gets one fate, the right one, and is accepted at most once', async (t) => {
  t.diagnostic(`PANNIER_SEED=${seed} repeats this run`);
  await fc.assert(
    fc.asyncProperty(world, async (given) => {
      const { lab, destination, submitted } = start(given);
      const { clock, delivery } = lab;
      await clock.until(() => lab.settled.length === submitted.length);
      assert.deepEqual(lab.abandoned, []);
      const letters = lab.letters.map(({ id }) => id.replace('id-', ''));
      const deadExpected = submitted.flatMap((batch) => expectedLetters(given, batch));
      assert.deepEqual(
        [...letters].sort(),
        [...deadExpected].sort(),
        'the guilty ones, and nobody else, are dead letters',
      );
      for (const batch of submitted) {
        assert.equal(batch.fates.size, batch.all.length, 'every record has a fate');
        assert.deepEqual(batch.with('dead-lettered'), expectedLetters(given, batch));
      }
      const delivered = submitted.flatMap((batch) => batch.with('delivered'));
      assert.deepEqual([...destination.accepted].sort(), [...delivered].sort(), 'accepted exactly once');
      assert(lab.mostRequests <= (given.ordered ? 1 : given.concurrency));
      const { stats } = delivery;
      assert.equal(stats.recordsDelivered, delivered.length);
      assert.deepEqual(
        [stats.state, stats.failing, stats.requestsInFlight, stats.bytesInFlight],
        ['idle', false, 0, 0],
      );
      await delivery.idle();
      assert.equal(clock.waiting, 0);
    }),
    runs,
  );
});

test('an ordered destination that judges bodies gets the records of all batches in their order', async (t) => {
  t.diagnostic(`PANNIER_SEED=${seed} repeats this run`);
  const byBody = world.map((given) => ({
    ...given,
    ordered: true,
    hasPlainForm: false,
    script: given.script.filter(({ kind }) => kind !== 'patchy'),
  }));
  await fc.assert(
    fc.asyncProperty(byBody, async (given) => {
      const { lab, destination, submitted } = start(given);
      await lab.clock.until(() => lab.settled.length === submitted.length);
      const inOrder = submitted.flatMap((batch) => batch.with('delivered'));
      assert.deepEqual(destination.accepted, inOrder);
      assert.deepEqual(lab.settled, submitted);
      assert.equal(lab.mostRequests, 1);
    }),
    runs,
  );
});

test('after an abort at any moment nothing is settled, every batch comes back, and nothing waits', async (t) => {
  t.diagnostic(`PANNIER_SEED=${seed} repeats this run`);
  await fc.assert(
    fc.asyncProperty(world, fc.integer({ min: 0, max: 20_000 }), async (given, stopMs) => {
      const { lab, destination, submitted } = start(given);
      await lab.clock.advance(stopMs);
      for (const batch of submitted) batch.frozen = true;
      lab.stop.abort();
      await lab.delivery.idle();
      await lab.clock.settle();
      assert.equal(lab.settled.length + lab.abandoned.length, submitted.length);
      assert.equal(lab.clock.waiting, 0);
      const delivered = submitted.flatMap((batch) => batch.with('delivered'));
      for (const record of delivered) assert(destination.accepted.includes(record), `${record} is delivered in truth`);
    }),
    runs,
  );
});

test('a drain at any moment changes no fate', async (t) => {
  t.diagnostic(`PANNIER_SEED=${seed} repeats this run`);
  await fc.assert(
    fc.asyncProperty(world, fc.integer({ min: 0, max: 20_000 }), async (given, drainMs) => {
      const { lab, submitted } = start(given);
      await lab.clock.advance(drainMs);
      lab.delivery.beginDrain();
      await lab.clock.until(() => lab.settled.length === submitted.length);
      for (const batch of submitted) assert.deepEqual(batch.with('dead-lettered'), expectedLetters(given, batch));
    }),
    runs,
  );
});
