/** Every code a user may meet in `/health`, logs, dead letters and messages. `docs/errors.md` explains each; a test compares the lists. */
export const errorCodes = [
  'CONFIG_INVALID',
  'STATE_LOCKED',
  'STATE_NOT_DURABLE',
  'STATE_REBUILT',
  'LISTEN_FAILED',
  'CONTROL_FAILED',
  'WATCH_DEGRADED',
  'FILE_REFUSED',
  'FILE_UNREADABLE',
  'FILE_NOT_REMOVED',
  'VOLUME_FILLING',
  'PIN_FAILED',
  'BYTES_DROPPED',
  'DEAD_LETTERS_BLOCKED',
  'OUTPUT_AUTH',
  'OUTPUT_BUSY',
  'OUTPUT_INVALID_REPLY',
  'OUTPUT_NOT_FOUND',
  'OUTPUT_REDIRECT',
  'OUTPUT_REFUSED',
  'OUTPUT_SERVER_ERROR',
  'OUTPUT_TIMEOUT',
  'OUTPUT_TLS',
  'OUTPUT_TLS_UNVERIFIED',
  'OUTPUT_TOO_LARGE',
  'OUTPUT_UNREACHABLE',
  'OUTPUT_UNWRITABLE',
  'RECORD_EXPIRED',
  'RECORD_REFUSED',
  'RECORD_TOO_LARGE',
  'RECORD_TOO_NEW',
  'RECORD_TOO_OLD',
  'INTERNAL',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** Callers branch on the class or on `code`, never on the message. No secret enters a message. */
export class AgentError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** The same bytes may succeed later: the output is at fault, not the records. Retried for ever. */
export class RetryableError extends AgentError {
  /** The destination's wish (Retry-After), in ms; the backoff never waits less. */
  readonly retryAfterMs: number | undefined;
  /** True when the connection broke while the body was being sent: twice on one body counts as 413. */
  readonly brokenWhileSending: boolean;
  constructor(
    code: ErrorCode,
    message: string,
    options: ErrorOptions & { retryAfterMs?: number | undefined; brokenWhileSending?: boolean } = {},
  ) {
    super(code, message, options);
    this.retryAfterMs = options.retryAfterMs;
    this.brokenWhileSending = options.brokenWhileSending ?? false;
  }
}

/** This body never will succeed (400, 413, 422): it is halved, and a record refused alone is dead-lettered. */
export class PermanentError extends AgentError {}

/** The body is too large (413): a PermanentError that also lowers the lane's batch limit for good. */
export class TooLargeError extends PermanentError {
  constructor(message: string, options: ErrorOptions = {}) {
    super('OUTPUT_TOO_LARGE', message, options);
  }
}

/**
 * The reader of an output that cannot be opened again (stdout) has gone away. Neither the records nor a retry is to blame: the output is over. The
 * agent commits what was acknowledged, stops and exits 0, as a program in a pipe does.
 */
export class OutputClosedError extends AgentError {
  constructor(message: string, options: ErrorOptions = {}) {
    super('OUTPUT_UNREACHABLE', message, options);
  }
}

/** One thing wrong with the configuration: which setting, what is wrong with its value, and what to do. */
export interface ConfigProblem {
  /** The variable or YAML place, e.g. `PANNIER_DRAIN_TIMEOUT` or `pannier.yaml:4:3 outputs.es.url`. */
  readonly where: string;
  readonly problem: string;
  readonly suggestion?: string | undefined;
}

/** Stop before the first read (exit 78), with every problem listed. */
export class ConfigError extends AgentError {
  readonly problems: readonly ConfigProblem[];
  constructor(problems: readonly ConfigProblem[]) {
    super('CONFIG_INVALID', ConfigError.describe(problems));
    this.problems = problems;
  }

  private static describe(problems: readonly ConfigProblem[]): string {
    const lines = problems.map(
      ({ where, problem, suggestion }) => `  ${where}: ${problem}${suggestion === undefined ? '' : ` (${suggestion})`}`,
    );
    return `the configuration has ${problems.length} problem${problems.length === 1 ? '' : 's'}:\n${lines.join('\n')}`;
  }
}

/** 400: the request makes no sense; 404: what it names is not there; 409: it can't be done now; 413: too much. */
export type ControlCode = 400 | 404 | 405 | 409 | 413 | 500 | 503;

/** A refusal for the caller, in words for a person: what is wrong and what to do. */
export class ControlError extends Error {
  override readonly name = 'ControlError';

  constructor(
    readonly code: ControlCode,
    message: string,
  ) {
    super(message);
  }
}
