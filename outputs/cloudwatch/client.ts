import assert from 'node:assert/strict';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
  PutRetentionPolicyCommand,
  type PutLogEventsCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs';
import { ConfigError, RetryableError } from '../../src/types/errors.js';
import { proxyFor } from '../proxy.js';
import { checkTls } from '../tls.js';
import { authorityFile, AwsConnections } from './connections.js';
import type { Place } from './names.js';

/** The calls of the API that the output makes, one attempt each. They reject with the SDK's errors (`classify.ts` reads them). */
export interface LogsApi {
  /** `body` is the whole request body, already JSON, for `place`; it must not change until the call has ended. */
  putLogEvents(place: Place, body: Buffer, signal: AbortSignal): Promise<PutLogEventsCommandOutput>;
  createLogGroup(group: string, signal: AbortSignal): Promise<unknown>;
  createLogStream(place: Place, signal: AbortSignal): Promise<unknown>;
  putRetentionPolicy(group: string, days: number, signal: AbortSignal): Promise<unknown>;
  /** ms since the epoch, put right by what the service's replies say of our clock. */
  nowMs(): number;
  /** Where the calls go, unless a shared AWS file names another place. */
  readonly endpoint: URL;
  close(): void;
}

/** Replies are a few hundred bytes; an error page of a proxy may be some KiB. */
const replyMaxBytes = 64 * 1024;

/**
 * The SDK's client, with its own retries off. Region, endpoint and credentials come from where every AWS SDK takes them: environment, shared
 * files, web identity (IRSA), container (ECS, EKS Pod Identity) and instance roles.
 * @throws ConfigError when there is no region, or an endpoint, proxy or AWS_CA_BUNDLE that cannot be used
 */
export async function openLogsApi(version: string, connectTimeoutMs: number): Promise<LogsApi> {
  checkEndpoint();
  checkTls(
    { caFile: authorityFile(process.env), certFile: undefined, keyFile: undefined, verify: true },
    () => 'AWS_CA_BUNDLE',
  );
  // The SDK warns of older versions of Node, in plain text between the lines of our log. Ours is the version that `engines` names.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const client = new CloudWatchLogsClient({
    maxAttempts: 1,
    customUserAgent: [['pannier', version]],
    requestHandler: { httpsAgent: new AwsConnections(process.env), connectionTimeout: connectTimeoutMs },
    // The SDK's own logger would write its warnings to the console, between the lines of our log.
    logger: { trace: () => {}, debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  });
  const region = await checkReach(client);
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) =>
        boundedReply(await next(args), commandName !== 'PutLogEventsCommand'),
    { step: 'deserialize', priority: 'low', name: 'pannierBoundedReply' },
  );
  return {
    putLogEvents: ({ group, stream }, body, abortSignal) => {
      const command = new PutLogEventsCommand({ logGroupName: group, logStreamName: stream, logEvents: [] });
      // Our bytes take the place of what the SDK serialized, before it takes their length and signs them.
      command.middlewareStack.add(
        (next) => (args) => {
          assert(typeof args.request === 'object' && args.request !== null);
          Object.assign(args.request, { body });
          return next(args);
        },
        { step: 'build', priority: 'high', name: 'pannierBody' },
      );
      return client.send(command, { abortSignal });
    },
    createLogGroup: (logGroupName, abortSignal) =>
      client.send(new CreateLogGroupCommand({ logGroupName }), { abortSignal }),
    createLogStream: ({ group, stream }, abortSignal) =>
      client.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: stream }), { abortSignal }),
    putRetentionPolicy: (logGroupName, retentionInDays, abortSignal) =>
      client.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays }), { abortSignal }),
    nowMs: () => Date.now() + client.config.systemClockOffset,
    endpoint: endpointOf(region, process.env),
    close: () => client.destroy(),
  };
}

function checkEndpoint(): void {
  for (const where of ['AWS_ENDPOINT_URL_CLOUDWATCH_LOGS', 'AWS_ENDPOINT_URL']) {
    const value = process.env[where] ?? '';
    if (value === '' || (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol))) continue;
    throw new ConfigError([
      { where, problem: `${value} is no http or https URL`, suggestion: 'for example http://127.0.0.1:4566' },
    ]);
  }
}

/** Region and proxy, as far as they can be wrong before the first request. */
async function checkReach(client: CloudWatchLogsClient): Promise<string> {
  try {
    const region = await client.config.region().catch(() => undefined);
    if (region === undefined || region === '') throw new ConfigError([noRegion]);
    proxyFor(endpointOf(region, {}), process.env);
    return region;
  } catch (error) {
    client.destroy();
    throw error;
  }
}

function endpointOf(region: string, env: Readonly<Record<string, string | undefined>>): URL {
  const { AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: own = '', AWS_ENDPOINT_URL: common = '' } = env;
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return new URL(own || common || `https://logs.${region}.${suffix}`);
}

const noRegion = {
  where: 'AWS_REGION',
  problem: 'the cloudwatch output needs an AWS region; no variable and no shared AWS file names a good one',
  suggestion: 'set AWS_REGION, for example eu-central-1',
};

/**
 * Puts the bytes of a reply in the place of its stream, no more of them than a reply can have, before the SDK parses them. The SDK takes any JSON and an
 * empty body for a success; a success of AWS is an object, or, of a call that gives nothing back, empty.
 */
async function boundedReply<R extends { readonly response: unknown }>(result: R, mayBeEmpty: boolean): Promise<R> {
  const { response } = result;
  assert(isReply(response));
  const bytes = await collect(response.body);
  const first = bytes.find((byte) => byte > 0x20);
  if (response.statusCode < 300 && first !== openingBrace && !(mayBeEmpty && first === undefined))
    throw new RetryableError('OUTPUT_INVALID_REPLY', 'the reply is no JSON object');
  response.body = bytes;
  return result;
}

const openingBrace = 0x7b;

interface Reply {
  readonly statusCode: number;
  body: unknown;
}

function isReply(response: unknown): response is Reply {
  return typeof response === 'object' && response !== null && 'statusCode' in response && 'body' in response;
}

async function collect(stream: unknown): Promise<Buffer> {
  assert(isByteStream(stream));
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    // Leaving the loop destroys the stream, and its connection with it.
    if (bytes > replyMaxBytes)
      throw new RetryableError('OUTPUT_INVALID_REPLY', `the reply is larger than ${replyMaxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function isByteStream(stream: unknown): stream is AsyncIterable<Uint8Array> {
  return typeof stream === 'object' && stream !== null && Symbol.asyncIterator in stream;
}
