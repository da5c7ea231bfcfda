import assert from 'node:assert';
import type { BatchWriter, ItemLayout, Limits, Outcomes, SendItems } from '../../src/types/batch.js';
import { compress } from '../compress.js';
import type { Output, OutputContext, OutputModule } from '../output.js';
import { parseTemplate, type Template } from '../template.js';
import { variableOf } from '../variable.js';
import { check } from './check.js';
import { classifyBulk, filterPath } from './classify.js';
import { ElasticsearchClient, type Settings } from './client.js';
import { encodePlain, itemLayout } from './encode.js';
import { indexRules } from './index-name.js';
import type { settings as table } from './settings.js';

/** Bulk `create` with our own ids: exactly once per index. Not ordered. */
class Elasticsearch implements Output {
  readonly ordered = false;
  readonly concurrency: number;
  readonly limits: Limits;
  readonly item: ItemLayout;
  readonly unverifiedBy: string | undefined;
  readonly endpoints: readonly URL[];
  readonly #settings: Settings;
  readonly #client: ElasticsearchClient;
  readonly #index: Template;
  readonly #path: string;

  constructor(context: OutputContext<Settings>) {
    this.#settings = context.settings;
    this.concurrency = context.settings.concurrency;
    const parsed = parseTemplate(context.settings.index, indexRules, context.origin);
    assert('template' in parsed, 'the settings table has checked the pattern');
    this.#index = parsed.template;
    this.#path = this.#index.constant === undefined ? '/_bulk' : `/${encodeURIComponent(this.#index.constant)}/_bulk`;
    this.#client = new ElasticsearchClient(context);
    const { tlsVerify, url } = context.settings;
    this.endpoints = [...new Set(url)].map((node) => new URL(node));
    const isTls = this.endpoints.some(({ protocol }) => protocol === 'https:');
    this.unverifiedBy = tlsVerify || !isTls ? undefined : variableOf(context.name, 'TLS_VERIFY');
    this.item = itemLayout(this.#index);
    this.limits = {
      batchBytes: context.batchMaxBytes,
      batchRecords: 16_384,
      recordBytes: context.batchMaxBytes,
      spanMs: Infinity,
      singleFile: false,
    };
  }

  encodePlain(item: Buffer, reason: string, body: BatchWriter): void {
    encodePlain(item, reason, body);
  }

  async send(items: SendItems, signal: AbortSignal): Promise<Outcomes> {
    const { body, headers } = await compress(items.body, this.#settings.compression);
    const { pipeline } = this.#settings;
    const reply = await this.#client.request(
      {
        path: this.#path,
        querystring: { filter_path: filterPath, ...(pipeline === undefined ? {} : { pipeline }) },
        headers,
        body,
        ndjson: true,
        maxReplyBytes: largestReply(items),
      },
      signal,
    );
    if (reply.status !== 200) throw this.#client.failure(reply);
    return classifyBulk(reply.body, items.count);
  }

  check(signal: AbortSignal): Promise<void> {
    return check(this.#client, this.#path, this.#index.forTime(Date.now()), signal);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#client.close();
  }
}

/**
 * An honest reply has a line for each item, whose reason may repeat the refused value, escaped once more. A bound that such a reply could pass
 * would hold the lane up for ever.
 */
function largestReply({ body, count }: SendItems): number {
  return 1024 * 1024 + 1024 * count + 3 * body.length;
}

export const output = {
  create: (context) => new Elasticsearch(context),
} satisfies OutputModule<typeof table>;
