import { printable } from '../../../config/mask.js';
import { humanBytes, humanSeconds } from '../../health/html.js';
import { oneLine } from '../ask-agent.js';
import { columns } from '../columns.js';
import { headline } from '../status.js';
import { ratesOf, type Sample } from './sample.js';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** The lines of one picture, none longer than the terminal is wide, no more than it is high. What the agent says is not trusted with a terminal. */
export function frameOf(before: Sample | undefined, now: Sample, size: Size, nowMs: number): readonly string[] {
  const { report } = now;
  const up = Number.isNaN(report.startedAt) ? '' : `, up ${humanSeconds((nowMs - report.startedAt) / 1000)}`;
  const lines = [
    `Pannier ${printable(report.version)}${up}   ${headline[report.status] ?? printable(report.status)}   q ends`,
    '',
    ...columns(
      ['OUTPUT', 'STATE', '-LINES/S', '-RATE', '-LAG', '-AGE', '-DROPPED'],
      report.outputs.map(({ name, state, lagBytes, lagSeconds, ledger }) => {
        const rates = ratesOf(name, before, now);
        return [
          printable(name),
          printable(state),
          Number.isNaN(rates.lines) ? '-' : `${Math.round(rates.lines)}`,
          Number.isNaN(rates.bytes) ? '-' : `${humanBytes(Math.round(rates.bytes))}/s`,
          humanBytes(lagBytes),
          humanSeconds(lagSeconds),
          humanBytes(ledger.dropped),
        ];
      }),
    ),
    '',
    ...report.reasons.map(
      ({ code, output, message }) => `${printable(code)} ${printable(output)}: ${oneLine(message)}`,
    ),
    ...(report.reasons.length === 0 ? [] : ['']),
    ...columns(
      ['-LAG', '-SIZE', 'STATE', 'FILE'],
      [...report.files]
        .sort((a, b) => b.lagBytes - a.lagBytes)
        .map((file) => [humanBytes(file.lagBytes), humanBytes(file.size), file.state, file.path].map(printable)),
    ),
  ];
  return lines.slice(0, Math.max(1, size.rows)).map((line) => line.slice(0, Math.max(1, size.columns)));
}

/** The same as one JSON object; null where a rate is not known. */
export function jsonOf(before: Sample | undefined, now: Sample, nowMs: number): string {
  const orNull = (rate: number): number | null => (Number.isNaN(rate) ? null : Math.round(rate));
  const { report } = now;
  const outputs = report.outputs.map((output) => {
    const { lines, bytes } = ratesOf(output.name, before, now);
    const { name, state, lagBytes, lagSeconds } = output;
    const rates = { lines_per_second: orNull(lines), bytes_per_second: orNull(bytes) };
    return [name, { state, ...rates, lag_bytes: lagBytes, lag_seconds: lagSeconds }] as const;
  });
  const reasons = report.reasons.map(({ code, output, message }) => ({ code, output, message }));
  const at = new Date(nowMs).toISOString();
  return JSON.stringify({ at, status: report.status, reasons, outputs: Object.fromEntries(outputs) });
}
