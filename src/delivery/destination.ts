import type { BatchWriter, Limits, Outcomes, SendItems } from '../types/batch.js';

/** What `delivery` needs of an output; `Output` has this shape (rooms do not import outputs). */
export interface Destination {
  /** True: one request at a time, and its halves and retries end before the next one starts. */
  readonly ordered: boolean;
  /** Requests at once; counts as 1 where `ordered`. */
  readonly concurrency: number;
  readonly limits: Limits;
  /** The plain form of a refused item; without it a refused record goes to the dead letters at once. */
  encodePlain?(item: Buffer, reason: string, body: BatchWriter): void;
  /** One attempt; throws RetryableError, PermanentError, TooLargeError or OutputClosedError. Anything else it throws is a bug of the output, and retried. */
  send(items: SendItems, signal: AbortSignal): Promise<Outcomes>;
  /** Resolves when the destination works as such; asked when a body broke its connection twice, to tell a body too large from an outage. */
  check(signal: AbortSignal): Promise<void>;
}
