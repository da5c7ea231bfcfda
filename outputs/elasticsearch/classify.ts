import { accepted, acceptedBefore, type Outcome, type Outcomes } from '../../src/types/batch.js';
import { type ErrorCode, RetryableError } from '../../src/types/errors.js';
import { excerpt } from '../http-errors.js';

/** The only parts of a bulk reply that are read. One entry per item comes back, in order, also for the good ones. */
export const filterPath = 'errors,items.*.status,items.*.error.type,items.*.error.reason';

/** What Elasticsearch says of an item, or of a whole request. */
export interface ServerError {
  readonly type: string;
  readonly reason: string;
}

/**
 * The outcomes of a bulk request that was answered with 200.
 * @throws RetryableError OUTPUT_INVALID_REPLY when the reply is not about `count` items: then nothing is known of them, and ids make a repeat harmless
 */
export function classifyBulk(body: string, count: number): Outcomes {
  // Nearly every reply; the items behind it all say 201 and are not worth parsing.
  if (body.startsWith('{"errors":false')) return 'accepted';
  const reply = parse(body);
  const items = reply?.items;
  if (reply === undefined || typeof reply.errors !== 'boolean' || !Array.isArray(items))
    throw invalid(`not a bulk reply: ${excerpt(body)}`);
  if (items.length !== count) throw invalid(`an answer about ${items.length} records, ${count} were sent`);
  return items.map(classifyItem);
}

const invalid = (what: string) => new RetryableError('OUTPUT_INVALID_REPLY', what);

function classifyItem(item: unknown): Outcome {
  const result = Object.values(asObject(item) ?? {}).map(asObject)[0];
  const status = result?.status;
  if (typeof status !== 'number') throw invalid('an answer about a record has no status');
  if (status >= 200 && status < 300) return accepted;
  const error = serverError(result?.error);
  // Only this 409 says that the document is there, from an earlier attempt.
  if (status === 409 && error.type === 'version_conflict_engine_exception') return acceptedBefore;
  const reason = excerpt(error.type === '' ? `status ${status}` : `${error.type}: ${error.reason}`);
  const fault = faultOfOutput(error);
  if (fault !== undefined) return { kind: 'retry', code: fault, reason };
  if (status === 400 || status === 422) return { kind: 'rejected', code: 'RECORD_REFUSED', reason };
  if (status === 413) return { kind: 'rejected', code: 'RECORD_TOO_LARGE', reason };
  return { kind: 'retry', code: retryCode(status, error), reason };
}

function retryCode(status: number, { type }: ServerError): ErrorCode {
  // A write block (disk over its flood stage, an index made read-only) is 403 or 429 and goes away again.
  if (status === 429 || status === 503 || type === 'cluster_block_exception') return 'OUTPUT_BUSY';
  if (status === 401 || status === 403) return 'OUTPUT_AUTH';
  if (status === 404) return 'OUTPUT_NOT_FOUND';
  return status >= 500 ? 'OUTPUT_SERVER_ERROR' : 'OUTPUT_REFUSED';
}

/**
 * The errors with status 400 that say nothing of the document: an operator must do something, and every record would meet them. To take one for
 * the record's fault would empty the backlog into dead letters. Reasons are matched from their first word on, so that text of a document, which a
 * reason may repeat further on, cannot pass for one.
 */
export function faultOfOutput({ type, reason }: ServerError): ErrorCode | undefined {
  if (missing.has(type) || missingReason.test(reason)) return 'OUTPUT_NOT_FOUND';
  if (refusing.has(type) || refusingReason.test(reason)) return 'OUTPUT_REFUSED';
  return undefined;
}

const missing: ReadonlySet<string> = new Set(['index_not_found_exception', 'index_closed_exception']);
/** An `illegal_argument_exception` each. */
const missingReason = /^(?:pipeline with id \[[^\]]*\] does not exist|no write index is defined for alias )/;
const refusing: ReadonlySet<string> = new Set([
  'invalid_index_name_exception',
  'invalid_alias_name_exception',
  'media_type_header_exception',
]);
/** The cluster's limit on shards: a `validation_exception`, or an `illegal_argument_exception` in some versions. */
const refusingReason =
  /^Validation Failed: 1: this action would add |^request \[[^\]]*\] contains unrecognized parameter/;

/** The error object of a whole request's answer; undefined when the body is not Elasticsearch's. */
export function requestError(body: string): ServerError | undefined {
  const error = parse(body)?.error;
  if (typeof error === 'string') return { type: '', reason: error };
  return asObject(error) === undefined ? undefined : serverError(error);
}

function serverError(error: unknown): ServerError {
  const { type, reason } = asObject(error) ?? {};
  return { type: typeof type === 'string' ? type : '', reason: typeof reason === 'string' ? reason : '' };
}

function parse(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return asObject(JSON.parse(json));
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return isObject(value) ? value : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
