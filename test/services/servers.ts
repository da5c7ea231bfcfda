import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endWithUs, projectRoot } from '../support/agent-process.js';
import { asObject } from '../support/bulk-api.js';
import { freePort } from '../support/ports.js';
import { until } from '../support/until.js';

/** The first start may fetch and compile. */
const startDeadlineMs = 600_000;

/** A server of `test/services/provision/`, as a child whose pid is the server's own. */
class Served {
  readonly #child: ChildProcess;
  #output = '';
  #ended = false;

  constructor(script: string, args: readonly string[]) {
    this.#child = spawn(join(projectRoot, 'test/services/provision', script), args, {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    endWithUs(this.#child);
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#output = (this.#output + text).slice(-8_000)));
    this.#child.once('exit', () => {
      this.#ended = true;
    });
  }

  async answers(url: string): Promise<void> {
    await until(
      async () => {
        if (this.#ended) return 'ended' as const;
        return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
      },
      { what: `${url} answers`, deadlineMs: startDeadlineMs, instead: () => this.#output },
    );
    if (this.#ended) throw new Error(`the server ended before it answered ${url}\n${this.#output}`);
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#ended) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill(signal);
    await exit;
  }
}

export interface Hit {
  readonly id: string;
  readonly document: Readonly<Record<string, unknown>>;
}

/** A real Elasticsearch node with data that outlives a stop. */
export class Elasticsearch implements AsyncDisposable {
  readonly #data: string;
  readonly #port: number;
  #server: Served | undefined;

  private constructor(data: string, port: number) {
    this.#data = data;
    this.#port = port;
  }

  static async start(): Promise<Elasticsearch> {
    const data = await mkdtemp(join(tmpdir(), 'pannier-elasticsearch-'));
    const server = new Elasticsearch(data, await freePort());
    await server.up();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async up(): Promise<void> {
    this.#server = new Served('elasticsearch.sh', ['serve', String(this.#port), this.#data]);
    await this.#server.answers(`${this.url}/_cluster/health?wait_for_status=yellow&timeout=1s`);
  }

  async down(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#server?.end(signal);
  }

  async request(method: string, path: string, body?: object): Promise<Readonly<Record<string, unknown>>> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return asObject(JSON.parse(text)) ?? {};
  }

  /** Number of documents that can be found now; 0 where there is no such index. */
  async count(index: string): Promise<number> {
    await this.request('POST', `/${index}/_refresh?ignore_unavailable=true`);
    return Number((await this.request('GET', `/${index}/_count?ignore_unavailable=true`)).count);
  }

  /** Up to 10,000 documents that match `query`. */
  async search(index: string, query: object = { match_all: {} }): Promise<Hit[]> {
    await this.request('POST', `/${index}/_refresh`);
    const reply = await this.request('POST', `/${index}/_search`, { size: 10_000, query, track_total_hits: true });
    const found = asObject(reply.hits)?.hits;
    return (Array.isArray(found) ? found : []).map((hit: unknown) => {
      const { _id, _source } = asObject(hit) ?? {};
      return { id: String(_id), document: asObject(_source) ?? {} };
    });
  }

  /** Documents per path of their file. */
  async countsByPath(index: string): Promise<Map<string, number>> {
    await this.request('POST', `/${index}/_refresh`);
    const paths = { terms: { field: 'log.file.path.keyword', size: 1_000 } };
    const reply = await this.request('POST', `/${index}/_search`, { size: 0, aggs: { paths } });
    const buckets = asObject(asObject(reply.aggregations)?.paths)?.buckets;
    return new Map(
      (Array.isArray(buckets) ? buckets : []).map((bucket: unknown) => {
        const { key, doc_count } = asObject(bucket) ?? {};
        return [String(key), Number(doc_count)] as const;
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down('SIGKILL');
    await rm(this.#data, { recursive: true, force: true });
  }
}

/** The fake of AWS; `test/support/cloudwatch-strict.ts` knows the limits that it does not. */
export async function startMoto(): Promise<{ readonly url: string } & AsyncDisposable> {
  const port = await freePort();
  const server = new Served('moto.sh', ['serve', String(port)]);
  const url = `http://127.0.0.1:${port}`;
  await server.answers(`${url}/moto-api/`);
  return { url, [Symbol.asyncDispose]: () => server.end('SIGKILL') };
}
