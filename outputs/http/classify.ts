import type { Outcomes } from '../../src/types/batch.js';
import { type Destination, excerpt, statusError } from '../http-errors.js';
import type { HttpReply } from '../http-client.js';

/**
 * What an answer to a batch means: 2xx accepts all of it, whatever the body says; everything else as for every output.
 * @throws RetryableError or PermanentError for everything but 2xx
 */
export function classify(
  reply: HttpReply,
  destination: Destination,
  secrets: readonly string[],
  nowMs: number,
): Outcomes {
  const { status, headers, body } = reply;
  if (status >= 200 && status < 300) return 'accepted';
  throw statusError({ status, headers, says: excerpt(body, secrets) }, destination, nowMs);
}
