import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { Agent as PlainAgent } from 'node:http';
import { Agent as TlsAgent, type AgentOptions, type RequestOptions } from 'node:https';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { createSecureContext, type SecureContext } from 'node:tls';
import { ConfigError, type ConfigProblem } from '../src/types/errors.js';
import { tunnel } from './proxy.js';

/** Paths of PEM files; undefined: the system's trust, no client certificate. */
export interface TlsFiles {
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  /** False: any certificate is taken. */
  readonly verify: boolean;
}

export type KeptAgent = PlainAgent | TlsAgent;

/**
 * What every TLS connection asks for, said outright: node's own defaults can be loosened from outside (`NODE_TLS_REJECT_UNAUTHORIZED`,
 * `--tls-min-v1.0` in `NODE_OPTIONS`), and `/health` would not show it.
 */
export const leastTls = { minVersion: 'TLSv1.2' } as const;

/** Free connections are closed after this, before the usual 60 s of load balancers: a request on a connection that the other side just closed fails. */
const idleMs = 50_000;

/**
 * An agent that keeps its connections to `url`. The files of `tls` are read again when they have changed, so a renewed certificate needs no
 * restart. `proxy`: see `proxyFor`.
 */
export function keptAgent(url: URL, tls: TlsFiles, connections: number, proxy: URL | undefined): KeptAgent {
  const kept = { keepAlive: true, maxSockets: connections, maxFreeSockets: connections, timeout: idleMs } as const;
  return url.protocol === 'https:' ? new KeptTlsAgent(kept, tls, proxy) : new PlainAgent(kept);
}

class KeptTlsAgent extends TlsAgent {
  readonly #context: FreshContext;
  readonly #verify: boolean;
  readonly #proxy: URL | undefined;
  readonly #tunnels = new AbortController();

  constructor(kept: AgentOptions, tls: TlsFiles, proxy: URL | undefined) {
    // No session cache: a resumed session would go on with a client certificate that has been replaced.
    super({ ...kept, maxCachedSessions: 0 });
    this.#verify = tls.verify;
    this.#context = new FreshContext(tls);
    this.#proxy = proxy;
  }

  override createConnection(options: RequestOptions, created?: Created): Duplex | null | undefined {
    const failed = (error: unknown, code: string) =>
      created?.(Object.assign(new Error(text(error)), { code }), new Socket());
    let secureContext: SecureContext;
    try {
      secureContext = this.#context.get();
    } catch (error) {
      failed(error, 'ERR_TLS_FILES');
      return undefined;
    }
    const secure = { ...options, secureContext, rejectUnauthorized: this.#verify };
    if (this.#proxy === undefined) return super.createConnection(secure, created);
    tunnel(this.#proxy, `${options.host}:${options.port ?? 443}`, this.#tunnels.signal).then(
      (socket) => {
        const tunnelled = { ...secure, socket };
        const stream = super.createConnection(tunnelled);
        if (stream instanceof Duplex) created?.(null, stream);
      },
      (error: unknown) => failed(error, 'ECONNREFUSED'),
    );
    return undefined;
  }

  override destroy(): void {
    this.#tunnels.abort();
    super.destroy();
  }
}
type Created = (error: Error | null, stream: Duplex) => void;

/**
 * Tries the files once, so that a wrong path or a key that does not fit stops the start.
 * @throws ConfigError naming the settings; `variable` makes a setting's full name of its own, e.g. `CA_FILE` → `PANNIER_ELASTICSEARCH_CA_FILE`
 */
export function checkTls(tls: TlsFiles, variable: (name: string) => string): void {
  const problems: ConfigProblem[] = [];
  const files = { CA_FILE: tls.caFile, CERT_FILE: tls.certFile, KEY_FILE: tls.keyFile };
  for (const [name, path] of Object.entries(files)) {
    if (path === undefined) continue;
    try {
      readFileSync(path);
    } catch (error) {
      problems.push({ where: variable(name), problem: `cannot be read: ${text(error)}` });
    }
  }
  if ((tls.certFile === undefined) !== (tls.keyFile === undefined)) {
    const [there, missing] = tls.certFile === undefined ? ['KEY_FILE', 'CERT_FILE'] : ['CERT_FILE', 'KEY_FILE'];
    problems.push({ where: variable(there), problem: `needs ${variable(missing)} beside it` });
  }
  if (problems.length === 0) {
    try {
      new FreshContext(tls).get();
    } catch (error) {
      const where = Object.entries(files).flatMap(([name, path]) => (path === undefined ? [] : [variable(name)]));
      problems.push({ where: where.join(', '), problem: `not usable as PEM: ${text(error)}` });
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
}

const text = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** The secure context of the files as they are now; the last good one while a file is missing or half written. */
class FreshContext {
  #stamp = '';
  #context: SecureContext | undefined;

  constructor(private readonly files: TlsFiles) {}

  /** @throws when the files are not usable and never were */
  get(): SecureContext {
    try {
      const stamp = this.#stampNow();
      if (this.#context === undefined || stamp !== this.#stamp) {
        this.#context = createSecureContext({ ...leastTls, ...this.#read() });
        this.#stamp = stamp;
      }
    } catch (error) {
      if (this.#context === undefined) throw error;
    }
    return this.#context;
  }

  #read(): { ca?: string[]; cert?: Buffer; key?: Buffer } {
    const { caFile, certFile, keyFile } = this.files;
    return {
      ...(caFile === undefined ? {} : { ca: authorities(caFile) }),
      ...(certFile === undefined ? {} : { cert: readFileSync(certFile) }),
      ...(keyFile === undefined ? {} : { key: readFileSync(keyFile) }),
    };
  }

  #stampNow(): string {
    const { caFile, certFile, keyFile } = this.files;
    return [caFile, certFile, keyFile]
      .map((path) => (path === undefined ? undefined : statSync(path)))
      .map((stat) => (stat === undefined ? '' : `${stat.ino}:${stat.mtimeMs}:${stat.size}`))
      .join();
  }
}

/** Node takes a CA file without any certificate, or with half a one, in silence, and then trusts nobody. */
function authorities(path: string): string[] {
  const blocks = readFileSync(path, 'latin1').match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new Error(`${path} holds no certificate`);
  for (const block of blocks) new X509Certificate(block);
  return blocks;
}
