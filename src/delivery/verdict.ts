import { inspect } from 'node:util';
import type { Outcome, Outcomes } from '../types/batch.js';
import { AgentError, OutputClosedError, PermanentError, RetryableError, type ErrorCode } from '../types/errors.js';

/** What an attempt came to, for the body as a whole. */
export type Verdict =
  /** `repeated`: how many of the records the destination had already. */
  | { readonly kind: 'accepted'; readonly repeated: number }
  /** The destination judged the records one by one: an outcome per item. */
  | { readonly kind: 'judged'; readonly outcomes: readonly Outcome[] }
  /** The body was judged and refused; a TooLargeError is about its size. */
  | { readonly kind: 'refused'; readonly error: PermanentError }
  /** Nothing was judged: the output is at fault. */
  | { readonly kind: 'failed'; readonly error: RetryableError }
  | { readonly kind: 'closed'; readonly error: OutputClosedError }
  | { readonly kind: 'aborted' };

/** Reads what `send` returned for `count` items. */
export function readReply(reply: Outcomes, count: number): Verdict {
  if (reply === 'accepted') return { kind: 'accepted', repeated: 0 };
  if (reply.length !== count) {
    const message = `the output reported ${reply.length} outcomes for ${count} records`;
    return { kind: 'failed', error: new RetryableError('OUTPUT_INVALID_REPLY', message) };
  }
  if (!reply.every(({ kind }) => kind === 'accepted')) return { kind: 'judged', outcomes: reply };
  return { kind: 'accepted', repeated: reply.filter(isRepeated).length };
}

export const isRepeated = (outcome: Outcome): boolean => outcome.kind === 'accepted' && outcome.repeated === true;

/** Reads what `send` threw. What is none of the known kinds is a bug of the output: retried, for losing the records would be worse. */
export function readError(thrown: unknown): Verdict {
  if (thrown instanceof OutputClosedError) return { kind: 'closed', error: thrown };
  if (thrown instanceof PermanentError) return { kind: 'refused', error: thrown };
  if (thrown instanceof RetryableError) return { kind: 'failed', error: thrown };
  const code = thrown instanceof AgentError ? thrown.code : 'INTERNAL';
  const message = thrown instanceof Error ? thrown.message : inspect(thrown);
  return { kind: 'failed', error: new RetryableError(code, message, { cause: thrown }) };
}

/** How an attempt is counted: `ok`, `partial` when only some records were accepted, else the code of what went wrong. */
export function resultOf(verdict: Exclude<Verdict, { kind: 'aborted' }>): ErrorCode | 'ok' | 'partial' {
  if (verdict.kind === 'accepted') return 'ok';
  if (verdict.kind !== 'judged') return verdict.error.code;
  if (verdict.outcomes.some(({ kind }) => kind === 'accepted')) return 'partial';
  const first = verdict.outcomes[0];
  return first === undefined || first.kind === 'accepted' ? 'partial' : first.code;
}
