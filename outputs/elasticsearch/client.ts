import { Client } from '@elastic/elasticsearch';
import type { TransportRequestOptionsWithOutMeta } from '@elastic/transport';
import type { ValuesOf } from '../../src/types/setting.js';
import { type AgentError, ConfigError, RetryableError } from '../../src/types/errors.js';
import type { OutputContext } from '../output.js';
import { excerpt, retryAfter, statusError } from '../http-errors.js';
import type { HttpReply } from '../http-client.js';
import { proxyFor } from '../proxy.js';
import { checkTls } from '../tls.js';
import { variableOf } from '../variable.js';
import { faultOfOutput, requestError } from './classify.js';
import { Attempt, nodeConnection, NodePool } from './node-connection.js';
import type { settings as table } from './settings.js';

export type Settings = ValuesOf<typeof table>;

export interface ElasticsearchRequest {
  readonly path: string;
  readonly querystring: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** NDJSON (bulk) or plain JSON. */
  readonly ndjson: boolean;
  readonly maxReplyBytes: number;
}

/**
 * The client as this output uses it: it chooses the node, signs, and leaves dead nodes out; one attempt per request. What it makes of errors and
 * replies is not used (`Attempt`).
 */
export class ElasticsearchClient {
  readonly #client: Client;
  /** The setting that an operator should look at when the credentials are wrong. */
  readonly #credentials: string;
  readonly #secrets: readonly string[];

  /** @throws ConfigError for credentials or files that cannot be used */
  constructor({ name, settings, version }: OutputContext<Settings>) {
    const variable = (setting: string) => variableOf(name, setting);
    const tls = {
      caFile: settings.caFile,
      certFile: settings.certFile,
      keyFile: settings.keyFile,
      verify: settings.tlsVerify,
    };
    checkTls(tls, variable);
    const auth = authOf(settings, variable);
    const nodes = [...new Set(settings.url)].map((url) => new URL(url));
    // A proxy that is no URL stops the start, not the first request.
    const proxyOf = (url: URL) => proxyFor(url, process.env);
    nodes.forEach(proxyOf);
    // A check beside the bulk requests.
    const connections = settings.concurrency + 1;
    const limits = {
      tls,
      connections,
      connectTimeoutMs: settings.connectTimeout,
      requestTimeoutMs: settings.requestTimeout,
    };
    this.#client = new Client({
      nodes: nodes.map((url) => ({ url })),
      ...(auth === undefined ? {} : { auth }),
      Connection: nodeConnection(limits, proxyOf),
      ConnectionPool: NodePool,
      maxRetries: 0,
      headers: { 'user-agent': `pannier/${version}` },
      // Else each of its errors makes a copy of the request, body included, byte by byte as an object's members.
      redaction: { type: 'remove' },
      enableMetaHeader: false,
    });
    this.#credentials = credentialsOf(settings, nodes, variable);
    this.#secrets = secretsOf(settings, nodes);
  }

  /**
   * One attempt at one node. Resolves with whatever Elasticsearch answered, also a refusal: see `failure`.
   * @throws RetryableError when there was no answer, or not one of Elasticsearch
   * @throws the signal's reason when it is aborted
   */
  async request(request: ElasticsearchRequest, signal: AbortSignal): Promise<HttpReply> {
    const { path, querystring, headers, body, ndjson, maxReplyBytes } = request;
    signal.throwIfAborted();
    const attempt = new Attempt(maxReplyBytes);
    const params = { method: 'POST', path, querystring, ...(ndjson ? { bulkBody: body } : { body }) };
    const type = ndjson ? {} : { 'content-type': 'application/vnd.elasticsearch+json; compatible-with=8' };
    const options: TransportRequestOptionsWithOutMeta = {
      meta: false,
      context: { attempt },
      signal,
      headers: { ...type, ...headers },
    };
    try {
      await this.#client.transport.request(params, options);
    } catch (error) {
      // An answer that the client does not like is still an answer; without one, and without a failure of the connection, it is ours.
      if (attempt.reply === undefined && attempt.failure === undefined) throw error;
    }
    if (attempt.reply === undefined) throw toError(attempt.failure);
    const { host, status, headers: answered } = attempt.reply;
    if (status >= 200 && status < 300 && answered['x-elastic-product'] !== 'Elasticsearch')
      throw new RetryableError(
        'OUTPUT_INVALID_REPLY',
        `${host} answered ${status} without the header by which Elasticsearch is known: ${excerpt(attempt.reply.body, this.#secrets)}`,
      );
    return attempt.reply;
  }

  /** What an answer other than success means for the whole request. */
  failure(reply: HttpReply): AgentError {
    const { host, status, headers } = reply;
    const error = requestError(reply.body);
    const says = excerpt(error === undefined ? reply.body : `${error.type}: ${error.reason}`, this.#secrets);
    const fault = error === undefined ? undefined : faultOfOutput(error);
    const blocked = error?.type === 'cluster_block_exception' ? 'OUTPUT_BUSY' : undefined;
    const code = blocked ?? fault;
    const retryAfterMs = retryAfter(headers['retry-after'], Date.now());
    if (code !== undefined) return new RetryableError(code, `${host} answered ${status}: ${says}`, { retryAfterMs });
    return statusError({ status, headers, says }, { host, credentials: this.#credentials }, Date.now());
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

const toError = (reason: unknown) => (reason instanceof Error ? reason : new Error(String(reason)));

function authOf(
  { apiKey, username, password }: Settings,
  variable: (setting: string) => string,
): { apiKey: string } | { username: string; password: string } | undefined {
  if (apiKey !== undefined && username !== undefined)
    throw new ConfigError([
      { where: variable('API_KEY'), problem: `cannot be used together with ${variable('USERNAME')}` },
    ]);
  if ((username === undefined) !== (password === undefined)) {
    const [there, missing] = username === undefined ? ['PASSWORD', 'USERNAME'] : ['USERNAME', 'PASSWORD'];
    throw new ConfigError([{ where: variable(there), problem: `needs ${variable(missing)} beside it` }]);
  }
  // As `id:key` it is not encoded yet; base64 has no colon.
  if (apiKey !== undefined) return { apiKey: apiKey.includes(':') ? Buffer.from(apiKey).toString('base64') : apiKey };
  return username === undefined || password === undefined ? undefined : { username, password };
}

function credentialsOf(settings: Settings, nodes: readonly URL[], variable: (setting: string) => string): string {
  if (settings.apiKey !== undefined) return variable('API_KEY');
  if (settings.username !== undefined) return `${variable('USERNAME')} and ${variable('PASSWORD')}`;
  if (nodes.some(({ username }) => username !== '')) return `the credentials in ${variable('URL')}`;
  return `${variable('API_KEY')} (no credentials are set)`;
}

/** Everything that a reply might repeat of us and nobody may see, the longest first. */
function secretsOf({ apiKey, username, password }: Settings, nodes: readonly URL[]): readonly string[] {
  const passwords = nodes.flatMap((url) => [url.password, decodeURIComponent(url.password)]);
  const basic = [
    [username, password] as const,
    ...nodes.map((url) => [decodeURIComponent(url.username), decodeURIComponent(url.password)] as const),
  ].map(([user, secret]) => (secret === undefined ? '' : Buffer.from(`${user}:${secret}`).toString('base64')));
  const encodedKey = apiKey === undefined ? '' : Buffer.from(apiKey).toString('base64');
  return [apiKey ?? '', encodedKey, password ?? '', ...passwords, ...basic]
    .filter((secret) => secret !== '')
    .sort((a, b) => b.length - a.length);
}
