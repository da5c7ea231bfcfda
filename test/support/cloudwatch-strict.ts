import { isSignedWith, type AwsKey } from './aws-signature.js';
import {
  checkGroupName,
  checkPutLogEvents,
  checkRetention,
  checkStreamName,
  isObject,
  isTooNew,
  isTooOld,
  readPutLogEvents,
  type ApiError,
  type LogEvent,
} from './cloudwatch-rules.js';
import { ScriptedHttp, type Fault, type Received, type Reply } from './scripted-http.js';

export * from './cloudwatch-rules.js';

export interface StrictLogsOptions {
  /** The service's clock. */
  readonly nowMs?: () => number;
  /** When given, every request must be signed with it. */
  readonly key?: AwsKey;
  /** Operations that the role may not do, e.g. `CreateLogGroup`. */
  readonly denied?: readonly string[];
}

interface Group {
  retentionInDays: number | undefined;
  readonly streams: Map<string, LogEvent[]>;
}

/** CloudWatch Logs in memory, with every documented limit: the part of its API that a shipper meets. Its `answer` goes into a `ScriptedHttp`. */
export class StrictLogs {
  readonly groups = new Map<string, Group>();
  /** Operations in the order they came, e.g. `PutLogEvents`. */
  readonly calls: string[] = [];
  /** May be changed while it runs. */
  denied: Set<string>;
  readonly #nowMs: () => number;
  readonly #key: AwsKey | undefined;

  constructor({ nowMs = Date.now, key, denied = [] }: StrictLogsOptions = {}) {
    this.#nowMs = nowMs;
    this.#key = key;
    this.denied = new Set(denied);
  }

  /** Events of a stream in the order stored; [] where there is none. */
  stored(group: string, stream: string): readonly LogEvent[] {
    return this.groups.get(group)?.streams.get(stream) ?? [];
  }

  /** Makes a group and its streams, as an operator would. */
  make(group: string, ...streams: readonly string[]): void {
    const made = this.groups.get(group) ?? { retentionInDays: undefined, streams: new Map<string, LogEvent[]>() };
    this.groups.set(group, made);
    for (const stream of streams) made.streams.set(stream, []);
  }

  readonly answer = (request: Received): Reply => {
    const operation = operationOf(request);
    this.calls.push(operation ?? 'unknown');
    const body = parsed(request.body);
    if (this.#key !== undefined && !isSignedWith(this.#key, request))
      return refusal('InvalidSignatureException', 'The request signature we calculated does not match');
    if (operation === undefined || !isObject(body)) return refusal('SerializationException', 'no JSON object');
    if (this.denied.has(operation))
      return refusal('AccessDeniedException', `not authorized to perform: logs:${operation}`);
    const error = limitError(operation, body, this.#nowMs());
    return error === undefined ? this.#perform(operation, body) : refusal(error.type, error.message);
  };

  #perform(operation: string, body: Readonly<Record<string, unknown>>): Reply {
    const group = this.groups.get(String(body.logGroupName));
    if (operation === 'CreateLogGroup') {
      if (group !== undefined)
        return refusal('ResourceAlreadyExistsException', 'The specified log group already exists');
      this.make(String(body.logGroupName));
      return success({});
    }
    if (group === undefined) return refusal('ResourceNotFoundException', 'The specified log group does not exist.');
    switch (operation) {
      case 'PutRetentionPolicy':
        group.retentionInDays = Number(body.retentionInDays);
        return success({});
      case 'CreateLogStream':
        if (group.streams.has(String(body.logStreamName)))
          return refusal('ResourceAlreadyExistsException', 'The specified log stream already exists');
        group.streams.set(String(body.logStreamName), []);
        return success({});
      case 'PutLogEvents':
        return this.#put(group, body);
      default:
        return refusal('UnknownOperationException', operation);
    }
  }

  #put(group: Group, body: Readonly<Record<string, unknown>>): Reply {
    const stream = group.streams.get(String(body.logStreamName));
    if (stream === undefined) return refusal('ResourceNotFoundException', 'The specified log stream does not exist.');
    const nowMs = this.#nowMs();
    const events = readPutLogEvents(body)?.events ?? [];
    const retentionMs = (group.retentionInDays ?? Number.POSITIVE_INFINITY) * 86_400_000;
    const tooOld = events.filter(({ timestamp }) => isTooOld(timestamp, nowMs)).length;
    const expired = events.filter(({ timestamp }) => timestamp < nowMs - retentionMs).length;
    const tooNew = events.filter(({ timestamp }) => isTooNew(timestamp, nowMs)).length;
    stream.push(...events.slice(Math.max(tooOld, expired), events.length - tooNew));
    const info = {
      ...(tooOld === 0 ? {} : { tooOldLogEventEndIndex: tooOld }),
      ...(expired <= tooOld ? {} : { expiredLogEventEndIndex: expired }),
      ...(tooNew === 0 ? {} : { tooNewLogEventStartIndex: events.length - tooNew }),
    };
    return success({
      nextSequenceToken: '49653081354842148721',
      ...(Object.keys(info).length === 0 ? {} : { rejectedLogEventsInfo: info }),
    });
  }
}

/**
 * The same checks in front of another server (moto), which gets only what the real service would take. `http.next(throttling)` injects a fault.
 * What was refused is kept, with its reason, so that a test can say that nothing was.
 */
export class StrictProxy implements AsyncDisposable {
  readonly refused: ApiError[] = [];
  readonly calls: string[] = [];

  static async start(upstream: string): Promise<StrictProxy> {
    const proxy: StrictProxy = new StrictProxy(
      await ScriptedHttp.start({ answer: (request) => proxy.#answer(request) }),
      upstream,
    );
    return proxy;
  }

  private constructor(
    readonly http: ScriptedHttp,
    private readonly upstream: string,
  ) {}

  get url(): string {
    return this.http.url;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.http[Symbol.asyncDispose]();
  }

  async #answer(request: Received): Promise<Reply> {
    const operation = operationOf(request);
    this.calls.push(operation ?? 'unknown');
    const body = operation === undefined ? undefined : parsed(request.body);
    const error = operation === undefined ? undefined : limitError(operation, isObject(body) ? body : {}, Date.now());
    if (error !== undefined) {
      this.refused.push(error);
      return refusal(error.type, error.message);
    }
    const headers = Object.entries(request.headers).filter(
      ([name]) => !/^(host|connection|content-length)$/.test(name),
    );
    const reply = await fetch(new URL(request.url, this.upstream), {
      method: request.method,
      headers: headers.map(([name, value]) => [name, String(value)] as [string, string]),
      ...(request.method === 'GET' ? {} : { body: request.body }),
      signal: AbortSignal.timeout(30_000),
    });
    const type = reply.headers.get('content-type') ?? 'application/x-amz-json-1.1';
    return { status: reply.status, headers: { 'content-type': type }, body: Buffer.from(await reply.arrayBuffer()) };
  }
}

/** What the service answers to an error: 400 and a type, whatever it is. */
export function refusal(type: string, message: string): Reply {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': type };
  return { status: 400, headers, body: JSON.stringify({ __type: type, message }) };
}

export const throttling: Fault = { kind: 'reply', ...refusal('ThrottlingException', 'Rate exceeded') };

function success(body: object): Reply {
  return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(body) };
}

function operationOf({ headers }: Received): string | undefined {
  return /^Logs_20140328\.(\w+)$/.exec(String(headers['x-amz-target']))?.[1];
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** The documented limits of each operation. */
function limitError(operation: string, body: Readonly<Record<string, unknown>>, nowMs: number): ApiError | undefined {
  switch (operation) {
    case 'PutLogEvents':
      return checkPutLogEvents(body, nowMs);
    case 'CreateLogStream':
      return checkGroupName(body.logGroupName) ?? checkStreamName(body.logStreamName);
    case 'CreateLogGroup':
      return checkGroupName(body.logGroupName);
    case 'PutRetentionPolicy':
      return checkGroupName(body.logGroupName) ?? checkRetention(body.retentionInDays);
    default:
      return undefined;
  }
}
