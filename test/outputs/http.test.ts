import { output as http } from '../../outputs/http/index.js';
import type { Output, OutputContext } from '../../outputs/output.js';
import { httpOutputContract, type HttpSubject } from '../support/contract.js';
import { type Received, ScriptedHttp } from '../support/scripted-http.js';

type Settings = OutputContext<Parameters<typeof http.create>[0]['settings']>['settings'];
const origin = {
  pod: 'p',
  namespace: 'n',
  node: 'n1',
  podUid: '',
  container: 'c',
  service: 's',
  host: 'h',
  labels: {},
};

function create(url: string, over: Partial<Settings> = {}): Output {
  const settings: Settings = {
    url,
    headers: { Authorization: 'Bearer top-secret' },
    compression: 'none',
    connectTimeout: 10_000,
    requestTimeout: 30_000,
    caFile: undefined,
    certFile: undefined,
    keyFile: undefined,
    tlsVerify: true,
    ...over,
  };
  return http.create({ name: 'http', settings, batchMaxBytes: 2 << 20, origin, version: '0.0.0' });
}

/** A sink as simple as they come: every line is a document. */
async function openSink(over: Partial<Settings> = {}): Promise<HttpSubject & { readonly url: string }> {
  const messages: string[] = [];
  const server = await ScriptedHttp.start({
    answer: ({ body }: Received) => {
      for (const line of body.toString('utf8').split('\n').slice(0, -1)) messages.push(messageOf(line));
      return { status: 204 };
    },
  });
  const output = create(`${server.url}/ingest?source=pannier`, over);
  return {
    output,
    server,
    url: server.url,
    stored: () => messages,
    async [Symbol.asyncDispose]() {
      await output[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

function messageOf(line: string): string {
  const document: unknown = JSON.parse(line);
  return typeof document === 'object' && document !== null && 'message' in document ? String(document.message) : line;
}

for (const compression of ['none', 'gzip'] as const)
  httpOutputContract(`http (${compression})`, {
    open: ({ requestTimeoutMs }) => openSink({ requestTimeout: requestTimeoutMs, compression }),
    statusIsEnough: true,
    replies: {
      busy: { reply: { status: 429, headers: { 'retry-after': '7' } }, retryAfterMs: 7000 },
      serverError: { status: 500, body: 'oops' },
      unauthorised: { status: 401 },
      tooLarge: { status: 413 },
      refused: { status: 400, body: 'no' },
      missing: { status: 404 },
      garbage: [],
    },
  });
