import type { BatchWriter, Limits, Outcomes, SendItems } from '../../src/types/batch.js';
import type { ValuesOf } from '../../src/types/setting.js';
import { compress } from '../compress.js';
import { HttpClient, type HttpRequest } from '../http-client.js';
import type { Destination } from '../http-errors.js';
import type { Output, OutputContext, OutputModule } from '../output.js';
import { proxyFor } from '../proxy.js';
import { checkTls } from '../tls.js';
import { variableOf } from '../variable.js';
import { check } from './check.js';
import { classify } from './classify.js';
import { encodePlain, itemLayout } from './encode.js';
import type { settings as table } from './settings.js';

type Settings = ValuesOf<typeof table>;

/** A POST of NDJSON. Ordered; at least once: a lost answer means a repeat, with the same records in the same order first. */
class Http implements Output {
  readonly ordered = true;
  readonly concurrency = 1;
  readonly item = itemLayout;
  readonly limits: Limits;
  readonly unverifiedBy: string | undefined;
  readonly endpoints: readonly URL[];
  readonly #settings: Settings;
  readonly #client: HttpClient;
  readonly #request: Omit<HttpRequest, 'body'>;
  readonly #destination: Destination;
  readonly #secrets: readonly string[];

  /** @throws ConfigError for files that cannot be used */
  constructor({ name, settings, batchMaxBytes, version }: OutputContext<Settings>) {
    const variable = (setting: string) => variableOf(name, setting);
    const { caFile, certFile, keyFile, tlsVerify } = settings;
    const tls = { caFile, certFile, keyFile, verify: tlsVerify };
    checkTls(tls, variable);
    const url = new URL(settings.url);
    this.endpoints = [url];
    this.unverifiedBy = tlsVerify || url.protocol !== 'https:' ? undefined : variable('TLS_VERIFY');
    this.#settings = settings;
    this.#client = new HttpClient({
      url,
      tls,
      proxy: proxyFor(url, process.env),
      // One request, and a check beside it.
      connections: 2,
      connectTimeoutMs: settings.connectTimeout,
      requestTimeoutMs: settings.requestTimeout,
    });
    this.#request = {
      method: 'POST',
      path: `${url.pathname}${url.search}`,
      headers: { 'user-agent': `pannier/${version}`, 'content-type': 'application/x-ndjson', ...settings.headers },
      // Only the beginning is looked at, for messages; an answer that repeats all it got is still success.
      maxReplyBytes: 64 * 1024,
      statusIsEnough: true,
    };
    this.#destination = { host: url.host, credentials: variable('HEADERS') };
    this.#secrets = secretsOf(settings.headers);
    this.limits = {
      batchBytes: batchMaxBytes,
      batchRecords: 16_384,
      recordBytes: batchMaxBytes,
      spanMs: Infinity,
      singleFile: false,
    };
  }

  encodePlain(item: Buffer, reason: string, body: BatchWriter): void {
    encodePlain(item, reason, body);
  }

  async send(items: SendItems, signal: AbortSignal): Promise<Outcomes> {
    const { body, headers } = await compress(items.body, this.#settings.compression);
    const request = { ...this.#request, headers: { ...this.#request.headers, ...headers }, body };
    return classify(await this.#client.exchange(request, signal), this.#destination, this.#secrets, Date.now());
  }

  check(signal: AbortSignal): Promise<void> {
    return check(this.#client, this.#request, this.#destination, this.#secrets, signal);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#client[Symbol.dispose]();
    return Promise.resolve();
  }
}

/** Header values, and their parts without the scheme (`Bearer x` → `x`), the longest first. */
function secretsOf(headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.values(headers)
    .flatMap((value) => [value, ...value.split(' ').slice(1)])
    .sort((a, b) => b.length - a.length);
}

export const output = {
  create: (context) => new Http(context),
} satisfies OutputModule<typeof table>;
