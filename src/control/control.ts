import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '../types/log.js';
import { ControlError, controlPath, type ControlRoutes } from '../types/control.js';
import { answerJson, answerLines, readBody, wordsOf } from './answer.js';
import { bindControl, unbindControl, type Bound } from './place.js';

export interface ControlOptions {
  readonly stateDir: string;
  /** We hold the state directory's lock: a socket that is there is a dead agent's. */
  readonly isHeld: () => boolean;
  readonly routes: ControlRoutes;
  readonly log: Log;
  /** ms until a socket that could not be made is tried again. */
  readonly retryMs?: number;
}

export interface Control extends AsyncDisposable {
  /** Why there is no socket, for a person; '' when there is one. */
  readonly problem: string;
}

const retryMs = 30_000;
/** A request must be there by then, and an answer be read that long after its last byte. */
const idleMs = 10_000;
const maxHeaderBytes = 8 * 1024;
const maxConnections = 16;

/**
 * Serves the control socket (HTTP, one request a connection) for commands such as `pannier checkpoints`. Who may connect is decided by the socket's
 * mode: the agent's own user, and root. It never rejects and never stops shipping: where there can't be a socket that is said once, and tried again
 * every 30 s; the commands then say that they can't ask.
 */
export async function startControl(options: ControlOptions): Promise<Control> {
  const control = new ControlSocket(options);
  await control.begin();
  return control;
}

class ControlSocket implements Control {
  problem = '';
  readonly #options: ControlOptions;
  readonly #stop = new AbortController();
  #server: Server | undefined;
  #bound: Bound | undefined;
  #retries: Promise<void> = Promise.resolve();
  readonly #atWork = new Set<Promise<void>>();

  constructor(options: ControlOptions) {
    this.#options = options;
  }

  async begin(): Promise<void> {
    if (!(await this.#listen())) this.#retries = this.#retry();
  }

  /** Ends requests under way, and resolves when their work has ended too: what they work on is disposed of next. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#retries;
    if (this.#bound !== undefined) await unbindControl(this.#bound);
    const server = this.#server;
    if (server === undefined) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await Promise.all([closed, ...this.#atWork]);
  }

  async #retry(): Promise<void> {
    do
      await wait(this.#options.retryMs ?? retryMs, undefined, { signal: this.#stop.signal, ref: false }).catch(
        () => {},
      );
    while (!this.#stop.signal.aborted && !(await this.#listen()));
  }

  async #listen(): Promise<boolean> {
    const { stateDir, isHeld, log } = this.#options;
    // Without the lock the socket there may be a living agent's.
    if (!isHeld()) return this.#suffer('the state directory can not be written');
    const server = this.#newServer();
    try {
      this.#bound = await bindControl(server, stateDir);
    } catch (error) {
      server.close();
      return this.#suffer(error instanceof Error ? error.message : String(error));
    }
    server.on('error', (error) => log.warn({ error: error.message }, 'the control socket met an error'));
    this.#server = server;
    this.problem = '';
    log.debug({ path: this.#bound.path }, 'commands are taken on the control socket');
    return true;
  }

  #suffer(problem: string): false {
    const path = controlPath(this.#options.stateDir);
    if (this.problem === '')
      this.#options.log.warn(
        { code: 'CONTROL_FAILED', path, problem },
        'there is no control socket: checkpoints and dead-letters can not ask this agent; shipping goes on',
      );
    this.problem = problem;
    return false;
  }

  #newServer(): Server {
    const server = createServer(
      {
        maxHeaderSize: maxHeaderBytes,
        requestTimeout: idleMs,
        headersTimeout: idleMs,
        connectionsCheckingInterval: 1_000,
        keepAliveTimeout: 1_000,
      },
      (request, response) => {
        const work = this.#serve(request, response);
        this.#atWork.add(work);
        void work.finally(() => this.#atWork.delete(work));
      },
    );
    server.maxConnections = maxConnections;
    server.timeout = idleMs;
    return server;
  }

  /** Never rejects. */
  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    // A client that goes away in the middle is its own affair.
    request.on('error', () => {});
    response.on('error', () => {});
    response.setHeader('Connection', 'close');
    try {
      const route = this.#routeOf(request);
      const body = await readBody(request);
      // The work may take its time; reading the answer may not.
      response.setTimeout(0);
      const answer = route({ body, signal: AbortSignal.any([gone.signal, this.#stop.signal]) });
      if (isLines(answer)) await answerLines(response.setTimeout(idleMs), answer, gone.signal);
      else answerJson(response.setTimeout(0), 200, await answer);
    } catch (error) {
      this.#refuse(request, response, error);
    }
    response.setTimeout(idleMs, () => request.socket.destroy());
  }

  #routeOf({ method = '', url = '' }: IncomingMessage) {
    const { routes } = this.#options;
    const wanted = `${method} ${url}`;
    const route = Object.hasOwn(routes, wanted) ? routes[wanted] : undefined;
    if (route !== undefined) return route;
    throw new ControlError(404, `this agent knows no such request; it knows ${Object.keys(routes).join(', ')}`);
  }

  #refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    // One that did not come whole is the caller's going away.
    if (!(error instanceof ControlError) && request.complete)
      this.#options.log.error({ code: 'INTERNAL', err: error }, 'a request to the control socket failed');
    if (response.destroyed || response.headersSent) return;
    answerJson(response, error instanceof ControlError ? error.code : 500, { error: { message: wordsOf(error) } });
  }
}

const isLines = (answer: unknown): answer is AsyncIterable<unknown> =>
  typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer;
