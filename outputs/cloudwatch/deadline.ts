import { RetryableError } from '../../src/types/errors.js';

/**
 * Runs one attempt until `timeoutMs` have passed or `signal` is aborted. It ends then, whether or not `run` heeds the signal it is given (a
 * provider of credentials may not).
 * @throws RetryableError OUTPUT_TIMEOUT; the reason of `signal`; what `run` throws
 */
export async function withDeadline<T>(
  signal: AbortSignal,
  timeoutMs: number,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  // By hand instead of AbortSignal.any, which on Node 20 keeps what it made for as long as `signal` lives.
  const own = new AbortController();
  const stop = () => own.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  const timer = setTimeout(() => {
    own.abort(new RetryableError('OUTPUT_TIMEOUT', `no answer within ${timeoutMs} ms`));
  }, timeoutMs);
  try {
    const ended = new Promise<never>((_, reject) => {
      const onAbort = () => reject(asError(own.signal.reason));
      own.signal.addEventListener('abort', onAbort, { once: true });
    });
    return await Promise.race([run(own.signal), ended]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

const asError = (reason: unknown): Error =>
  reason instanceof Error ? reason : new Error('aborted', { cause: reason });
