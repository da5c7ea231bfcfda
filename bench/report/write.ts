import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { root } from '../folders.js';
import { markdownOf, overview } from './markdown.js';
import { plotOf } from './plot.js';
import type { Results } from './results.js';
import { summarize } from './summary.js';

const page = join(root, 'docs/performance.md');
const begin = '<!-- from the results: begin -->';
const end = '<!-- from the results: end -->';
/** The plot is of these, where they ran. */
const plotted: readonly string[] = ['raw', 'json', 'nginx', 'live-1', 'idle'];

/** Writes bench/results/DATE-TIME.json and .md; returns the path of the first. */
export function writeResults(results: Results): string {
  const folder = join(root, 'bench/results');
  mkdirSync(folder, { recursive: true });
  const name = results.date.slice(0, 16).replaceAll(':', '').replace('T', '-');
  const path = join(folder, `${name}.json`);
  writeFileSync(path, `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync(path.replace(/\.json$/, '.md'), markdownOf(results, summarize(results)));
  return path;
}

/**
 * Makes the Markdown beside a result file anew, and the table and plot of docs/performance.md.
 * @throws Error when that page lacks the marks between which the table stands
 */
export function render(path: string): void {
  const results = JSON.parse(readFileSync(path, 'utf8')) as Results;
  const summary = summarize(results);
  const text = readFileSync(page, 'utf8');
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/performance.md has no ${begin} … ${end}`);
  writeFileSync(path.replace(/\.json$/, '.md'), markdownOf(results, summary));
  writeFileSync(join(root, 'docs/performance.svg'), plotOf(summary.filter(({ id }) => plotted.includes(id))));
  const link = `../bench/results/${basename(path).replace(/\.json$/, '.md')}`;
  const made = [
    begin,
    '',
    '![MB per CPU second, latency and idle cost of Pannier, the control and the peers](performance.svg)',
    '',
    overview(results, summary),
    '',
    `In brackets: ratio to the best peer. Machine, versions, settings and every figure: [results of ${results.date.slice(0, 10)}](${link}).`,
    '',
    '',
  ].join('\n');
  writeFileSync(page, text.slice(0, from) + made + text.slice(to));
}
