import type { Output, OutputContext } from '../../../outputs/output.js';
import { proxyFor } from '../../../outputs/proxy.js';
import { actionFor } from '../../next-step.js';
import type { OutputConfiguration } from '../../types/configuration.js';
import { AgentError, ConfigError } from '../../types/errors.js';
import { probe, type Probe } from './connection.js';
import { fail, ok, warn, type Finding } from './finding.js';

/** How an output is made; `outputs/registry.ts` has them. */
export type CreateOutput = (type: string, context: OutputContext<Readonly<Record<string, unknown>>>) => Promise<Output>;
type Context = Pick<OutputContext<unknown>, 'origin' | 'version'>;

/** The longest time for one destination. Its own limits may be shorter. */
const checkMs = 15_000;
const expiryMs = 14 * 24 * 60 * 60 * 1000;

export interface DestinationOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nowMs: number;
  readonly timeoutMs?: number;
}

/** Asks one destination, as sending would. Never rejects. */
export async function checkDestination(
  configured: OutputConfiguration,
  create: CreateOutput,
  context: Context,
  options: DestinationOptions,
): Promise<readonly Finding[]> {
  const { name, type, settings, batchMaxBytes } = configured;
  let output: Output;
  try {
    output = await create(type, { name, settings, batchMaxBytes, ...context });
  } catch (error) {
    if (!(error instanceof ConfigError)) return [fail(`${name} (${type})`, textOf(error), 'correct its settings')];
    return error.problems.map(({ where, problem, suggestion = 'correct this setting' }) =>
      fail(`${name} ${where}`, problem, suggestion),
    );
  }
  try {
    return await ask(configured, output, options);
  } finally {
    await closed(output);
  }
}

async function ask(
  { name, type, settings }: OutputConfiguration,
  output: Output,
  { env, nowMs, timeoutMs = checkMs }: DestinationOptions,
): Promise<readonly Finding[]> {
  const signal = AbortSignal.timeout(timeoutMs);
  const endpoints = output.endpoints ?? [];
  const [failure, probes] = await Promise.all([
    failureOf(output, signal),
    Promise.all(
      endpoints.map(async (url) => ({
        url,
        proxy: proxyFor(url, env),
        ...(await probe(url, proxyFor(url, env), signal)),
      })),
    ),
  ]);
  const place =
    endpoints.length > 0
      ? endpoints.map(originOf).join(', ')
      : typeof settings.path === 'string'
        ? settings.path
        : `(${type})`;
  const check = `${name} ${place}`;
  const findings: Finding[] = [];
  if (failure === undefined) findings.push(ok(check, `would take records${throughProxy(probes)}`));
  else {
    const text = signal.aborted ? `no answer within ${timeoutMs / 1000} s` : shortened(textOf(failure), endpoints);
    findings.push(fail(check, `${text}${throughProxy(probes)}`, nextStep(failure)));
  }
  // One node of several may be down without harm, but a person wants to know.
  for (const { url, problem } of probes)
    if (problem !== undefined && endpoints.length > 1)
      findings.push(warn(`${name} ${originOf(url)}`, problem, actionFor('OUTPUT_UNREACHABLE')));
  findings.push(...probes.flatMap((each) => certificate(name, each, nowMs)));
  if (output.unverifiedBy !== undefined)
    findings.push(
      warn(
        check,
        `any certificate is taken (${output.unverifiedBy}=false)`,
        `set ${output.unverifiedBy.replace(/TLS_VERIFY$/, 'CA_FILE')} to the authority of the destination, and leave ${output.unverifiedBy} out`,
      ),
    );
  return findings;
}

/** That it can't be closed changes nothing in what was found. */
async function closed(output: Output): Promise<void> {
  try {
    await output[Symbol.asyncDispose]();
  } catch {
    // the process ends soon
  }
}

async function failureOf(output: Output, signal: AbortSignal): Promise<unknown> {
  try {
    await output.check(signal);
    return undefined;
  } catch (error) {
    return error ?? new Error('failed without saying why');
  }
}

/** Pure. What is over already fails in the check itself, unless nobody verifies. */
export function certificate(
  name: string,
  { url, certificateEndMs }: Probe & { readonly url: URL },
  nowMs: number,
): Finding[] {
  if (certificateEndMs === undefined || certificateEndMs > nowMs + expiryMs) return [];
  const days = Math.floor((certificateEndMs - nowMs) / (24 * 60 * 60 * 1000));
  const when = days < 0 ? 'is over since' : `ends in ${days} day${days === 1 ? '' : 's'}, at`;
  return [
    warn(
      `${name} ${originOf(url)}`,
      `its certificate ${when} ${new Date(certificateEndMs).toISOString()}`,
      'renew it; from then on nothing is delivered there',
    ),
  ];
}

/** Never the path or the credentials of a URL: they may be secret. */
const originOf = (url: URL): string => url.origin;

function throughProxy(probes: readonly { readonly proxy: URL | undefined }[]): string {
  const proxies = [...new Set(probes.flatMap(({ proxy }) => (proxy === undefined ? [] : [proxy.host])))];
  return proxies.length === 0 ? '' : ` (through the proxy ${proxies.join(', ')})`;
}

/** The host is named before it already. */
function shortened(text: string, endpoints: readonly URL[]): string {
  for (const { host } of endpoints)
    for (const beginning of [`${host} answered `, `${host}: `])
      if (text.startsWith(beginning)) return text.slice(beginning.length);
  return text;
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function nextStep(failure: unknown): string {
  return failure instanceof AgentError ? actionFor(failure.code) : 'see the log of the destination';
}
