import { Agent, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { proxyFor } from '../proxy.js';
import { type KeptAgent, keptAgent } from '../tls.js';

/** Under the 60 s after which load balancers close an idle connection. */
const idleMs = 50_000;
const connections = 4;

/** The file of `AWS_CA_BUNDLE`; an empty value is none. */
export const authorityFile = ({
  AWS_CA_BUNDLE: file,
}: Readonly<Record<string, string | undefined>>): string | undefined => (file === '' ? undefined : file);

/**
 * Connections of the SDK, which itself knows no proxy: by `HTTPS_PROXY` and `NO_PROXY`, asked for each host (CloudWatch Logs, and STS for a web
 * identity), and trusting `AWS_CA_BUNDLE` where it is set, as other AWS SDKs do. Instance and container credentials use neither.
 */
export class AwsConnections extends Agent {
  /** What makes a connection, by proxy. */
  readonly #makers = new Map<string, KeptAgent>();

  constructor(private readonly environment: Readonly<Record<string, string | undefined>>) {
    super({ keepAlive: true, maxSockets: connections, maxFreeSockets: connections, timeout: idleMs });
  }

  override createConnection(
    options: RequestOptions,
    created?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const host = String(options.host);
    const url = new URL(`https://${host.includes(':') ? `[${host}]` : host}:${options.port ?? 443}`);
    return this.#makerFor(url).createConnection(options, created);
  }

  override destroy(): void {
    for (const maker of this.#makers.values()) maker.destroy();
    super.destroy();
  }

  #makerFor(url: URL): KeptAgent {
    const proxy = proxyFor(url, this.environment);
    const key = proxy?.href ?? '';
    const known = this.#makers.get(key);
    if (known !== undefined) return known;
    const tls = { caFile: authorityFile(this.environment), certFile: undefined, keyFile: undefined, verify: true };
    const maker = keptAgent(url, tls, connections, proxy);
    this.#makers.set(key, maker);
    return maker;
  }
}
