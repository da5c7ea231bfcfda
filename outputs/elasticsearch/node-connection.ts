import {
  BaseConnection,
  ClusterConnectionPool,
  type ConnectionOptions,
  type ConnectionRequestOptions,
  type ConnectionRequestOptionsAsStream,
  type ConnectionRequestParams,
  type ConnectionRequestResponse,
  type ConnectionRequestResponseAsStream,
  errors,
} from '@elastic/transport';
import { HttpClient, type HttpClientOptions, type HttpReply, type HttpRequest } from '../http-client.js';

/**
 * One request's way around the client: what came of it, whole. It travels in the request's `context`, because the client would hand on
 * neither the code of a connection's error nor an unparsed body.
 */
export class Attempt {
  reply: HttpReply | undefined;
  failure: unknown;
  constructor(readonly maxReplyBytes: number) {}
}

/**
 * The client's connection to a node, over our own `HttpClient`. The client's two connections lose the codes of errors, do not bound the time of
 * a reply that trickles, and wait a second and more when closed with a request under way.
 */
export function nodeConnection(
  http: Omit<HttpClientOptions, 'url' | 'proxy'>,
  proxyOf: (url: URL) => URL | undefined,
): typeof BaseConnection {
  return class NodeConnection extends BaseConnection {
    readonly #http: HttpClient;

    constructor(options: ConnectionOptions) {
      super(options);
      this.#http = new HttpClient({ ...http, url: this.url, proxy: proxyOf(this.url) });
    }

    override request(
      params: ConnectionRequestParams,
      options: ConnectionRequestOptions,
    ): Promise<ConnectionRequestResponse>;
    override request(
      params: ConnectionRequestParams,
      options: ConnectionRequestOptionsAsStream,
    ): Promise<ConnectionRequestResponseAsStream>;
    override async request(
      params: ConnectionRequestParams,
      options: ConnectionRequestOptions,
    ): Promise<ConnectionRequestResponse | ConnectionRequestResponseAsStream> {
      const attempt = attemptOf(options.context) ?? new Attempt(pingReplyBytes);
      try {
        attempt.reply = await this.#http.exchange(this.#exchange(params, attempt), options.signal);
      } catch (error) {
        attempt.failure = error;
        // By these two names the client decides whether the node is dead.
        const message = error instanceof Error ? error.message : String(error);
        if (options.signal?.aborted === true) throw new errors.RequestAbortedError(message);
        throw new errors.ConnectionError(message);
      }
      // The client looks at the status and for the product; an empty body is not parsed.
      const { status, headers } = attempt.reply;
      return { statusCode: status, headers: pick(headers, 'x-elastic-product'), body: '' };
    }

    override close(): Promise<void> {
      this.#http[Symbol.dispose]();
      return Promise.resolve();
    }

    #exchange(
      { method, path, querystring = '', headers = {}, body }: ConnectionRequestParams,
      attempt: Attempt,
    ): HttpRequest {
      const search = querystring === '' ? '' : `?${querystring}`;
      const buffer = typeof body === 'string' ? Buffer.from(body) : Buffer.isBuffer(body) ? body : undefined;
      return {
        method: methodOf(method),
        path: `${this.url.pathname.replace(/\/$/, '')}${path}${search}`,
        headers: textHeaders(this.headers, headers),
        maxReplyBytes: attempt.maxReplyBytes,
        statusIsEnough: false,
        ...(buffer === undefined ? {} : { body: buffer }),
      };
    }
  };
}

/** The answer to the client's own question whether a dead node is back. */
const pingReplyBytes = 64 * 1024;

/** The client's type of a context is `any`. */
function attemptOf(context: unknown): Attempt | undefined {
  const isOurs = typeof context === 'object' && context !== null && 'attempt' in context;
  return isOurs && context.attempt instanceof Attempt ? context.attempt : undefined;
}

const methodOf = (method: string) => (method === 'POST' ? 'POST' : method === 'HEAD' ? 'HEAD' : 'GET');

const pick = (headers: Headers, name: string) => (headers[name] === undefined ? {} : { [name]: headers[name] });

type Headers = NonNullable<ConnectionOptions['headers']>;

/** The connection's own headers, and over them those of the request. */
function textHeaders(own: Headers, given: Headers): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const headers of [own, given])
    for (const [name, value] of Object.entries(headers)) if (typeof value === 'string') texts[name] = value;
  return texts;
}

/**
 * Leaves dead nodes out and asks them now and then whether they are back (60 s after the first failure, then ever more rarely), apart from real
 * requests. Only of use to the pool that still has the node: when the output is closed while such a question is under way, the client's own
 * `markDead` would fail on a node that is gone, with nobody to catch it.
 */
export class NodePool extends ClusterConnectionPool {
  override markDead(connection: BaseConnection): this {
    return this.connections.includes(connection) ? super.markDead(connection) : this;
  }
}
