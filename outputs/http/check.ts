import type { HttpClient, HttpReply } from '../http-client.js';
import { type Destination, excerpt, statusError } from '../http-errors.js';

/**
 * Proves as much as can be without sending a record, which somebody would see: a POST of an empty body with the very headers. Connection,
 * TLS, path and credentials are tried. A receiver of NDJSON has nothing to store; that it may call an empty body bad (400, 411, 415, 422) says that
 * the request got as far as that.
 * @throws as `send` does
 */
export async function check(
  client: HttpClient,
  request: Parameters<HttpClient['exchange']>[0],
  destination: Destination,
  secrets: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const reply: HttpReply = await client.exchange({ ...request, body: Buffer.alloc(0) }, signal);
  const { status, headers, body } = reply;
  if ((status >= 200 && status < 300) || [400, 411, 415, 422].includes(status)) return;
  throw statusError({ status, headers, says: excerpt(body, secrets) }, destination, Date.now());
}
