import { figures } from '../cases/case.js';
import { show } from './markdown.js';
import type { CaseSummary } from './summary.js';

const width = 860;
const labelWidth = 190;
const barHeight = 16;
const gap = 5;
const titleHeight = 44;
const right = 60;

const colours = { own: '#c2410c', control: '#475569', naive: '#a8a29e', peer: '#60a5fa' } as const;

/** Bars of the figure that each of these cases is compared by, on a logarithmic scale, as an SVG that reads on light and dark pages. */
export function plotOf(cases: readonly CaseSummary[]): string {
  let y = 10;
  const parts: string[] = [];
  for (const one of cases) {
    const bars = one.rows.flatMap(({ title, role, values }) => {
      const value = values[one.main]?.value;
      return value === undefined || value <= 0 ? [] : [{ title, role, value }];
    });
    if (bars.length === 0) continue;
    const { title: unit, better } = figures[one.main];
    parts.push(text(0, y + 18, `${one.title}: ${unit} (${better} is better, logarithmic)`, 'font-weight="600"'));
    y += titleHeight;
    const least = 10 ** Math.floor(Math.log10(Math.min(...bars.map(({ value }) => value)) * 0.999));
    const most = Math.max(...bars.map(({ value }) => value));
    const room = width - labelWidth - right;
    const place = (value: number) => (Math.log10(value / least) / Math.log10(most / least)) * room;
    for (let line = least; line <= most; line *= 10) {
      const x = labelWidth + place(line);
      const bottom = y + bars.length * (barHeight + gap);
      parts.push(
        `<line x1="${x.toFixed(1)}" y1="${y - 4}" x2="${x.toFixed(1)}" y2="${bottom}" stroke="#94a3b8" stroke-width="0.5"/>`,
      );
      parts.push(
        text(x, y - 6, String(Number(line.toPrecision(1))), 'font-size="9" text-anchor="middle" opacity="0.6"'),
      );
    }
    for (const { title, role, value } of bars) {
      parts.push(text(labelWidth - 8, y + 12, title, 'text-anchor="end"'));
      parts.push(
        `<rect x="${labelWidth}" y="${y}" width="${Math.max(1, place(value)).toFixed(1)}" height="${barHeight}" rx="2" fill="${colours[role]}"/>`,
      );
      parts.push(text(labelWidth + Math.max(1, place(value)) + 5, y + 12, show(one.main, value)));
      y += barHeight + gap;
    }
    y += 12;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" viewBox="0 0 ${width} ${y}" font-family="system-ui, sans-serif" font-size="12">`,
    '<style>text { fill: #1e293b } @media (prefers-color-scheme: dark) { text { fill: #e2e8f0 } }</style>',
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function text(x: number, y: number, content: string, more = ''): string {
  const safe = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x.toFixed(1)}" y="${y}" ${more}>${safe}</text>`;
}
