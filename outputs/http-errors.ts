import type { IncomingHttpHeaders } from 'node:http';
import { type AgentError, type ErrorCode, PermanentError, RetryableError, TooLargeError } from '../src/types/errors.js';

/** A reply as far as its classification needs it. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** What the destination says, already short and free of secrets (`excerpt`); '' for nothing. */
  readonly says: string;
}

/** Whom the messages name. */
export interface Destination {
  /** `host:port` */
  readonly host: string;
  /** Setting that holds the credentials, e.g. `PANNIER_HTTP_HEADERS`. */
  readonly credentials: string;
}

/**
 * What a status other than 2xx means (contract, "What an answer means, for every output"): 400, 413 and 422 judge the body, everything else is a
 * fault of the output.
 */
export function statusError(answer: Answer, { host, credentials }: Destination, nowMs: number): AgentError {
  const { status, headers } = answer;
  const said = `${host} answered ${status}${answer.says === '' ? '' : `: ${answer.says}`}`;
  if (status === 413) return new TooLargeError(said);
  if (status === 400 && wrongScheme.test(answer.says))
    return new RetryableError('OUTPUT_TLS', `${said}; look at the URL`);
  if (status === 400 || status === 422) return new PermanentError('RECORD_REFUSED', said);
  const retryAfterMs = retryAfter(headers['retry-after'], nowMs);
  const retry = (code: ErrorCode, hint = '') => new RetryableError(code, `${said}${hint}`, { retryAfterMs });
  if (status === 401 || status === 403) return retry('OUTPUT_AUTH', `; look at ${credentials}`);
  if (status === 407) return retry('OUTPUT_AUTH', '; the proxy wants credentials in HTTPS_PROXY');
  if (status === 404 || status === 410) return retry('OUTPUT_NOT_FOUND', '; look at the URL');
  if (status === 408) return retry('OUTPUT_TIMEOUT');
  if (status === 429 || status === 503) return retry('OUTPUT_BUSY');
  if (status >= 500) return retry('OUTPUT_SERVER_ERROR');
  if (status >= 300 && status < 400)
    return retry('OUTPUT_REDIRECT', `; it points to ${target(headers.location)}, and redirects are not followed`);
  return retry(status >= 400 ? 'OUTPUT_REFUSED' : 'OUTPUT_INVALID_REPLY');
}

/**
 * A web server's 400 for a connection, not for a body: nginx and Go's net/http, spoken to without TLS or without a client certificate. To take it for
 * a judgement of records would put all of them into dead letters.
 */
const wrongScheme =
  /plain HTTP request was sent to HTTPS port|HTTP request to an HTTPS server|required SSL certificate|SSL certificate error/i;

/** Scheme and host only: the rest of a Location may hold a token. */
function target(location: string | undefined): string {
  return location !== undefined && URL.canParse(location) ? new URL(location).origin : 'another path';
}

/** `Retry-After` in ms from `nowMs`: seconds or an HTTP date (RFC 9110, 10.2.3); undefined when there is none or it is no good. */
export function retryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

const excerptCharacters = 300;

/** The beginning of what a server says, on one line, with `secrets` masked: some servers and proxies repeat the request. */
export function excerpt(text: string, secrets: readonly string[] = []): string {
  // Cut only after masking, but far enough from the cut that no secret is halved by it.
  const longest = Math.max(0, ...secrets.map((secret) => secret.length));
  let near = text.slice(0, excerptCharacters + longest);
  for (const secret of secrets) if (secret.length >= 4) near = near.replaceAll(secret, '***');
  return near
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\s]+/gu, ' ')
    .trim()
    .slice(0, excerptCharacters);
}

/**
 * An error of node's http, tls or dns as ours. `brokenWhileSending`: the connection broke, and the body may be why.
 */
export function connectionError(error: Error, url: URL, brokenWhileSending: boolean): RetryableError {
  if (error instanceof RetryableError) return error;
  const code = codeOf(error);
  const what = describe(error, code);
  if (isTls(code))
    return new RetryableError('OUTPUT_TLS', `${url.host}: ${what}${tlsHint(code, what)}`, { cause: error });
  if (code.startsWith('HPE_'))
    return new RetryableError('OUTPUT_INVALID_REPLY', `${url.host} does not speak ${scheme(url)}: ${what}`, {
      cause: error,
    });
  const broken = brokenWhileSending && isBroken(error);
  return new RetryableError('OUTPUT_UNREACHABLE', `${url.host}: ${what}`, { cause: error, brokenWhileSending: broken });
}

/** The connection was there, and broke. */
export const isBroken = (error: Error): boolean => ['ECONNRESET', 'EPIPE', 'ECONNABORTED'].includes(codeOf(error));

const scheme = (url: URL) => (url.protocol === 'https:' ? 'HTTPS' : 'HTTP');

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** An AggregateError (all addresses of a name failed) has no message of its own. */
function describe(error: Error, code: string): string {
  const own =
    error instanceof AggregateError
      ? error.errors.map((each) => (each instanceof Error ? each.message : '')).join('; ')
      : error.message;
  return excerpt(own === '' ? code : own);
}

/** Names of X.509 verification errors: node:tls, "X509 certificate error codes"; other TLS failures begin with ERR_TLS, ERR_SSL or are EPROTO. */
function isTls(code: string): boolean {
  return /^(?:ERR_TLS|ERR_SSL|EPROTO|CERT_|CRL_|UNABLE_TO_|ERROR_IN_C|DEPTH_ZERO|SELF_SIGNED|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|PATH_LENGTH)/.test(
    code,
  );
}

/** A hint may look at the text as well: what OpenSSL says while a body is being written comes as EPROTO, with its own words in the message only. */
function tlsHint(code: string, what: string): string {
  if (/^(?:UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|CERT_UNTRUSTED)/.test(code))
    return '; the certificate is not from an authority that is known here: set CA_FILE to the one that signed it';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return '; the certificate is for another name than the URL says';
  if (/ALERT_CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE|UNKNOWN_CA/.test(code))
    return '; the server may want a client certificate: see CERT_FILE and KEY_FILE';
  if (/WRONG_VERSION|PACKET_LENGTH|HTTP_REQUEST/.test(code) || what.includes('wrong version number'))
    return '; the server may not speak TLS on this port: try http';
  return '';
}
