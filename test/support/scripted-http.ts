import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** A request as it came, its body unpacked. */
export interface Received {
  readonly method: string;
  /** Path with query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What happens to a request instead of the destination's own answer. */
export type Fault =
  | ({ readonly kind: 'reply' } & Reply)
  /** The body is read, nothing is answered. */
  | { readonly kind: 'hang' }
  /** The connection is reset while the body comes. */
  | { readonly kind: 'reset' }
  /** The destination stores the body, then the connection is reset: the reply is lost. */
  | { readonly kind: 'reply-lost' }
  /** 200, then one byte of the body each 20 ms, without an end. */
  | { readonly kind: 'drip' }
  /** 200, then a body without an end, as fast as it is taken. */
  | { readonly kind: 'huge' }
  /** 200 and a body that ends before its Content-Length. */
  | { readonly kind: 'cut-short' };

export interface ScriptedHttpOptions {
  /** The destination's own behaviour: stores what it takes, and answers. */
  readonly answer: (request: Received) => Reply | Promise<Reply>;
  readonly tls?: ServerOptions;
}

/** A server on 127.0.0.1 that answers as a destination would, but for the faults a test asks for. */
export class ScriptedHttp implements AsyncDisposable {
  readonly received: Received[] = [];
  readonly #options: ScriptedHttpOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #faults: Fault[] = [];
  #always: Fault | undefined;
  #started = 0;
  #wakeUps: (() => void)[] = [];
  /** Every connection ever made, to see that connections are kept. */
  connectionsMade = 0;

  static async start(options: ScriptedHttpOptions): Promise<ScriptedHttp> {
    const server = new ScriptedHttp(options);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  private constructor(options: ScriptedHttpOptions) {
    this.#options = options;
    const listener = (request: IncomingMessage, response: ServerResponse) => {
      this.#serve(request, response).catch(() => response.destroy());
    };
    this.#server = options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener);
    this.#server.keepAliveTimeout = 0;
    this.#server.on('connection', (socket: Socket) => {
      this.connectionsMade++;
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        this.#changed();
      });
    });
  }

  get url(): string {
    return `${this.#options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${this.port}`;
  }
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }
  /** Open connections. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** The next requests meet these, one each, in order. */
  next(...faults: readonly Fault[]): void {
    this.#faults.push(...faults);
  }
  /** Every request without a fault of its own meets this; undefined ends it. */
  always(fault: Fault | undefined): void {
    this.#always = fault;
  }

  /** Resolves once `count` requests have begun to arrive (their headers). */
  started(count: number): Promise<void> {
    return this.#until(
      () => this.#started >= count,
      () => `${this.#started} of ${count} requests arrived`,
    );
  }
  /** Resolves once no connection is open. */
  disconnected(): Promise<void> {
    return this.#until(
      () => this.#sockets.size === 0,
      () => `${this.#sockets.size} connections are still open`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#started++;
    this.#changed();
    const fault = this.#faults.shift() ?? this.#always;
    response.on('error', () => {});
    if (fault?.kind === 'reset') {
      request.once('data', () => request.socket.resetAndDestroy());
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const packed = Buffer.concat(chunks);
    const received: Received = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: request.headers['content-encoding'] === 'gzip' ? gunzipSync(packed) : packed,
    };
    this.received.push(received);
    await this.#respond(fault, received, response);
  }

  async #respond(fault: Fault | undefined, received: Received, response: ServerResponse): Promise<void> {
    switch (fault?.kind) {
      case 'hang':
        return;
      case 'reply':
        return write(response, fault);
      case 'reply-lost':
        await this.#options.answer(received);
        response.socket?.resetAndDestroy();
        return;
      case 'cut-short':
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
        response.write('{"errors":');
        setImmediate(() => response.socket?.end());
        return;
      case 'drip':
        return endless(response, Buffer.from(' '), 20);
      case 'huge':
        return endless(response, Buffer.alloc(256 * 1024, ' '), 0);
      case 'reset':
      case undefined:
        return write(response, await this.#options.answer(received));
    }
  }

  #changed(): void {
    for (const wake of this.#wakeUps.splice(0)) wake();
  }

  async #until(fact: () => boolean, state: () => string): Promise<void> {
    const deadline = AbortSignal.timeout(10_000);
    while (!fact()) {
      if (deadline.aborted) throw new Error(`still waiting: ${state()}`);
      await new Promise<void>((resolve) => {
        this.#wakeUps.push(resolve);
        deadline.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }
}

function write(response: ServerResponse, reply: Reply): void {
  response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
  response.end(reply.body ?? '');
}

/** Writes until the other side has gone. */
async function endless(response: ServerResponse, chunk: Buffer, everyMs: number): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json' });
  const gone = once(response, 'close');
  while (!response.destroyed) {
    const room = response.write(chunk) ? undefined : once(response, 'drain');
    const turn = new Promise((resolve) => setTimeout(resolve, everyMs));
    await Promise.race([gone, room === undefined ? turn : Promise.all([room, turn])]);
  }
}
