import { createServer } from 'node:http';

const newline = 10;
const idBefore = Buffer.from('"_id":"');
const messageBefore = Buffer.from('"message":"L');
const serialDigits = 10;

/** A bulk endpoint that remembers of each numbered line whether it came, and a hash of the id under which it came first. */
export class Sink {
  /** Lines stored, each once. */
  lines = 0;
  /** Lines that came again under another id: a duplicate in the index. */
  twice = 0;
  /** Lines that came again under their id: the index answers 409. */
  sentAgain = 0;
  /** `well`, `refusing` (nobody listens), `busy` (503) or `silent` (takes the body and never answers). */
  manner = 'well';
  #hashes;
  #server;
  #port = 0;

  constructor(mostLines) {
    this.#hashes = new Uint32Array(mostLines);
    this.#server = createServer((request, response) => this.#serve(request, response));
  }

  static async start(mostLines) {
    const sink = new Sink(mostLines);
    await sink.#listen();
    return sink;
  }

  get url() {
    return `http://127.0.0.1:${this.#port}`;
  }

  async become(manner) {
    if (manner === this.manner) return;
    if (this.manner === 'refusing') await this.#listen();
    this.manner = manner;
    if (manner === 'refusing') await this.close();
    else if (manner === 'well') this.#server.closeIdleConnections();
  }

  async close() {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #listen() {
    this.#server.listen(this.#port, '127.0.0.1');
    await new Promise((resolve) => this.#server.once('listening', resolve));
    this.#port = this.#server.address().port;
  }

  #serve(request, response) {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      if (this.manner === 'silent') return;
      response.setHeader('x-elastic-product', 'Elasticsearch');
      response.setHeader('content-type', 'application/vnd.elasticsearch+json; compatible-with=8');
      if (this.manner === 'busy') {
        response.writeHead(503).end('{}');
        return;
      }
      this.#store(Buffer.concat(chunks));
      response.end('{"errors":false,"items":[]}');
    });
  }

  #store(body) {
    for (let at = 0; at < body.length;) {
      const document = body.indexOf(newline, at) + 1;
      const end = body.indexOf(newline, document);
      if (document === 0 || end < 0) throw new Error('a bulk body that does not end in a line end');
      const id = body.indexOf(idBefore, at) + idBefore.length;
      const message = body.indexOf(messageBefore, document) + messageBefore.length;
      if (id >= document || message >= end) throw new Error(`no id or serial: ${body.toString('utf8', at, end)}`);
      this.#note(Number(body.latin1Slice(message, message + serialDigits)), hashOf(body, id));
      at = end + 1;
    }
  }

  #note(serial, hash) {
    const known = this.#hashes[serial];
    this.#hashes[serial] = hash;
    if (known === 0) this.lines += 1;
    else if (known === hash) this.sentAgain += 1;
    else this.twice += 1;
  }
}

/** FNV-1a over the id up to its closing quote; never 0. */
function hashOf(body, from) {
  let hash = 0x811c9dc5;
  for (let at = from; body[at] !== 0x22; at++) hash = Math.imul(hash ^ body[at], 0x01000193);
  return hash >>> 0 || 1;
}
