import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Outcome } from '../../src/types/batch.js';
import { checkPutLogEvents } from '../../test/support/cloudwatch-rules.js';
import { outcomesOf, planEvents } from './plan.js';

const nowMs = Date.UTC(2026, 10, 20, 12);
const hour = 3_600_000;
const batch = (times: readonly number[]) => ({ count: times.length, timeMs: (i: number) => times[i] ?? Number.NaN });
const code = (outcome: Outcome | undefined): string =>
  outcome === undefined ? 'none' : 'code' in outcome ? outcome.code : outcome.kind;

/** Times around every boundary, within a day of each other as the lane cuts them, with ties. */
const times = fc.array(
  fc.oneof(
    fc.integer({ min: -23 * hour, max: 0 }).map((ago) => nowMs + ago),
    fc.constantFrom(nowMs, nowMs - hour, nowMs + 2 * hour, nowMs + 2 * hour + 1),
    fc.constantFrom(nowMs - 14 * 24 * hour - 1, -1, 0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  ),
  { maxLength: 30 },
);

test('what is sent is what the service takes, in an order that it takes; all else is refused with its reason', () =>
  fc.assert(
    fc.property(times, (list) => {
      const plan = planEvents(batch(list), nowMs);
      const order = plan.order ?? list.map((_, i) => i);
      assert.equal(order.length, plan.sent);
      assert.deepEqual(
        [...order, ...plan.refused.keys()].sort((a, b) => a - b),
        [...list.keys()],
      );
      const events = order.map((i) => ({ timestamp: list[i], message: 'x' }));
      // The span is the lane's business: it cuts a batch before its times lie more than 24 h apart.
      const span = (list[order.at(-1) ?? 0] ?? 0) - (list[order[0] ?? 0] ?? 0);
      if (events.length > 0 && span <= 24 * hour)
        assert.equal(checkPutLogEvents({ logGroupName: 'g', logStreamName: 's', logEvents: events }, nowMs), undefined);
      for (let at = 1; at < order.length; at++)
        if (list[order[at]!] === list[order[at - 1]!]) assert.ok(order[at]! > order[at - 1]!, 'ties keep file order');
    }),
  ));

test('every outcome finds its record again, whatever the order and the places that the service names', () =>
  fc.assert(
    fc.property(times, fc.nat(30), fc.nat(30), fc.nat(30), (list, a, b, c) => {
      const plan = planEvents(batch(list), nowMs);
      const [tooOld, expired, tooNew] = [a, b, c].map((place) => Math.min(place, plan.sent));
      const info = {
        tooOldLogEventEndIndex: tooOld,
        expiredLogEventEndIndex: expired,
        tooNewLogEventStartIndex: tooNew,
      };
      const outcomes = outcomesOf(plan, batch(list), info);
      assert.ok(outcomes !== 'accepted');
      assert.equal(outcomes.length, list.length);
      const order = plan.order ?? list.map((_, i) => i);
      const expected = list.map((_, i) => {
        const at = order.indexOf(i);
        if (at === -1) return code(plan.refused.get(i));
        return at < tooOld!
          ? 'RECORD_TOO_OLD'
          : at < expired!
            ? 'RECORD_EXPIRED'
            : at >= tooNew!
              ? 'RECORD_TOO_NEW'
              : 'accepted';
      });
      assert.deepEqual(outcomes.map(code), expected);
    }),
  ));

test('the bounds themselves are within: 14 days old and 2 hours ahead are sent', () => {
  const plan = planEvents(batch([nowMs - 14 * 24 * hour, nowMs + 2 * hour]), nowMs);
  assert.deepEqual(plan, { count: 2, order: undefined, sent: 2, refused: new Map() });
});

test('a batch in order that is stored whole costs no list', () => {
  const plan = planEvents(batch([nowMs - 2, nowMs - 1, nowMs - 1, nowMs]), nowMs);
  assert.equal(plan.order, undefined);
  assert.equal(outcomesOf(plan, batch([]), undefined), 'accepted');
  assert.equal(outcomesOf(plan, batch([]), null), 'accepted');
});
