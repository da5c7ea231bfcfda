import { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { RetryableError } from '../src/types/errors.js';
import { connectionError, isBroken } from './http-errors.js';
import { type OpenExchange, OpenExchanges } from './open-exchanges.js';
import { type KeptAgent, keptAgent, type TlsFiles } from './tls.js';

export interface HttpClientOptions {
  /** Scheme, host and port count; its path is the caller's business. Credentials in it are not used here. */
  readonly url: URL;
  readonly tls: TlsFiles;
  /** See `proxyFor`; undefined: straight. */
  readonly proxy: URL | undefined;
  /** Most sockets at once. */
  readonly connections: number;
  /**
   * From the start of a request until there is a connection, TLS included. A packet filter that drops packets without an answer would otherwise cost the
   * whole request timeout of each attempt.
   */
  readonly connectTimeoutMs: number;
  /** From the start of a request to the last byte of its reply. */
  readonly requestTimeoutMs: number;
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST';
  /** Path with query, percent-encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as it is, uncopied: not to be changed until the promise has settled. */
  readonly body?: Buffer;
  /** A longer reply ends the exchange. */
  readonly maxReplyBytes: number;
  /** True: a 2xx status is success whatever comes of the reply's body, which is read only to keep the connection. */
  readonly statusIsEnough: boolean;
}

export interface HttpReply {
  /** Who answered, `host:port`. */
  readonly host: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/**
 * One host, spoken to over kept connections: one exchange per call, without retries, redirects or unpacking. What may be waited for and kept in
 * memory is bounded, and every failure is a RetryableError that says whether the connection broke while the body was being sent.
 */
export class HttpClient implements Disposable {
  readonly host: string;
  readonly #options: HttpClientOptions;
  readonly #agent: KeptAgent;
  readonly #where: { readonly agent: KeptAgent; readonly host: string; readonly port: string | undefined };
  readonly #open = new OpenExchanges();

  constructor(options: HttpClientOptions) {
    this.#options = options;
    this.host = options.url.host;
    this.#agent = keptAgent(options.url, options.tls, options.connections, options.proxy);
    const { hostname, port } = options.url;
    this.#where = {
      agent: this.#agent,
      host: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: port === '' ? undefined : port,
    };
  }

  /**
   * @throws RetryableError when there was no whole reply, whatever the reason
   * @throws the signal's reason when it is aborted
   */
  async exchange(request: HttpRequest, signal: AbortSignal | undefined): Promise<HttpReply> {
    for (let stale = 0; ; stale++) {
      try {
        return await this.#attempt(request, signal, stale < this.#options.connections);
      } catch (error) {
        // It took one kept connection out of the pool; when all are gone, a new one is made.
        if (!(error instanceof StaleConnection)) throw error;
      }
    }
  }

  /** Ends what is under way and closes the kept connections. */
  [Symbol.dispose](): void {
    this.#open.failAll(new RetryableError('OUTPUT_UNREACHABLE', `${this.host}: the output is being closed`));
    this.#agent.destroy();
  }

  #attempt(request: HttpRequest, signal: AbortSignal | undefined, mayBeStale: boolean): Promise<HttpReply> {
    signal?.throwIfAborted();
    const { url, requestTimeoutMs, connectTimeoutMs } = this.#options;
    const isTls = url.protocol === 'https:';
    return new Promise((resolve, reject) => {
      const started = this.#start(request, isTls);
      const state: State = { connected: false, reused: false, answered: false };

      const end = (settle: () => void) => {
        clearTimeout(deadline);
        clearTimeout(connecting);
        this.#open.remove(open);
        settle();
      };
      const fail = (error: unknown) => {
        end(() => reject(error instanceof Error ? error : new Error(String(error))));
        // Closes the socket at once, so nothing of the body is read after the promise has settled.
        started.destroy();
      };
      const late = (what: string, ms: number) =>
        fail(new RetryableError('OUTPUT_TIMEOUT', `${url.host}: ${what} within ${ms / 1000} s`));
      const open: OpenExchange = { signal, fail };

      const deadline = setTimeout(() => late('no answer', requestTimeoutMs), requestTimeoutMs);
      const connecting = setTimeout(() => late('no connection', connectTimeoutMs), connectTimeoutMs);
      this.#open.add(open);

      started.on('error', (error) => {
        const stale = mayBeStale && state.reused && !state.answered && isBroken(error);
        fail(stale ? new StaleConnection() : connectionError(error, url, brokenBySize(state, request)));
      });
      started.once('socket', (socket) => {
        onConnected(socket, () => {
          clearTimeout(connecting);
          state.connected = true;
          state.reused = started.reusedSocket;
        });
        if (!isTls) return;
        // What comes in pieces at once, node's TLS first puts together in memory that it takes for this: so the head goes alone, then the body.
        started.flushHeaders();
        started.end(request.body);
      });
      started.once('response', (response) => {
        state.answered = true;
        // From here on only the body is missing, and `bodyOf` does not wait long for one that nobody needs.
        if (request.statusIsEnough && isSuccess(response) && started.writableFinished) clearTimeout(deadline);
        bodyOf(response, request, this.host).then(
          (body) => afterBody(started, response, () => end(() => resolve(reply(this.host, response, body)))),
          fail,
        );
      });
      if (!isTls) started.end(request.body);
    });
  }

  #start({ method, path, headers, body }: HttpRequest, isTls: boolean): ClientRequest {
    const sized = body === undefined ? headers : { ...headers, 'content-length': String(body.length) };
    return (isTls ? tlsRequest : plainRequest)({ ...this.#where, method, path, headers: sized });
  }
}

/**
 * A kept connection broke before it gave an answer: most likely the other side, or a load balancer in between, had closed it for its age just as the
 * request left. That is no failure of the destination (node:http, `request.reusedSocket`).
 */
class StaleConnection extends Error {}

interface State {
  connected: boolean;
  reused: boolean;
  answered: boolean;
}

/** No server's limit is below this, so a smaller body cannot be why a connection broke. */
const leastLimitBytes = 256 * 1024;

/**
 * Some servers (Elasticsearch above http.max_content_length, many proxies) close the connection on a body that is too large, without an answer.
 * That is only believed of a fresh connection: a kept one may have been closed by the other side for its age.
 */
function brokenBySize({ connected, reused, answered }: State, { body }: HttpRequest): boolean {
  return connected && !reused && !answered && (body?.length ?? 0) >= leastLimitBytes;
}

function onConnected(socket: Socket, connected: () => void): void {
  if (!socket.connecting && !(socket instanceof TLSSocket && socket.getProtocol() === null)) connected();
  else socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', connected);
}

/** How long a body that nobody needs may take; then the connection is given up, not the success. */
const patienceMs = 1000;

const isSuccess = ({ statusCode = 0 }: IncomingMessage) => statusCode >= 200 && statusCode < 300;

/** The body as text. @throws RetryableError when it is needed, and too long or ends before its end. */
function bodyOf(response: IncomingMessage, request: HttpRequest, host: string): Promise<string> {
  const isNeeded = !request.statusIsEnough || !isSuccess(response);
  const { maxReplyBytes } = request;
  // By events: an iterator of the stream costs more than all else that is done with a reply.
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let isOver = false;
    const patience = isNeeded ? undefined : setTimeout(() => end(''), patienceMs).unref();
    const end = (body: string | RetryableError) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(patience);
      if (typeof body === 'string') resolve(body);
      else if (isNeeded) reject(body);
      else resolve('');
    };
    const tooLong = () =>
      end(new RetryableError('OUTPUT_INVALID_REPLY', `${host}: the answer is longer than ${maxReplyBytes} bytes`));
    if (Number(response.headers['content-length'] ?? 0) > maxReplyBytes) return tooLong();
    response.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxReplyBytes) return void chunks.push(chunk);
      tooLong();
      // What is left unread would be taken for the beginning of the next reply.
      response.destroy();
    });
    const broken = (cause?: Error) =>
      end(new RetryableError('OUTPUT_UNREACHABLE', `${host}: the connection broke within the answer`, { cause }));
    response.once('error', broken);
    response.once('end', () => end(textOf(chunks)));
    // Also comes after the end, when the error would be made for nothing.
    response.once('close', () => (isOver ? undefined : broken()));
  });
}

/** A reply that is all there in one piece, as nearly all are, is not copied. */
const textOf = (chunks: readonly Buffer[]) =>
  (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString('utf8');

const reply = (host: string, response: IncomingMessage, body: string): HttpReply => ({
  host,
  status: response.statusCode ?? 0,
  headers: response.headers,
  body,
});

/**
 * A refusal may come before the whole body was read: then the rest is not sent. Success waits for it, since the body is the caller's again once the
 * exchange is over; the deadline still holds. A connection whose reply was not read to its end is of no more use.
 */
function afterBody(request: ClientRequest, response: IncomingMessage, done: () => void): void {
  if (isSuccess(response) && !request.writableFinished) {
    request.once('finish', () => afterBody(request, response, done));
    return;
  }
  done();
  if (!request.writableFinished || !response.complete) request.destroy();
}
