import { choice, duration, flag, path, secretMap, text } from '../../src/types/setting.js';

export const defaults = { batchMaxBytes: '2MiB', batchMaxWait: '1s' } as const;

/** Headers that the output sets itself, or that would change what a request is. */
const ours = [
  'content-type',
  'content-length',
  'content-encoding',
  'transfer-encoding',
  'connection',
  'host',
  'expect',
];

export const settings = {
  url: text({
    env: 'URL',
    required: true,
    doc: 'Where to POST batches, one JSON document a line (NDJSON). Any 2xx answer accepts the whole batch. Credentials go into HEADERS.',
    check: urlProblem,
  }),
  headers: secretMap({
    env: 'HEADERS',
    doc: 'Headers to send, `Name=value` comma-separated, e.g. `Authorization=Bearer …`.',
    check: headersProblem,
  }),
  compression: choice({
    env: 'COMPRESSION',
    default: 'none',
    choices: ['none', 'gzip'],
    doc: 'gzip costs CPU in the pod and saves traffic; the server must take `Content-Encoding: gzip`.',
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
    doc: 'A request that has no whole answer after this is sent again.',
  }),
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
};

function urlProblem(value: string): string | undefined {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) return 'is not an http or https URL';
  if (url.username !== '' || url.password !== '')
    return 'holds credentials, which would be shown: put `Authorization=Basic …` into HEADERS';
  return undefined;
}

/** Field names and values by RFC 9110, sections 5.1 and 5.5. Values are secret, so only names are repeated. */
function headersProblem(headers: Readonly<Record<string, string>>): string | undefined {
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return `${JSON.stringify(name)} is not the name of a header`;
    if (ours.includes(name.toLowerCase())) return `${name} is set by the output itself`;
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
      return `the value of ${name} holds characters that no header can carry`;
  }
  return undefined;
}
