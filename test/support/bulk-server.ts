import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { gunzipSync } from 'node:zlib';
import { asObject, bulkReply, conflict, parseBulk, refusal, type BulkItem, type ItemVerdict } from './bulk-api.js';
import { freePort } from './ports.js';
import { until } from './until.js';

/** What a request meets instead of an answer, or beside it. */
export type Fault =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** No answer, ever; the connection stays open. */
  | { readonly kind: 'hang' }
  /** The connection is reset while the body is still being sent. */
  | { readonly kind: 'reset' }
  /** Stored, then reset before a word of the answer: the sender cannot know. */
  | { readonly kind: 'lost-reply' };

export interface Stored {
  /** `index/id`; of an NDJSON record ''. */
  readonly key: string;
  readonly id: string;
  readonly index: string;
  readonly document: Readonly<Record<string, unknown>>;
  readonly source: string;
}

/**
 * Elasticsearch as a shipper sees it, in memory and strict (`POST /_bulk`, `create` by `_id`), and an NDJSON sink (`POST /ndjson`, which keeps
 * every line in the order it came). Faults are scripted; nothing is kept of a request that met one, but for `lost-reply`.
 */
export class BulkServer implements AsyncDisposable {
  /** First arrivals, in order of arrival. */
  readonly stored: Stored[] = [];
  /** Creates that met their own `_id`, by key: what exactly-once would be without the id. */
  readonly repeats = new Map<string, number>();
  /** NDJSON lines, repeats included. */
  readonly lines: Stored[] = [];
  /** The headers of every POST, in order. */
  readonly requests: { readonly path: string; readonly headers: IncomingMessage['headers']; readonly bytes: number }[] =
    [];
  /** The mapping: what it gives for an item is its verdict; undefined accepts it. */
  judge: (item: BulkItem) => ItemVerdict | undefined = () => undefined;
  /** NDJSON has no answers per line: one line for which this holds turns the whole request into a 400, and nothing of it is kept. */
  refuseLine: (line: Stored) => boolean = () => false;
  /** Bodies above this many bytes (as sent) get 413. */
  maxBytes = Infinity;
  /** Each POST waits this long for its answer. */
  delayMs = 0;

  readonly port: number;
  readonly #server: Server;
  readonly #keys = new Set<string>();
  #script: Fault[] = [];
  #always: Fault | undefined;

  private constructor(port: number) {
    this.port = port;
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch(() => request.socket.destroy());
    });
  }

  static async start({ up = true }: { readonly up?: boolean } = {}): Promise<BulkServer> {
    const server = new BulkServer(await freePort());
    if (up) await server.up();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get isUp(): boolean {
    return this.#server.listening;
  }

  get repeated(): number {
    return [...this.repeats.values()].reduce((sum, count) => sum + count, 0);
  }

  /** The next `times` POSTs meet `fault`, in the order of the calls. */
  next(fault: Fault, times = 1): void {
    this.#script.push(...Array.from({ length: times }, () => fault));
  }

  /** Every POST meets `fault`, after those of `next`; undefined ends that. */
  always(fault: Fault | undefined): void {
    this.#always = fault;
  }

  /** How many scripted faults nobody has met yet. */
  get scripted(): number {
    return this.#script.length;
  }

  /** Connections are refused from now on; open ones are cut. */
  async down(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async up(): Promise<void> {
    if (this.#server.listening) return;
    await until(
      async () => {
        this.#server.listen(this.port, '127.0.0.1');
        await once(this.#server, 'listening');
        return true;
      },
      { what: `port ${this.port} is free again` },
    );
  }

  /** The texts of what is stored, each file's records by their offset, files by their first record's arrival. */
  messages(): string[] {
    return inFileOrder(this.stored).map(textOf);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('X-elastic-product', 'Elasticsearch');
    const url = new URL(request.url ?? '/', this.url);
    if (request.method !== 'POST') {
      answer(response, 200, JSON.stringify({ name: 'lab', version: { number: '8.19.2', build_flavor: 'default' } }));
      return;
    }
    const fault = this.#script.shift() ?? this.#always;
    if (fault?.kind === 'reset') {
      request.socket.resetAndDestroy();
      return;
    }
    const body = await bodyOf(request);
    this.requests.push({ path: request.url ?? '', headers: request.headers, bytes: body.length });
    if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'status') {
      for (const [name, value] of Object.entries(fault.headers ?? {})) response.setHeader(name, value);
      answer(response, fault.status, fault.body ?? JSON.stringify({ error: { type: 'scripted', reason: 'scripted' } }));
      return;
    }
    if (body.length > this.maxBytes) {
      answer(response, 413, '');
      return;
    }
    const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('utf8');
    const { status, reply } = url.pathname === '/ndjson' ? this.#keepLines(text) : this.#bulk(url, text);
    if (fault?.kind === 'lost-reply') request.socket.resetAndDestroy();
    else answer(response, status, reply);
  }

  #keepLines(text: string): { status: number; reply: string } {
    const lines = text.split('\n').filter((line) => line !== '');
    const parsed = lines.map((source) => {
      const document = asObject(JSON.parse(source)) ?? {};
      return { key: '', id: '', index: '', source, document };
    });
    if (parsed.some((line) => this.refuseLine(line))) return { status: 400, reply: 'a line is no good' };
    this.lines.push(...parsed);
    return { status: 200, reply: '' };
  }

  #bulk(url: URL, text: string): { status: number; reply: string } {
    const path = /^\/(?:([^/]+)\/)?_bulk$/.exec(url.pathname);
    if (path === null) return { status: 404, reply: '{"error":{"type":"not_found","reason":"no such path"}}' };
    let items: BulkItem[];
    try {
      items = parseBulk(text, path[1] === undefined ? undefined : decodeURIComponent(path[1]));
    } catch (error) {
      return {
        status: 400,
        reply: JSON.stringify({ error: { type: 'illegal_argument_exception', reason: String(error) } }),
      };
    }
    const verdicts = items.map((item) => ({ id: item.id, ...this.#store(item) }));
    return { status: 200, reply: bulkReply(verdicts, url.searchParams.get('filter_path') ?? undefined) };
  }

  /** As the real server does, the document is judged before its id is looked up. */
  #store(item: BulkItem): ItemVerdict {
    const verdict = refusal(item) ?? this.judge(item);
    if (verdict !== undefined) return verdict;
    const key = `${item.index}/${item.id}`;
    if (this.#keys.has(key)) {
      this.repeats.set(key, (this.repeats.get(key) ?? 0) + 1);
      return conflict(item.id);
    }
    this.#keys.add(key);
    this.stored.push({ key, id: item.id, index: item.index, document: item.document, source: item.source });
    return { status: 201 };
  }
}

/** The record's text; a record without one shows itself whole, so that a test sees what came instead. */
export function textOf({ document, source }: Stored): string {
  return typeof document.message === 'string' ? document.message : source;
}

/** `fileId`, start, end and part of an `_id`; of a record of two files those of the first. */
export function partsOfId(id: string): { fileId: string; start: number; end: number; part: number } {
  const [fileId = '', start, end, part] = id.split('+', 1)[0]!.split('-');
  return { fileId, start: Number(start), end: Number(end), part: Number(part ?? -1) };
}

export function inFileOrder(stored: readonly Stored[]): Stored[] {
  const files = new Map<string, Stored[]>();
  for (const one of stored) {
    const { fileId } = partsOfId(one.id);
    files.set(fileId, [...(files.get(fileId) ?? []), one]);
  }
  return [...files.values()].flatMap((records) =>
    records.sort((a, b) => {
      const [left, right] = [partsOfId(a.id), partsOfId(b.id)];
      return left.start - right.start || left.part - right.part;
    }),
  );
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(request, 'end');
  return Buffer.concat(chunks);
}

function answer(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/vnd.elasticsearch+json;compatible-with=8' });
  response.end(body);
}
