import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { freePort } from '../../support/ports.js';
import { until } from '../../support/until.js';
import { asObject } from '../../support/bulk-api.js';
import type { KeyPair } from '../../support/certificates.js';
import type { Random } from '../../support/random.js';
import type { Trouble } from './plan.js';

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** The answer's last byte has been handed to the system: from then on the agent may know, unless it was so late that the agent had given up. */
  readonly onAnswered?: (late: boolean) => void;
}

/** A request whose body reached the destination whole. */
export interface Whole {
  readonly url: URL;
  readonly body: Buffer;
  /** The share of records that the destination is too busy for. */
  readonly itemsBusy: number;
  /** Larger bodies are refused with 413. */
  readonly mostBytes: number;
}

/** Called when a request begins; what it gives, when the body is whole. */
export type Store = () => (request: Whole) => Answer;

/** More than any line, so that a record alone always passes. */
const tooLargeBytes = 200_000;
/** Less than the request timeout of the rig's agent. */
const patienceMs = 2_000;

interface Current {
  readonly kind: Trouble;
  readonly share: number;
}

/** A destination that can be in any of the troubles of a plan, over HTTP or TLS. */
export class Destination implements AsyncDisposable {
  readonly url: string;
  /** Requests that met trouble, by kind. */
  readonly met = new Map<Trouble, number>();
  /** Bodies that came over a certificate that the agent must not trust. */
  betrayed = 0;
  #trouble: Current | undefined;
  /** Fingerprints of certificates of that authority. */
  readonly #strange = new Set<string>();
  #over: (() => void)[] = [];
  readonly #server: Server | TlsServer;

  private constructor(
    readonly port: number,
    private readonly random: Random,
    private readonly store: Store,
    private readonly tls: KeyPair | undefined,
  ) {
    const handle = (request: IncomingMessage, response: ServerResponse): void => {
      this.#handle(request, response).catch(() => request.socket.destroy());
    };
    this.#server = tls === undefined ? createPlainServer(handle) : createTlsServer(keysOf(tls), handle);
    this.url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  }

  static async start(random: Random, store: Store, tls?: KeyPair): Promise<Destination> {
    const destination = new Destination(await freePort(), random, store, tls);
    await destination.#listen();
    return destination;
  }

  /** The trouble that every request meets now; undefined: none, or only some do. */
  get whole(): Trouble | undefined {
    return this.#trouble?.share === 1 ? this.#trouble.kind : undefined;
  }

  async begin(kind: Trouble, share: number, keys?: KeyPair): Promise<void> {
    this.#trouble = { kind, share };
    if (kind === 'down') await this.#close();
    if (keys === undefined) return;
    if (kind === 'other-authority') this.#strange.add(new X509Certificate(keysOf(keys).cert).fingerprint256);
    this.#present(keys);
  }

  async end(): Promise<void> {
    const kind = this.#trouble?.kind;
    this.#trouble = undefined;
    for (const go of this.#over.splice(0)) go();
    if (kind === 'down') await this.#listen();
    if (kind === 'other-authority' && this.tls !== undefined) this.#present(this.tls);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const go of this.#over.splice(0)) go();
    await this.#close();
  }

  /** Another certificate, for connections from now on; open ones end. */
  #present(keys: KeyPair): void {
    if ('setSecureContext' in this.#server) this.#server.setSecureContext(keysOf(keys));
    this.#server.closeAllConnections();
  }

  async #close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #listen(): Promise<void> {
    await until(
      async () => {
        this.#server.listen(this.port, '127.0.0.1');
        await once(this.#server, 'listening');
        return true;
      },
      { what: `port ${this.port} is free again` },
    );
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('X-elastic-product', 'Elasticsearch');
    if (request.method !== 'POST') return end(response, 200, '{}');
    if (this.#isStrange(request.socket)) this.betrayed++;
    const begunMs = performance.now();
    const take = this.store();
    const trouble = this.#meets();
    if (trouble === 'reset') {
      request.once('data', () => reset(request.socket));
      return;
    }
    if (trouble === 'stall') {
      // Nothing is read, so the sender's buffers fill up.
      await new Promise<void>((resolve) => this.#over.push(resolve));
    }
    const body = await bodyOf(request);
    if (trouble === 'hang') return;
    if (trouble === 'busy') {
      response.setHeader('Retry-After', '1');
      return end(response, 429, '{"error":{"type":"circuit_breaking_exception","reason":"too busy"}}');
    }
    if (trouble === 'error')
      return end(response, this.random.pick([401, 403, 404, 500, 502, 503]), '{"error":{"type":"x","reason":"y"}}');
    const url = new URL(request.url ?? '/', this.url);
    const {
      status,
      body: reply,
      onAnswered,
    } = take({
      url,
      body,
      itemsBusy: trouble === 'items-busy' ? 0.3 : 0,
      mostBytes: trouble === 'too-large' ? tooLargeBytes : Infinity,
    });
    if (trouble === 'lost-reply') {
      reset(request.socket);
      return;
    }
    if (trouble === 'slow') await new Promise((resolve) => setTimeout(resolve, this.random.between(50, 1_500)));
    // Later than that the sender may have given up, and nobody reads what is handed to the system.
    response.once('finish', () => onAnswered?.(performance.now() - begunMs > patienceMs));
    end(response, status, reply);
  }

  /** A connection that was being made when the certificate changed still has the one before. */
  #isStrange(socket: Socket): boolean {
    const own = socket instanceof TLSSocket ? asObject(socket.getCertificate())?.fingerprint256 : undefined;
    return typeof own === 'string' && this.#strange.has(own);
  }

  #meets(): Trouble | undefined {
    const now = this.#trouble;
    if (now === undefined || this.random.below(1000) >= now.share * 1000) return undefined;
    this.met.set(now.kind, (this.met.get(now.kind) ?? 0) + 1);
    return now.kind;
  }
}

const keysOf = ({ certFile, keyFile }: KeyPair) => ({ cert: readFileSync(certFile), key: readFileSync(keyFile) });

/** @throws Error when the sender goes away before the end. */
async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (!request.complete) throw new Error('half a body');
  return Buffer.concat(chunks);
}

function end(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/vnd.elasticsearch+json;compatible-with=8' });
  response.end(body);
}

/** A reset, where the socket can: one that speaks TLS may have lost its handle by then, and is just ended. */
function reset(socket: Socket): void {
  try {
    socket.resetAndDestroy();
  } catch {
    socket.destroy();
  }
}
