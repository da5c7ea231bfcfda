import { choice, duration, flag, integer, path, secret, text, urls } from '../../src/types/setting.js';
import { parseTemplate } from '../template.js';
import { indexRules } from './index-name.js';

export const defaults = { batchMaxBytes: '2MiB', batchMaxWait: '1s' } as const;

/** What would break the header that carries it. */
const headerSafe = (value: string) =>
  /^[\x20-\x7e]*$/.test(value) ? undefined : 'holds characters that no HTTP header can carry, such as a line end';

export const settings = {
  url: urls({
    env: 'URL',
    required: true,
    doc: 'Nodes, comma-separated; they take turns, and one that fails is left alone for a minute. A path in the URL is kept, for proxies.',
  }),
  index: text({
    env: 'INDEX',
    default: 'logs-pannier-default',
    doc: 'Data stream, index or alias to create documents in; a template: `logs-{service}-{yyyy.MM.dd}`.',
    check: (value) => {
      const parsed = parseTemplate(value, indexRules);
      return 'problem' in parsed ? parsed.problem : undefined;
    },
  }),
  apiKey: secret({
    env: 'API_KEY',
    doc: 'API key, encoded as Elasticsearch shows it, or as `id:key`. It needs `create_doc` on the index, and `auto_configure` to have it made.',
    check: headerSafe,
  }),
  username: text({ env: 'USERNAME', doc: 'User of the basic authentication; not together with API_KEY.' }),
  password: secret({ env: 'PASSWORD', doc: 'Password of USERNAME.' }),
  caFile: path({
    env: 'CA_FILE',
    doc: 'PEM file with the certificate authorities to trust instead of the usual ones.',
  }),
  certFile: path({ env: 'CERT_FILE', doc: 'PEM file with the client certificate. Read again when it changes.' }),
  keyFile: path({ env: 'KEY_FILE', doc: 'PEM file with the key of CERT_FILE.' }),
  tlsVerify: flag({
    env: 'TLS_VERIFY',
    default: 'true',
    doc: '`false` takes any certificate: whoever is in between can read and change everything. For tests only; CA_FILE is the way.',
  }),
  compression: choice({
    env: 'COMPRESSION',
    default: 'none',
    choices: ['none', 'gzip'],
    doc: 'gzip costs CPU in the pod and saves traffic.',
  }),
  pipeline: text({
    env: 'PIPELINE',
    doc: "Ingest pipeline to run documents through, instead of the index's own default.",
  }),
  concurrency: integer({
    env: 'CONCURRENCY',
    default: '2',
    min: '1',
    max: '16',
    doc: 'Most bulk requests under way at once. It begins with one and finds what the servers can take; each takes memory for a batch.',
  }),
  connectTimeout: duration({
    env: 'CONNECT_TIMEOUT',
    default: '10s',
    min: '100ms',
    max: '10m',
    doc: 'Longest time until there is a connection, the name looked up and TLS agreed on. A host that drops packets would otherwise cost the whole REQUEST_TIMEOUT of each attempt.',
  }),
  requestTimeout: duration({
    env: 'REQUEST_TIMEOUT',
    default: '30s',
    min: '100ms',
    max: '10m',
    doc: 'A bulk request that has no whole answer after this is sent again.',
  }),
};
