import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { asObject } from '../support/bulk-api.js';

const unpack = promisify(gunzip);
const marker = '"seq":';

/**
 * JSON lines of some 250 bytes, numbered through all files from 0: `"seq":17`. Resolves with their number. Written in pieces, so that a
 * backlog costs the test no memory.
 */
export async function writeNumbered(folder: string, files: number, totalBytes: number): Promise<number> {
  let seq = 0;
  for (let file = 0; file < files; file += 1) {
    await using handle = await open(join(folder, `app-${file}.log`), 'w');
    for (let written = 0; written < totalBytes / files;) {
      let piece = '';
      while (piece.length < 1_000_000) piece += numberedLine(seq++);
      await handle.writeFile(piece);
      written += piece.length;
    }
  }
  return seq;
}

function numberedLine(seq: number): string {
  const time = new Date(1_790_000_000_000 + seq).toISOString();
  const trace = ((seq * 2_654_435_761) % 2 ** 32).toString(16);
  const message = `request ${seq} done in ${(seq * 7919) % 997} ms`;
  const path = `/api/v1/items/${(seq * 17) % 100_003}`;
  return `${JSON.stringify({ time, level: 'info', message, path, trace, seq, note: 'x'.repeat(40 + (seq % 60)) })}\n`;
}

/** Which numbered lines one output has brought. */
export class Tally {
  /** Documents, repeats included. */
  documents = 0;
  repeats = 0;
  strangers = 0;
  #distinct = 0;
  readonly #seen: Uint8Array;

  constructor(readonly expected: number) {
    this.#seen = new Uint8Array(expected);
  }

  get missing(): number {
    return this.expected - this.#distinct;
  }

  toString(): string {
    return `${this.documents} documents for ${this.expected} lines: ${this.missing} missing, ${this.repeats} repeated, ${this.strangers} unknown`;
  }

  /** A document a line, after `linesEach - 1` lines that belong to it. */
  add(body: Buffer, linesEach: number): void {
    let lines = 0;
    for (let at = body.indexOf(10); at !== -1; at = body.indexOf(10, at + 1)) lines += 1;
    this.documents += lines / linesEach;
    for (let at = body.indexOf(marker); at !== -1; at = body.indexOf(marker, at)) {
      let seq = 0;
      for (at += marker.length; isDigit(body[at]); at += 1) seq = seq * 10 + body[at]! - 48;
      this.#see(seq);
    }
  }

  #see(seq: number): void {
    if (seq >= this.expected) this.strangers += 1;
    else if (this.#seen[seq] === 1) this.repeats += 1;
    else {
      this.#seen[seq] = 1;
      this.#distinct += 1;
    }
  }
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 48 && byte <= 57;

/**
 * A destination that accepts everything and keeps nothing but which lines came, so that a backlog can be counted to the line: `POST …/_bulk` as
 * Elasticsearch does it, anything else as NDJSON. A body that is not packed with gzip is refused.
 */
export class CountingSink implements AsyncDisposable {
  readonly elasticsearch: Tally;
  readonly http: Tally;
  readonly #server: Server;

  private constructor(lines: number) {
    this.elasticsearch = new Tally(lines);
    this.http = new Tally(lines);
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => request.socket.destroy());
    });
  }

  static async start(lines: number): Promise<CountingSink> {
    const sink = new CountingSink(lines);
    sink.#server.listen(0, '127.0.0.1');
    await once(sink.#server, 'listening');
    return sink;
  }

  get url(): string {
    return `http://127.0.0.1:${portOf(this.#server.address())}`;
  }

  get isComplete(): boolean {
    return this.elasticsearch.missing === 0 && this.http.missing === 0;
  }

  toString(): string {
    return `elasticsearch: ${this.elasticsearch.toString()}; http: ${this.http.toString()}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('X-elastic-product', 'Elasticsearch');
    if (request.method !== 'POST') {
      response.setHeader('content-type', 'application/json').end('{"version":{"number":"8.19.2"}}');
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(request, 'end');
    if (request.headers['content-encoding'] !== 'gzip') {
      response.writeHead(415).end();
      return;
    }
    const body = await unpack(Buffer.concat(chunks));
    const bulk = new URL(request.url ?? '/', this.url).pathname.endsWith('/_bulk');
    if (bulk) this.elasticsearch.add(body, 2);
    else this.http.add(body, 1);
    response.setHeader('content-type', 'application/vnd.elasticsearch+json;compatible-with=8');
    response.end(bulk ? '{"errors":false}' : '');
  }
}

const portOf = (address: AddressInfo | string | null): number => Number(asObject(address)?.port);
