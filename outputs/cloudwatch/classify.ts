import { AgentError, PermanentError, RetryableError, TooLargeError, type ErrorCode } from '../../src/types/errors.js';
import { excerpt, isBroken, retryAfter } from '../http-errors.js';

/** What is known of a failed request: the SDK's error, whatever it is. Every member may come from a server or a proxy. */
interface Failure {
  readonly cause: unknown;
  readonly name: string;
  readonly message: string;
  /** Code of a system or TLS error. */
  readonly code: string;
  readonly status: number | undefined;
  /** There was a reply. */
  readonly replied: boolean;
  readonly retryAfterMs: number | undefined;
}

/**
 * What a failed request to CloudWatch Logs means. AWS answers nearly everything with 400 and a type, so the type decides, then the status. Pure.
 * Only a parameter that is wrong in the events judges records; all else is a fault of the output. Undefined: none of AWS's or the network's errors.
 * `bodyBytes`: what was being sent.
 * Source: API reference, "Common Errors" and PutLogEvents, "Errors".
 */
export function classifyFailure(error: unknown, bodyBytes: number): AgentError | undefined {
  if (error instanceof AgentError) return error;
  const failure = read(error);
  const { name, status } = failure;
  if (throttled.has(name) || status === 429) return retryable(failure, 'OUTPUT_BUSY', 'throttled by CloudWatch Logs');
  if (unavailable.has(name) || status === 503)
    return retryable(failure, 'OUTPUT_BUSY', 'CloudWatch Logs is not available');
  if (name === 'ResourceNotFoundException')
    return retryable(failure, 'OUTPUT_NOT_FOUND', 'log group or stream not found');
  if (badCredentials.has(name)) return retryable(failure, 'OUTPUT_AUTH', credentialsHint(name));
  if (name === 'InvalidParameterException') return invalidParameter(failure);
  if (status === 413 || name === 'RequestEntityTooLargeException')
    return new TooLargeError(described('the request is too large', failure), { cause: error });
  if (judgesRecords.has(name))
    return new PermanentError('RECORD_REFUSED', described('refused', failure), { cause: error });
  return byStatus(failure) ?? byNetwork(failure, bodyBytes);
}

/** `DataAlreadyAcceptedException`: the batch is there, from an attempt whose reply was lost. (AWS has not answered so since 2023; look-alikes may.) */
export const isAlreadyAccepted = (error: unknown): boolean => read(error).name === 'DataAlreadyAcceptedException';
export const isNotFound = (error: unknown): boolean => read(error).name === 'ResourceNotFoundException';
export const isAlreadyThere = (error: unknown): boolean => read(error).name === 'ResourceAlreadyExistsException';
export const isDenied = (error: unknown): boolean => denied.has(read(error).name);

const throttled = new Set([
  ...['ThrottlingException', 'ThrottledException', 'Throttling', 'TooManyRequestsException', 'RequestLimitExceeded'],
  ...['LimitExceededException', 'OperationAbortedException', 'RequestThrottledException'],
]);
const unavailable = new Set(['ServiceUnavailableException', 'ServiceUnavailable']);
const denied = new Set(['AccessDeniedException', 'AccessDenied', 'NotAuthorized', 'UnauthorizedOperation']);
const badCredentials = new Set([
  ...denied,
  ...['UnrecognizedClientException', 'ExpiredTokenException', 'ExpiredToken', 'RequestExpired', 'InvalidClientTokenId'],
  ...['InvalidSignatureException', 'SignatureDoesNotMatch', 'IncompleteSignature', 'MissingAuthenticationToken'],
  ...['MissingAuthenticationTokenException', 'IncompleteSignatureException', 'OptInRequired', 'RequestTimeTooSkewed'],
  ...['CredentialsProviderError', 'TokenProviderError', 'SubscriptionRequiredException'],
]);
/** The body itself is at fault: not JSON, or not of the form that the API has. */
const judgesRecords = new Set(['SerializationException', 'ValidationException', 'MalformedQueryString']);

function credentialsHint(name: string): string {
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError')
    return 'no AWS credentials (looked for AWS_* variables, web identity, container and instance roles)';
  if (denied.has(name)) return 'the AWS role may not do this';
  return 'the AWS credentials were refused (wrong, expired, or the clock is off)';
}

function invalidParameter(failure: Failure): AgentError {
  const { cause } = failure;
  // AWS has one type for a bad event and for a bad name, and only its text tells them apart. A bad name must not empty a backlog into dead letters.
  if (/logGroupName|logStreamName/.test(failure.message))
    return retryable(failure, 'OUTPUT_REFUSED', 'the name of the log group or stream was refused');
  if (/^upload too large/i.test(failure.message))
    return new TooLargeError(described('the batch is too large', failure), { cause });
  return new PermanentError('RECORD_REFUSED', described('refused', failure), { cause });
}

function byStatus(failure: Failure): AgentError | undefined {
  const { replied, status } = failure;
  if (status === undefined) {
    return replied ? retryable(failure, 'OUTPUT_INVALID_REPLY', 'the reply is not that of CloudWatch Logs') : undefined;
  }
  const retry = (code: ErrorCode, hint = '') => retryable(failure, code, `status ${status}${hint}`);
  if (status === 401 || status === 403) return retry('OUTPUT_AUTH');
  if (status === 404) return retry('OUTPUT_NOT_FOUND', ': is AWS_ENDPOINT_URL right?');
  if (status >= 500) return retry('OUTPUT_SERVER_ERROR');
  if (status >= 400) return retry('OUTPUT_REFUSED');
  if (status >= 300) return retry('OUTPUT_REDIRECT', ': redirects are not followed');
  return retry('OUTPUT_INVALID_REPLY', ', but not a reply of CloudWatch Logs');
}

/** No limit on the way is below this, so a smaller body cannot be why a connection broke. */
const leastLimitBytes = 256 * 1024;

function byNetwork(failure: Failure, bodyBytes: number): AgentError | undefined {
  const { cause, code, name } = failure;
  // What the SDK says when there is no connection in time. (It gives the same name to errors of the system, which have a code.)
  if (code === '' && name === 'TimeoutError') return retryable(failure, 'OUTPUT_TIMEOUT', 'no connection in time');
  if (!(cause instanceof Error) || code === '') return undefined;
  if (isBroken(cause))
    return new RetryableError('OUTPUT_UNREACHABLE', described('the connection broke', failure), {
      cause,
      brokenWhileSending: bodyBytes >= leastLimitBytes,
    });
  if (/^(?:ERR_TLS|ERR_SSL|EPROTO|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|INVALID_CA|HOSTNAME_)/.test(code))
    return retryable(failure, 'OUTPUT_TLS', 'no TLS (is AWS_CA_BUNDLE or NODE_EXTRA_CA_CERTS missing?)');
  if (code.startsWith('HPE_')) return retryable(failure, 'OUTPUT_INVALID_REPLY', 'the other side does not speak HTTP');
  if (code === 'ETIMEDOUT') return retryable(failure, 'OUTPUT_TIMEOUT', 'no connection in time');
  // Left are the names of system and DNS errors; an ERR_… of Node would be a mistake of ours.
  return code.startsWith('ERR_') ? undefined : retryable(failure, 'OUTPUT_UNREACHABLE', 'no connection');
}

function retryable(failure: Failure, code: ErrorCode, what: string): RetryableError {
  const { cause, retryAfterMs } = failure;
  return new RetryableError(code, described(what, failure), { cause, retryAfterMs });
}

/** First line only: below it, a refused signature's message quotes the signed headers, with the session token among them. */
function described(what: string, { name, message }: Failure): string {
  const said = excerpt(message.split('\n', 1)[0] ?? '');
  return name === '' || name === 'Error' ? `${what} (${said})` : `${what} (${excerpt(name)}: ${said})`;
}

function read(error: unknown): Failure {
  const response = member(error, '$response');
  const status = member(member(error, '$metadata'), 'httpStatusCode') ?? member(response, 'statusCode');
  const wait = textOf(member(member(response, 'headers'), 'retry-after'));
  return {
    cause: error,
    name: textOf(member(error, 'name')),
    // A host with several addresses fails with an AggregateError, which says nothing itself.
    message: textOf(member(error, 'message')) || textOf(member(member(member(error, 'errors'), '0'), 'message')),
    code: textOf(member(error, 'code')),
    status: typeof status === 'number' ? status : undefined,
    replied: response !== undefined,
    retryAfterMs: retryAfter(wait === '' ? undefined : wait, Date.now()),
  };
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
