import { printable } from '../../config/mask.js';
import { humanBytes, humanSeconds } from '../health/html.js';
import { agentAddress, ask, oneLine, type ConfiguredListen } from './ask-agent.js';
import type { Env, Io } from './cli.js';
import { asReport, type FileFigures, type OutputFigures, type Report } from './status-report.js';
import { columns } from './columns.js';

/**
 * `pannier status`: what the running agent does, for a person, or as JSON. Exits 0 when an agent answered, however well it is (`pannier health` tells that
 * by its exit code), else 1. Never rejects.
 */
export async function status(
  { json }: { readonly json: boolean },
  env: Env,
  { out, err }: Io,
  configured: ConfiguredListen,
  nowMs = Date.now(),
): Promise<number> {
  const answer = await reportOfAgent(env, configured);
  if (typeof answer === 'string') {
    err(`pannier: ${answer}\n`);
    return 1;
  }
  out(json ? `${JSON.stringify(answer.whole, undefined, 2)}\n` : pageOf(answer, nowMs));
  return 0;
}

/** The one place that knows where the figures come from: `/health` on loopback. The report, or why there is none. */
async function reportOfAgent(env: Env, configured: ConfiguredListen): Promise<Report | string> {
  const address = await agentAddress(env, configured);
  if (typeof address === 'string') return address;
  const asked = `http://${address.shown}/health`;
  try {
    // A failing agent answers 503, and says why.
    const { code, body } = await ask(address, '/health');
    return asReport(body) ?? `${asked} answered ${code}, not as Pannier does: ${oneLine(body)}`;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `${asked}: ${reason}; is the agent running, and is PANNIER_LISTEN the same here?`;
  }
}

const headline: Readonly<Record<string, string>> = {
  ok: 'ok: everything is being shipped',
  degraded: 'degraded: something needs a look',
  failing: 'failing: nothing can be shipped',
};

function pageOf(
  { status, version, configHash, startedAt, durable, reasons, outputs, files, filesTotal }: Report,
  nowMs: number,
): string {
  const up = Number.isNaN(startedAt) ? '' : `, up ${humanSeconds((nowMs - startedAt) / 1000)}`;
  const lines = [
    headline[status] ?? printable(status),
    ...reasons.flatMap(({ code, output, message, action }) => [
      `  ${printable(code)}${output === '' ? '' : ` (${printable(output)})`}: ${oneLine(message)}`,
      `    to do: ${oneLine(action)}`,
    ]),
    `Pannier ${printable(version)}${up}, configuration ${printable(configHash)}, positions ${durable ? 'on the disk' : 'IN MEMORY ONLY'}`,
    '',
    ...columns(
      ['OUTPUT', 'STATE', '-LAG', '-AGE', '-DELIVERED', '-DEAD', '-DROPPED', '-LAST SUCCESS'],
      outputs.map((output) => outputRow(output, nowMs)),
    ),
    '',
    ...(files.length === 0
      ? ['no files']
      : columns(['FILE', 'STATE', 'FORMAT', '-PARSED', '-SIZE', '-LAG'], files.map(fileRow))),
    ...(filesTotal > files.length ? [`the ${files.length} of ${filesTotal} files with most lag`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function outputRow(
  { name, type, state, lagBytes, lagSeconds, ledger, lastSuccess }: OutputFigures,
  nowMs: number,
): readonly string[] {
  return [
    name === type ? name : `${name} (${type})`,
    state,
    humanBytes(lagBytes),
    humanSeconds(lagSeconds),
    humanBytes(ledger.delivered),
    humanBytes(ledger.deadLettered),
    humanBytes(ledger.dropped),
    Number.isNaN(lastSuccess) ? 'never' : `${humanSeconds((nowMs - lastSuccess) / 1000)} ago`,
  ].map(printable);
}

function fileRow({ path, state, format, parsedShare, size, lagBytes }: FileFigures): readonly string[] {
  const parsed = Number.isNaN(parsedShare) ? '' : `${Math.floor(parsedShare * 100)} %`;
  return [path, state, format, parsed, humanBytes(size), humanBytes(lagBytes)].map(printable);
}
