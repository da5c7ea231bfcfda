import { RetryableError } from '../../src/types/errors.js';
import type { ElasticsearchClient } from './client.js';

const smallReplyBytes = 1024 * 1024;

/**
 * Proves that a bulk request would be taken, without a trace on the server:
 * 1. An empty bulk, to the very path of the real ones. Nodes, TLS, proxies, the product and the credentials are passed before Elasticsearch refuses it
 *    as empty, with 400, having touched no index.
 * 2. `_has_privileges`, which every user may ask about itself, for `create_doc` on the index. Without security there is no such endpoint (400,
 *    404, 405 or 500 by version), and no privilege either.
 * `GET /` is left out: it needs the cluster privilege `monitor`, which sending does not.
 * @throws as `send` does
 */
export async function check(
  client: ElasticsearchClient,
  bulkPath: string,
  index: string,
  signal: AbortSignal,
): Promise<void> {
  const common = { querystring: {}, headers: {}, maxReplyBytes: smallReplyBytes };
  const empty = await client.request({ ...common, path: bulkPath, body: Buffer.from('\n'), ndjson: true }, signal);
  const refusedAsEmpty = empty.status === 400 && empty.headers['x-elastic-product'] === 'Elasticsearch';
  if (empty.status !== 200 && !refusedAsEmpty) throw client.failure(empty);

  const question = { index: [{ names: [index], privileges: ['create_doc'] }] };
  const asked = { path: '/_security/user/_has_privileges', body: Buffer.from(JSON.stringify(question)), ndjson: false };
  const answer = await client.request({ ...common, ...asked }, signal);
  if (answer.status === 401 || answer.status === 429) throw client.failure(answer);
  if (answer.status === 200 && answer.body.includes('"has_all_requested":false'))
    throw new RetryableError('OUTPUT_AUTH', `the credentials lack the privilege create_doc on ${index}`);
}
