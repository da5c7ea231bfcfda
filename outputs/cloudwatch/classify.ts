import { AgentError, PermanentError, RetryableError, TooLargeError, type ErrorCode } from '../../src/types/errors.js';

/** What is known of a failed request: the SDK's error, whatever it is. Every member may come from a server or a proxy. */
interface Failure {
  readonly name: string;
  readonly message: string;
  /** Code of a system or TLS error. */
  readonly code: string;
  readonly status: number | undefined;
  /** There was a reply. */
  readonly replied: boolean;
  readonly retryAfter: string;
}

/**
 * What a failed request to CloudWatch Logs means. AWS answers nearly everything with 400 and a type, so the type decides, then the status. Pure.
 * Only a parameter that is wrong in the events judges records; all else is a fault of the output. Undefined: none of AWS's or the network's errors.
 * Source: API reference, "Common Errors" and PutLogEvents, "Errors".
 */
export function classifyFailure(error: unknown): AgentError | undefined {
  if (error instanceof AgentError) return error;
  const failure = read(error);
  const { name, status } = failure;
  if (throttled.has(name) || status === 429) return retryable(failure, 'OUTPUT_BUSY', 'throttled by CloudWatch Logs');
  if (unavailable.has(name) || status === 503)
    return retryable(failure, 'OUTPUT_BUSY', 'CloudWatch Logs is not available');
  if (name === 'ResourceNotFoundException')
    return retryable(failure, 'OUTPUT_NOT_FOUND', 'log group or stream not found');
  if (badCredentials.has(name)) return retryable(failure, 'OUTPUT_AUTH', credentialsHint(name));
  if (name === 'InvalidParameterException') return invalidParameter(failure, error);
  if (status === 413 || name === 'RequestEntityTooLargeException')
    return new TooLargeError(described('the request is too large', failure), { cause: error });
  if (judgesRecords.has(name))
    return new PermanentError('RECORD_REFUSED', described('refused', failure), { cause: error });
  return byStatus(failure, error) ?? byNetwork(failure, error);
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

function invalidParameter(failure: Failure, cause: unknown): AgentError {
  // AWS has one type for a bad event and for a bad name, and only its text tells them apart. A bad name must not empty a backlog into dead letters.
  if (/logGroupName|logStreamName/.test(failure.message))
    return retryable(failure, 'OUTPUT_REFUSED', 'the name of the log group or stream was refused', cause);
  if (/^upload too large/i.test(failure.message))
    return new TooLargeError(described('the batch is too large', failure), { cause });
  return new PermanentError('RECORD_REFUSED', described('refused', failure), { cause });
}

function byStatus(failure: Failure, cause: unknown): AgentError | undefined {
  const { status } = failure;
  if (!failure.replied && status === undefined) return undefined;
  if (status !== undefined && status >= 500)
    return retryable(failure, 'OUTPUT_SERVER_ERROR', `status ${status}`, cause);
  if (status === 401 || status === 403) return retryable(failure, 'OUTPUT_AUTH', `status ${status}`, cause);
  if (status === 404) return retryable(failure, 'OUTPUT_NOT_FOUND', 'status 404: is AWS_ENDPOINT_URL right?', cause);
  if (status !== undefined && status >= 300 && status < 400)
    return retryable(failure, 'OUTPUT_REDIRECT', `status ${status}: redirects are not followed`, cause);
  if (status !== undefined && status >= 400) return retryable(failure, 'OUTPUT_REFUSED', `status ${status}`, cause);
  return retryable(failure, 'OUTPUT_INVALID_REPLY', 'the reply is not that of CloudWatch Logs', cause);
}

const unreachable = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EHOSTDOWN', 'ENETDOWN'],
  ...['EADDRNOTAVAIL', 'EPROTO', 'ECONNABORTED'],
]);
const broken = new Set(['ECONNRESET', 'EPIPE']);

function byNetwork(failure: Failure, cause: unknown): AgentError | undefined {
  const { code, name } = failure;
  if (broken.has(code))
    return new RetryableError('OUTPUT_UNREACHABLE', described('the connection broke', failure), {
      cause,
      brokenWhileSending: true,
    });
  if (name === 'TimeoutError') return retryable(failure, 'OUTPUT_TIMEOUT', 'no answer in time', cause);
  if (unreachable.has(code)) return retryable(failure, 'OUTPUT_UNREACHABLE', 'no connection', cause);
  if (/^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO)/.test(code))
    return retryable(failure, 'OUTPUT_TLS', 'the certificate is not trusted: see NODE_EXTRA_CA_CERTS', cause);
  return undefined;
}

function retryable(failure: Failure, code: ErrorCode, what: string, cause?: unknown): RetryableError {
  return new RetryableError(code, described(what, failure), { cause, retryAfterMs: retryAfterMs(failure.retryAfter) });
}

/** First line only: below it, a refused signature's message quotes the signed headers, with the session token among them. */
function described(what: string, { name, message }: Failure): string {
  const said = (message.split('\n', 1)[0] ?? '').replace(/\p{Cc}/gu, ' ').slice(0, 300);
  const type = name === '' || name === 'Error' ? '' : `${name.replace(/[^\w.-]/g, '').slice(0, 80)}: `;
  return `${what} (${type}${said})`;
}

/** Seconds; AWS sends none, a proxy in front of it may. */
function retryAfterMs(value: string): number | undefined {
  return /^\d{1,6}$/.test(value) ? Number(value) * 1000 : undefined;
}

function read(error: unknown): Failure {
  const response = member(error, '$response');
  const status = member(member(error, '$metadata'), 'httpStatusCode') ?? member(response, 'statusCode');
  return {
    name: textOf(member(error, 'name')),
    // A host with several addresses fails with an AggregateError, which says nothing itself.
    message: textOf(member(error, 'message')) || textOf(member(member(member(error, 'errors'), '0'), 'message')),
    code: textOf(member(error, 'code')),
    status: typeof status === 'number' ? status : undefined,
    replied: response !== undefined,
    retryAfter: textOf(member(member(response, 'headers'), 'retry-after')),
  };
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
