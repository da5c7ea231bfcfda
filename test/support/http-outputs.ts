import { output as cloudwatch } from '../../outputs/cloudwatch/index.js';
import { output as elasticsearch } from '../../outputs/elasticsearch/index.js';
import { output as http } from '../../outputs/http/index.js';
import type { Output } from '../../outputs/output.js';
import { itemsOf, recordOf } from './items.js';

/** Everything that a hostile destination would like to have. None of it may be in a message. */
export const credentials = {
  apiKey: 'ZXhhbXBsZTprZXktb2YtdGhlLXRlc3Q=',
  bearer: 'Bearer token-of-the-test-0123456789',
  awsSecret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
} as const;

export const httpTypes = ['http', 'elasticsearch', 'cloudwatch'] as const;

export interface Reach {
  readonly caFile?: string | undefined;
  readonly tlsVerify?: boolean;
  readonly requestTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
}

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

/** An output of each type that speaks HTTP, aimed at `url`. CloudWatch's reach stands in the environment of the process, where the SDK looks for it. */
export async function openOutput(type: (typeof httpTypes)[number], url: string, reach: Reach = {}): Promise<Output> {
  const { caFile, tlsVerify = true, requestTimeoutMs: requestTimeout = 10_000 } = reach;
  const { connectTimeoutMs: connectTimeout = 10_000 } = reach;
  const tls = {
    caFile,
    certFile: undefined,
    keyFile: undefined,
    tlsVerify,
    compression: 'none',
    connectTimeout,
    requestTimeout,
  } as const;
  const common = { name: type, batchMaxBytes: 1_048_576, origin, version: '1.2.3' };
  if (type === 'http')
    return http.create({ ...common, settings: { ...tls, url, headers: { Authorization: credentials.bearer } } });
  if (type === 'elasticsearch') {
    const none = { username: undefined, password: undefined, pipeline: undefined, concurrency: 2 };
    const settings = { ...tls, ...none, url: [url], index: 'logs-test-default', apiKey: credentials.apiKey };
    return elasticsearch.create({ ...common, settings });
  }
  Object.assign(process.env, {
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: credentials.awsSecret,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/nonexistent/config',
    AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
    AWS_ENDPOINT_URL: url,
    AWS_CA_BUNDLE: caFile ?? '',
  });
  const settings = {
    logGroup: '/g',
    logStream: 's',
    retentionDays: undefined,
    body: 'line',
    connectTimeout,
    requestTimeout,
  } as const;
  return await cloudwatch.create({ ...common, settings });
}

/** One batch of `lines`: what came of it. Resolves with the outcomes, or with the error that `send` threw. */
export async function sent(output: Output, lines: readonly string[] = ['a line']): Promise<unknown> {
  const items = itemsOf(
    output,
    lines.map((line) => recordOf(line)),
  );
  return await output.send(items, new AbortController().signal).catch((error: unknown) => error);
}
