import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Run } from '../runs.js';
import { markdownOf, overview } from './markdown.js';
import { plotOf } from './plot.js';
import type { Results } from './results.js';
import { summarize } from './summary.js';

const agent = (id: string, role: Results['agents'][number]['role']) => ({
  id,
  title: id,
  role,
  notes: '',
  version: '1',
});
const run = (name: string, round: number, mbPerCpuSecond: number, problems: string[] = []): Run => ({
  case: 'raw',
  agent: name,
  round,
  figures: { mbPerCpuSecond },
  problems,
  disturbance: { load: round, otherCores: 0.5, stolenCores: 0 },
});
const results: Results = {
  date: '2026-11-21T10:00:00.000Z',
  commit: 'abc',
  machine: { cpu: 'x', cores: 2, memoryGiB: 1, kernel: 'k', arch: 'a', node: 'v', gcc: 'g' },
  plan: { rounds: 3, bytes: 1e6, seconds: 1 },
  agents: [
    agent('pannier', 'own'),
    agent('control', 'control'),
    agent('slow', 'peer'),
    agent('fast', 'peer'),
    agent('none', 'peer'),
  ],
  cases: [{ id: 'raw', title: 'raw text', how: '', main: 'mbPerCpuSecond' }],
  runs: [
    ...[100, 300, 200].map((value, index) => run('pannier', index + 1, value)),
    run('control', 1, 1_000),
    run('slow', 1, 10),
    run('fast', 1, 40),
    run('fast', 2, 4_000, ['2 never came']),
    { case: 'raw', agent: 'none', round: 1, figures: {}, problems: [], cannot: 'it has one destination' },
  ],
};

test('a figure is the median of the rounds, beside the control and the best of the peers', () => {
  const row = summarize(results)[0]?.rows.find(({ agent: id }) => id === 'pannier');
  assert.deepEqual(row?.values.mbPerCpuSecond, { value: 200, toControl: 0.2, toBestPeer: 5 });
});

test('a round with a problem does not count, and is told', () => {
  const row = summarize(results)[0]?.rows.find(({ agent: id }) => id === 'fast');
  assert.equal(row?.values.mbPerCpuSecond?.value, 40);
  assert.equal(row.rounds, 1);
  assert.deepEqual(row.remarks, ['round 2 does not count: 2 never came']);
});

test('the page has every agent that ran, and says why one did not', () => {
  const page = markdownOf(results, summarize(results));
  assert.match(page, /\| pannier \| 200\.0 \(0\.20 · 5\.0\) \|/);
  assert.match(page, /- none: not run: it has one destination/);
  assert.doesNotMatch(page, /\| none \| –/);
  assert.match(
    overview(results, summarize(results)),
    /\| raw text: MB per CPU second \| 200\.0 \(5\.0×\) \| 1000\.0 \| 10\.0 \| 40\.0 \|/,
  );
});

test('the plot has a bar for each agent with a figure, the longest for the largest', () => {
  const svg = plotOf(summarize(results));
  const widths = [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map((match) => Number(match[1]));
  assert.equal(widths.length, 4);
  assert.equal(widths.indexOf(Math.max(...widths)), 1);
});
