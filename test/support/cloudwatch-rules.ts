/** The documented limits of CloudWatch Logs, those included that a lenient server does not enforce: pure, no sockets. Numbers of their own, not the product's. */

/** An error as the service answers it, with status 400. */
export interface ApiError {
  readonly type: string;
  readonly message: string;
}

export interface LogEvent {
  readonly timestamp: number;
  readonly message: string;
}

export interface PutLogEvents {
  readonly group: string;
  readonly stream: string;
  readonly events: readonly LogEvent[];
}

const day = 86_400_000;
const maxEvents = 10_000;
const maxBytes = 1_048_576;
const overhead = 26;
const retentions = new Set([
  ...[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731],
  ...[1096, 1827, 2192, 2557, 2922, 3288, 3653],
]);

/** What is wrong with the body of a PutLogEvents request; undefined when the service would take it. `nowMs`: the service's clock. */
export function checkPutLogEvents(body: unknown, nowMs: number = Date.now()): ApiError | undefined {
  const request = readPutLogEvents(body);
  if (request === undefined)
    return { type: 'SerializationException', message: 'the request has not the form of PutLogEvents' };
  const { group, stream, events } = request;
  return checkGroupName(group) ?? checkStreamName(stream) ?? checkEvents(events, nowMs);
}

/** Undefined when `body` has not the form of the request. */
export function readPutLogEvents(body: unknown): PutLogEvents | undefined {
  if (!isObject(body) || !Array.isArray(body.logEvents)) return undefined;
  const { logGroupName: group, logStreamName: stream } = body;
  const all: readonly unknown[] = body.logEvents;
  const events = all.filter(isEvent);
  if (typeof group !== 'string' || typeof stream !== 'string' || events.length < all.length) return undefined;
  return { group, stream, events };
}

function isEvent(value: unknown): value is LogEvent {
  if (!isObject(value) || Object.keys(value).length !== 2) return false;
  return Number.isSafeInteger(value.timestamp) && typeof value.message === 'string';
}

function checkEvents(events: readonly LogEvent[], nowMs: number): ApiError | undefined {
  if (events.length === 0) return invalid("Value '[]' at 'logEvents' failed to satisfy constraint: at least 1 item");
  if (events.length > maxEvents)
    return invalid(`Value at 'logEvents' has ${events.length} items, at most ${maxEvents}`);
  if (events.some(({ timestamp }) => timestamp < 0)) return invalid("Value at 'timestamp' must be at least 0");
  if (events.some(({ message }) => message === '')) return invalid('Log event message must not be empty');
  const sizes = events.map(({ message }) => Buffer.byteLength(message) + overhead);
  const largest = Math.max(...sizes);
  if (largest > maxBytes) return invalid(`Log event too large: ${largest} bytes exceeds limit of ${maxBytes}`);
  const sum = sizes.reduce((total, size) => total + size, 0);
  if (sum > maxBytes) return invalid(`Upload too large: ${sum} bytes exceeds limit of ${maxBytes}`);
  if (events.some(({ timestamp }, i) => timestamp < (events[i - 1]?.timestamp ?? 0)))
    return invalid('Log events in a single PutLogEvents request must be in chronological order.');
  const valid = events
    .map(({ timestamp }) => timestamp)
    .filter((time) => !isTooOld(time, nowMs) && !isTooNew(time, nowMs));
  if ((valid.at(-1) ?? 0) - (valid[0] ?? 0) > day)
    return invalid('The batch of log events in a single PutLogEvents request cannot span more than 24 hours.');
  return undefined;
}

export const isTooOld = (timeMs: number, nowMs: number): boolean => timeMs < nowMs - 14 * day;
export const isTooNew = (timeMs: number, nowMs: number): boolean => timeMs > nowMs + day / 12;

export function checkGroupName(name: unknown): ApiError | undefined {
  if (typeof name === 'string' && /^[.\-_/#A-Za-z0-9]{1,512}$/.test(name) && !name.startsWith('aws/')) return undefined;
  return invalid(
    `1 validation error detected: Value at 'logGroupName' failed to satisfy constraint: pattern or length`,
  );
}

export function checkStreamName(name: unknown): ApiError | undefined {
  if (typeof name === 'string' && /^[^:*]{1,512}$/.test(name)) return undefined;
  return invalid(
    `1 validation error detected: Value at 'logStreamName' failed to satisfy constraint: pattern or length`,
  );
}

export function checkRetention(days: unknown): ApiError | undefined {
  return typeof days === 'number' && retentions.has(days)
    ? undefined
    : invalid("Value at 'retentionInDays' is not one of the list");
}

const invalid = (message: string): ApiError => ({ type: 'InvalidParameterException', message });

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
