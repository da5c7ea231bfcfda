import { createHash } from 'node:crypto';
import type { AgentStatus, FileStatus, OutputStatus, Reason } from '../types/stats.js';
import { healthOf, reasonsOf } from './health-report.js';
import type { Health } from './health-report.js';
import { escapeHtml, humanBytes, humanSeconds } from './html.js';

const style = `
:root{color-scheme:light dark;font:15px/1.45 system-ui,sans-serif}
body{margin:1.5rem auto;max-width:70rem;padding:0 1rem}
h1{padding:.5rem .8rem;border-radius:.4rem;color:#fff}
h1.ok{background:#17723a}h1.degraded{background:#a35200}h1.failing{background:#b3141c}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #8886}
td.n,th.n{text-align:right;white-space:nowrap}code,td.path{font-family:ui-monospace,monospace;overflow-wrap:anywhere}
.bad{color:#d1242f;font-weight:600}.what{margin:.8rem 0;padding:.3rem .8rem;border-left:.3rem solid #d1242f}
`;

/** Nothing is loaded, run, sent or framed: the page is this text and the one style, known by its hash. */
export const pagePolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const shownFiles = 25;

/** The page for a person: what is wrong and what to do, then the outputs, then the files that lag most. `full` as in `healthReport`. Pure. */
export function statusPage(status: AgentStatus, full: boolean, nowMs: number): string {
  const health = healthOf(status);
  const age = (ms: number | undefined): string =>
    ms === undefined ? 'never' : `${humanSeconds((nowMs - ms) / 1000)} ago`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="5">
<meta name="viewport" content="width=device-width">
<title>${health} – Pannier</title>
<style>${style}</style>
</head>
<body>
<h1 class="${health}">${headline[health]}</h1>
${reasonsOf(status)
  .map((reason) => reasonSection(reason, full))
  .join('\n')}
<h2>Outputs</h2>
${table(
  ['Output', 'State', '-Lag', '-Age of lag', '-In flight', 'Last success', 'Last error', '-Dead-lettered', '-Dropped'],
  status.outputs.map((output) => outputRow(output, full, age)),
)}
<h2>Files</h2>
${full ? filesTable(status) : `<p>${status.filesTotal} files. Their paths are shown to callers on loopback only (PANNIER_STATUS_PUBLIC).</p>`}
<p>Positions: ${status.durable ? `on the disk, last commit ${age(status.lastCommitMs)}` : '<span class="bad">in memory only</span>'}.
Held deleted files: ${humanBytes(status.heldBytes)}.
${status.ready ? 'Ready.' : '<span class="bad">Not ready yet.</span>'}</p>
<p>Pannier ${escapeHtml(status.version)}, configuration <code>${escapeHtml(status.configHash)}</code>, started ${age(status.startedAtMs)}.
<a href="/health">/health</a> <a href="/metrics">/metrics</a></p>
</body>
</html>
`;
}

const headline: Readonly<Record<Health, string>> = {
  ok: 'OK: everything is being shipped',
  degraded: 'Degraded: something needs a look',
  failing: 'Failing: nothing can be shipped',
};

function reasonSection({ code, output, message, action }: Reason, full: boolean): string {
  const where = output === '' ? '' : ` (${escapeHtml(output)})`;
  const words = full ? `<br>${paragraph(message)}<br><strong>What to do:</strong> ${paragraph(action)}` : '';
  return `<p class="what"><strong>${escapeHtml(code)}</strong>${where}${words}</p>`;
}

/** A list of problems comes with a line for each. */
const paragraph = (text: string): string => text.split('\n').map(escapeHtml).join('<br>');

function outputRow(output: OutputStatus, full: boolean, age: (ms: number | undefined) => string): readonly string[] {
  const { delivery, ledger } = output;
  const { lastError } = delivery;
  const words = full && lastError !== undefined ? `: ${escapeHtml(lastError.message)}` : '';
  const error =
    lastError === undefined ? '' : `${lastError.code}${words} (${lastError.count}×, ${age(lastError.atMs)})`;
  return [
    `${escapeHtml(output.name)}${output.name === output.type ? '' : ` (${escapeHtml(output.type)})`}`,
    delivery.failing || delivery.state === 'blocked' ? `<span class="bad">${delivery.state}</span>` : delivery.state,
    humanBytes(output.lagBytes),
    humanSeconds(output.lagSeconds),
    `${delivery.requestsInFlight} (${humanBytes(delivery.bytesInFlight)})`,
    age(delivery.lastSuccessMs),
    error,
    humanBytes(ledger.deadLettered),
    ledger.dropped === 0 ? '0 B' : `<span class="bad">${humanBytes(ledger.dropped)}</span>`,
  ];
}

function filesTable({ files, filesTotal }: AgentStatus): string {
  const lag = ({ outputs }: FileStatus): number =>
    Math.max(0, ...Object.values(outputs).map(({ lagBytes }) => lagBytes));
  const most = files.toSorted((a, b) => lag(b) - lag(a)).slice(0, shownFiles);
  const rows = most.map(({ path, format, parsedShare, size, state, outputs }) => [
    escapeHtml(path),
    state,
    escapeHtml(format),
    parsedShare === undefined ? '' : `${Math.floor(parsedShare * 100)} %`,
    humanBytes(size),
    Object.entries(outputs)
      .map(([name, { lagBytes }]) => `${escapeHtml(name)} ${humanBytes(lagBytes)}`)
      .join('<br>'),
  ]);
  const rest = filesTotal > most.length ? `<p>The ${most.length} of ${filesTotal} with most lag.</p>` : '';
  return `${table(['#Path', 'State', 'Format', '-Parsed', '-Size', '-Lag'], rows)}${rest}`;
}

/** Cells are HTML. A title that begins with `-` is of numbers, one with `#` of paths. */
function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '<p>None.</p>';
  const kind = (title: string): string =>
    title.startsWith('-') ? ' class="n"' : title.startsWith('#') ? ' class="path"' : '';
  const head = titles.map((title) => `<th${kind(title)}>${title.replace(/^[-#]/, '')}</th>`).join('');
  const body = rows.map(
    (cells) => `<tr>${cells.map((cell, column) => `<td${kind(titles[column] ?? '')}>${cell}</td>`).join('')}</tr>`,
  );
  return `<table><thead><tr>${head}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table>`;
}
