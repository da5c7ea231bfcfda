import type { BatchWriter, Outcome, Outcomes, SendItems } from '../types/batch.js';
import type { Destination } from './destination.js';

/** Takes secrets out of a text. */
export type RedactText = (text: string) => string;

/**
 * A destination whose words hold no secrets: a server quotes what it refuses, and its reasons and errors go into dead letters, `/health`, metrics and the
 * log. An error keeps its class and code, and loses its cause where that could say more.
 */
export function redactedDestination(destination: Destination, redact: RedactText): Destination {
  const said = async <T>(asked: () => Promise<T>): Promise<T> => {
    try {
      return await asked();
    } catch (error) {
      throw redactError(error, redact);
    }
  };
  return {
    ordered: destination.ordered,
    concurrency: destination.concurrency,
    limits: destination.limits,
    ...(destination.encodePlain !== undefined && {
      encodePlain: (item: Buffer, reason: string, body: BatchWriter) => destination.encodePlain?.(item, reason, body),
    }),
    send: (items: SendItems, signal: AbortSignal) =>
      said(async () => redactOutcomes(await destination.send(items, signal), redact)),
    check: (signal: AbortSignal) => said(() => destination.check(signal)),
  };
}

function redactOutcomes(outcomes: Outcomes, redact: RedactText): Outcomes {
  if (outcomes === 'accepted') return outcomes;
  return outcomes.map((outcome): Outcome =>
    outcome.kind === 'accepted' ? outcome : { ...outcome, reason: redact(outcome.reason) },
  );
}

/** Changed in place, so that it stays what it is. */
function redactError(error: unknown, redact: RedactText): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? redact(error) : error;
  define(error, 'message', redact(error.message));
  if (error.stack !== undefined) define(error, 'stack', redact(error.stack));
  // What a client's error carries (a response, a body) is of no known form.
  if (error.cause !== undefined) define(error, 'cause', undefined);
  return error;
}

function define(error: Error, key: string, value: unknown): void {
  try {
    Object.defineProperty(error, key, { value, configurable: true, writable: true, enumerable: false });
  } catch {
    // A frozen error: none of ours is.
  }
}
