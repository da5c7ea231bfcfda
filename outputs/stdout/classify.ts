import { AgentError, OutputClosedError, RetryableError } from '../../src/types/errors.js';

/** What a failed write to standard output means. Undefined: no error of the system. */
export function classifyFailure(error: unknown): AgentError | undefined {
  if (error instanceof AgentError) return error;
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  const { code } = error;
  // EPIPE, ECONNRESET: the reader of the pipe or socket has gone. EBADF: standard output was closed before the start. Neither comes back.
  if (['EPIPE', 'ECONNRESET', 'EBADF'].includes(code))
    return new OutputClosedError(`nobody reads standard output any more (${code})`, { cause: error });
  return new RetryableError('OUTPUT_UNWRITABLE', `standard output cannot be written (${code})`, { cause: error });
}
