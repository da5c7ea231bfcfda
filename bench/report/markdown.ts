import { type FigureName, figures } from '../cases/case.js';
import type { Results } from './results.js';
import type { CaseSummary, Row, Value } from './summary.js';

/** The whole of the results, for a person. */
export function markdownOf(results: Results, summary: readonly CaseSummary[]): string {
  const { machine, plan } = results;
  return [
    `# Benchmark of ${results.date.slice(0, 10)}`,
    '',
    `Commit ${results.commit}; ${machine.cores} cores of ${machine.cpu}, ${machine.memoryGiB} GiB, Linux ${machine.kernel} (${machine.arch}); Node ${machine.node}, gcc ${machine.gcc}. ` +
      `${plan.rounds} ${plan.rounds === 1 ? 'round' : 'rounds'}, agents in turn, medians; ${plan.bytes / 1e6} MB of input for fast agents and a quarter of it for slow ones in catch-up cases; live and idle cases were watched for ${plan.seconds} s. ` +
      'MB are 10⁶ bytes of input. CPU seconds are those of all threads, user and system.',
    '',
    'A cell is the value, then in brackets its ratio to the C control and to the best peer of that figure (– where there is none). Only runs in which every record came exactly once and whole count.',
    '',
    ...summary.flatMap((one) => [...caseLines(one), '']),
    '## Agents',
    '',
    '| agent | version | settings |',
    '|---|---|---|',
    ...results.agents.map(({ title, version, notes }) => `| ${title} | ${version} | ${notes} |`),
    '',
  ].join('\n');
}

function caseLines(one: CaseSummary): string[] {
  const remarks = one.rows.flatMap(({ title, remarks: all }) =>
    [...new Set(all)].map((remark) => `- ${title}: ${remark}`),
  );
  const counted = one.rows.filter(({ rounds }) => rounds > 0);
  const megabytes = counted.filter((row) => row.megabytes !== undefined);
  return [
    `## ${one.id}: ${one.title}`,
    '',
    [
      one.how,
      megabytes.length === 0
        ? ''
        : `MB of input: ${megabytes.map((row) => `${row.title} ${Math.round(row.megabytes ?? 0)}`).join(', ')}.`,
      `Load before the runs ${one.load.toFixed(1)}; others kept ${one.otherCores.toFixed(2)} cores busy (medians).`,
    ]
      .filter((text) => text !== '')
      .join(' '),
    '',
    ...tableOf(counted, one.names),
    ...(remarks.length === 0 ? [] : ['', ...remarks]),
  ];
}

function tableOf(rows: readonly Row[], names: readonly FigureName[]): string[] {
  if (rows.length === 0) return ['No run counts.'];
  return [
    `| agent | ${names.map((name) => figures[name].title).join(' | ')} |`,
    `|---|${names.map(() => '---:|').join('')}`,
    ...rows.map(({ title, values }) => `| ${title} | ${names.map((name) => cell(name, values[name])).join(' | ')} |`),
  ];
}

function cell(name: FigureName, value: Value | undefined): string {
  if (value === undefined) return '–';
  return `${show(name, value.value)} (${shortRatio(value.toControl)} · ${shortRatio(value.toBestPeer)})`;
}

/** One row a case, one column an agent: the figure that they are compared by. Pannier's has its ratio to the best peer. */
export function overview(results: Results, summary: readonly CaseSummary[]): string {
  const agents = results.agents.filter(({ id }) =>
    summary.some(({ rows }) => rows.some((row) => row.agent === id && row.rounds > 0)),
  );
  return [
    `| | ${agents.map(({ title }) => title).join(' | ')} |`,
    `|---|${agents.map(() => '---:|').join('')}`,
    ...summary.map((one) => {
      const cells = agents.map(({ id }) => {
        const row = one.rows.find(({ agent }) => agent === id);
        const value = row?.values[one.main];
        if (row === undefined || value === undefined) return '';
        const ratio = row.role === 'own' && value.toBestPeer !== undefined ? ` (${shortRatio(value.toBestPeer)}×)` : '';
        return show(one.main, value.value) + ratio;
      });
      return `| ${one.title}: ${figures[one.main].title} | ${cells.join(' | ')} |`;
    }),
  ].join('\n');
}

/** Small values keep two digits that say something. */
export function show(name: FigureName, value: number): string {
  return value > 0 && value < 1 ? value.toPrecision(2) : value.toFixed(figures[name].digits);
}

function shortRatio(value: number | undefined): string {
  if (value === undefined) return '–';
  return value >= 10 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toPrecision(2);
}
