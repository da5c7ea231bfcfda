import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AgentStatus, ProbeStatus } from '../types/stats.js';
import type { Clock } from '../types/clock.js';
import type { Log } from '../types/log.js';
import { capConnections } from './connection-cap.js';
import type { Metrics } from './metrics.js';
import { router } from './routes.js';
import type { Answer, Request } from './routes.js';

export interface ListenerOptions {
  /** undefined (`PANNIER_LISTEN=off`): nothing is opened. */
  readonly listen: { readonly host: string; readonly port: number } | undefined;
  readonly statusPublic: boolean;
  readonly control: 'on' | 'off';
  readonly probes: () => ProbeStatus;
  readonly status: () => AgentStatus;
  /** Called after the answer of POST /quit or /reload is on its way; what they throw is logged. */
  readonly onQuit: () => unknown;
  readonly onReload: () => unknown;
  readonly log: Log;
  readonly clock: Clock;
}

export interface Listener extends AsyncDisposable {
  /** Why it does not listen, naming the address; '' when it does or is off. */
  readonly problem: string;
  /** The port it listens on; undefined while it does not. */
  readonly port: number | undefined;
}

const retryMs = 10_000;
const maxHeaderBytes = 8 * 1024;
const requestTimeoutMs = 10_000;
const idleTimeoutMs = 30_000;
const keepAliveTimeoutMs = 5_000;
const maxConnections = 64;
/** Nothing here takes a body; a small one that a client sends anyway is read and thrown away. */
const maxBodyBytes = 64 * 1024;

/**
 * Serves health, metrics and control. Resolves after the first attempt to listen and never rejects: an address that can't be had is logged,
 * shown in `problem` and tried again every 10 s.
 */
export async function startListener(options: ListenerOptions): Promise<Listener> {
  const listener = new HealthListener(options);
  await listener.begin();
  return listener;
}

class HealthListener implements Listener {
  problem = '';
  readonly #options: ListenerOptions;
  readonly #answer: (request: Request) => Promise<Answer>;
  readonly #stop = new AbortController();
  #server: Server | undefined;
  #metrics: Promise<Metrics> | undefined;
  #retries: Promise<void> = Promise.resolve();

  constructor(options: ListenerOptions) {
    this.#options = options;
    const { probes, status, statusPublic, control, onQuit, onReload, clock } = options;
    this.#answer = router({
      probes,
      status,
      metrics: () => this.#loadMetrics(),
      statusPublic,
      control,
      onQuit: () => void this.#run(onQuit),
      onReload: () => void this.#run(onReload),
      now: () => clock.now(),
    });
  }

  get port(): number | undefined {
    const address = this.#server?.address();
    return typeof address === 'object' ? address?.port : undefined;
  }

  async begin(): Promise<void> {
    const { listen } = this.#options;
    if (listen === undefined || (await this.#listen(listen))) return;
    this.#retries = this.#retry(listen);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#retries;
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  async #retry(listen: { readonly host: string; readonly port: number }): Promise<void> {
    const { clock } = this.#options;
    do await clock.wait(retryMs, this.#stop.signal);
    while (!this.#stop.signal.aborted && !(await this.#listen(listen)));
  }

  /** True when it listens now. */
  async #listen({ host, port }: { readonly host: string; readonly port: number }): Promise<boolean> {
    const { log } = this.#options;
    const server = this.#newServer();
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        // Without a host: every address of both families.
        server.listen(host === '' ? { port } : { host, port }, resolve);
      });
    } catch (error) {
      const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
      const problem = `PANNIER_LISTEN=${address} can't be listened on: ${error instanceof Error ? error.message : String(error)}`;
      if (problem !== this.problem)
        log.error({ code: 'LISTEN_FAILED', address }, `${problem}; shipping goes on, retried every 10 s`);
      this.problem = problem;
      return false;
    }
    server.removeAllListeners('error');
    server.on('error', (error) => log.warn({ error: error.message }, 'the health listener met an error'));
    this.#server = server;
    this.problem = '';
    log.info({ host, port: this.port }, 'health and metrics are served');
    return true;
  }

  #newServer(): Server {
    const server = createServer(
      {
        maxHeaderSize: maxHeaderBytes,
        requestTimeout: requestTimeoutMs,
        headersTimeout: requestTimeoutMs,
        connectionsCheckingInterval: 2_000,
        keepAliveTimeout: keepAliveTimeoutMs,
      },
      (request, response) => void this.#serve(request, response),
    );
    capConnections(server, maxConnections);
    // Also ends an answer that its client does not read.
    server.timeout = idleTimeoutMs;
    return server;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    discardBody(request);
    const { method = '', url = '', headers, socket } = request;
    let answer: Answer;
    try {
      answer = await this.#answer({ method, url, headers, remoteAddress: socket.remoteAddress });
    } catch (error) {
      this.#options.log.error({ code: 'INTERNAL', error: reason(error) }, 'a request to the health listener failed');
      answer = { code: 500, type: 'text/plain; charset=utf-8', body: 'internal error; see the log\n' };
    }
    response.writeHead(answer.code, {
      'Content-Type': answer.type,
      'Content-Length': Buffer.byteLength(answer.body),
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      ...answer.headers,
    });
    response.end(answer.body);
    answer.after?.();
  }

  /** prom-client costs a few MB: it is loaded when somebody scrapes. */
  #loadMetrics(): Promise<Metrics> {
    this.#metrics ??= import('./metrics.js').then(
      ({ Metrics }) => new Metrics(),
      (error: unknown) => {
        this.#metrics = undefined;
        throw error;
      },
    );
    return this.#metrics;
  }

  async #run(action: () => unknown): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.#options.log.error({ code: 'INTERNAL', error: reason(error) }, 'a command of the health listener failed');
    }
  }
}

function discardBody(request: IncomingMessage): void {
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) request.socket.destroy();
  });
  // A client that goes away in the middle of its request is its own affair.
  request.on('error', () => {});
}

const reason = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
