import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Outcome } from '../../src/types/batch.js';
import { RetryableError } from '../../src/types/errors.js';
import { classifyBulk, faultOfOutput, requestError } from './classify.js';

const item = (status: unknown, error?: unknown) => ({ create: { status, ...(error === undefined ? {} : { error }) } });
const reply = (...items: readonly unknown[]) => JSON.stringify({ errors: true, items });
const kindOf = (outcome: Outcome) => outcome.kind;

test('a reply without errors accepts all, without being parsed', () => {
  assert.equal(classifyBulk('{"errors":false,"items":[', 3), 'accepted');
});

test('outcomes keep the order of the items', () => {
  const statuses = fc.array(fc.constantFrom(200, 201, 400, 409, 413, 422, 429, 500, 503), { minLength: 1 });
  fc.assert(
    fc.property(statuses, (list) => {
      const outcomes = classifyBulk(
        reply(...list.map((status) => item(status, { type: 't', reason: 'r' }))),
        list.length,
      );
      assert.ok(outcomes !== 'accepted');
      const expected = list.map((status) =>
        status < 300 ? 'accepted' : [400, 413, 422].includes(status) ? 'rejected' : 'retry',
      );
      assert.deepEqual(outcomes.map(kindOf), expected);
    }),
  );
});

test('a conflict counts as accepted only where it says that the document is there', () => {
  const only = (error: unknown) => {
    const outcomes = classifyBulk(reply(item(409, error)), 1);
    return outcomes === 'accepted' ? outcomes : outcomes.map(kindOf);
  };
  assert.deepEqual(only({ type: 'version_conflict_engine_exception', reason: 'r' }), ['accepted']);
  assert.deepEqual(only({ type: 'document_already_locked', reason: 'version_conflict_engine_exception' }), ['retry']);
  assert.deepEqual(only(undefined), ['retry']);
});

test('whatever comes back, there is an outcome for each item or an invalid reply, never anything else', () => {
  const anything = fc.oneof(
    fc.json(),
    fc.string(),
    fc.array(fc.anything()).map((items) => reply(...items)),
    fc.array(fc.record({ create: fc.anything() })).map((items) => reply(...items)),
  );
  fc.assert(
    fc.property(anything, fc.integer({ min: 1, max: 4 }), (body, count) => {
      try {
        const outcomes = classifyBulk(body, count);
        assert.ok(outcomes === 'accepted' || outcomes.length === count);
      } catch (error) {
        assert.ok(error instanceof RetryableError && error.code === 'OUTPUT_INVALID_REPLY', String(error));
      }
      requestError(body);
    }),
  );
});

test('a reason is kept short, however long the value that it repeats', () => {
  const outcomes = classifyBulk(
    reply(item(400, { type: 'document_parsing_exception', reason: 'x'.repeat(2_000_000) })),
    1,
  );
  assert.ok(outcomes !== 'accepted' && outcomes[0]?.kind === 'rejected' && outcomes[0].reason.length <= 300);
});

test('the fault of an output is told by the type, or by how the reason begins', () => {
  const fault = (type: string, reason: string) => faultOfOutput({ type, reason });
  assert.equal(fault('illegal_argument_exception', 'pipeline with id [a] does not exist'), 'OUTPUT_NOT_FOUND');
  assert.equal(fault('illegal_argument_exception', 'field [pipeline with id [a] does not exist]'), undefined);
  assert.equal(fault('illegal_argument_exception', 'Limit of total fields [1000] has been exceeded'), undefined);
  assert.equal(fault('document_parsing_exception', 'failed'), undefined);
});
