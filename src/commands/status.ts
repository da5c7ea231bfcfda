import { printable } from '../../config/mask.js';
import { humanBytes, humanSeconds } from '../health/html.js';
import { reportOfAgent, type AgentPlace } from './agent-report.js';
import { oneLine } from './ask-agent.js';
import type { Io } from './cli.js';
import { type FileFigures, type OutputFigures, type Report } from './status-report.js';
import { columns } from './columns.js';

/**
 * `pannier status`: what the running agent does, for a person, or as JSON. Exits 0 when an agent answered, however well it is (`pannier health` tells that
 * by its exit code), else 1. Never rejects.
 */
export async function status(
  { json }: { readonly json: boolean },
  place: AgentPlace,
  { out, err }: Pick<Io, 'out' | 'err'>,
  nowMs = Date.now(),
): Promise<number> {
  const answer = await reportOfAgent(place);
  if (typeof answer === 'string') {
    err(`pannier: ${answer}\n`);
    return 1;
  }
  out(json ? `${JSON.stringify(answer.whole, undefined, 2)}\n` : pageOf(answer, nowMs));
  return 0;
}

export const headline: Readonly<Record<string, string>> = {
  ok: 'ok: everything is being shipped',
  degraded: 'degraded: something needs a look',
  failing: 'failing: nothing can be shipped',
};

export function pageOf(
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
