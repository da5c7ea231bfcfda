import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import test from 'node:test';
import { withDeadline } from './deadline.js';

const never = new Promise<never>(() => {});

test('a result or an error comes through, and nothing stays behind on the signal', async () => {
  const { signal } = new AbortController();
  assert.equal(await withDeadline(signal, 60_000, () => Promise.resolve(7)), 7);
  await assert.rejects(
    withDeadline(signal, 60_000, () => Promise.reject(new Error('its own'))),
    /its own/,
  );
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});

test('what heeds no signal ends all the same: by time, and by an abort with its reason', async () => {
  await assert.rejects(
    withDeadline(new AbortController().signal, 5, () => never),
    { code: 'OUTPUT_TIMEOUT' },
  );
  const abort = new AbortController();
  const reason = new Error('stop');
  let inner: AbortSignal | undefined;
  const ended = withDeadline(abort.signal, 60_000, (signal) => {
    inner = signal;
    return never;
  });
  abort.abort(reason);
  await assert.rejects(ended, reason);
  assert.equal(inner?.reason, reason);
});

test('a signal that is aborted already starts nothing', async () => {
  await assert.rejects(
    withDeadline(AbortSignal.abort(new Error('late')), 60_000, () => assert.fail('started')),
    /late/,
  );
});
