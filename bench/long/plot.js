const width = 860;
const height = 110;
const left = 64;
const right = 12;
const gap = 46;

const panels = [
  { title: 'resident memory, MiB', name: 'residentMiB', colour: '#c2410c' },
  { title: 'descriptors', name: 'descriptors', colour: '#2563eb' },
  { title: 'state directory, KiB', name: 'stateKiB', colour: '#059669' },
  { title: 'lines not yet stored, thousands', name: 'behind', colour: '#7c3aed', by: 1000 },
];

/** The samples of a long run as an SVG that reads on light and dark pages; outages are shaded. */
export function plot(samples) {
  const end = samples.at(-1).seconds;
  const x = (seconds) => left + (seconds / end) * (width - left - right);
  const parts = panels.flatMap(({ title, name, colour, by = 1 }, index) => {
    const top = 24 + index * (height + gap);
    const most = Math.max(1, ...samples.map((sample) => sample[name] / by)) * 1.1;
    const y = (value) => top + height - (value / by / most) * height;
    const points = samples.map((sample) => `${x(sample.seconds).toFixed(1)},${y(sample[name]).toFixed(1)}`);
    return [
      text(left, top - 8, title, 'font-weight="600"'),
      ...outages(samples).map(
        ([from, to]) =>
          `<rect x="${x(from).toFixed(1)}" y="${top}" width="${(x(to) - x(from)).toFixed(1)}" height="${height}" fill="#94a3b8" opacity="0.25"/>`,
      ),
      ...[0, most / 2, most].map((value) =>
        text(left - 6, y(value * by) + 4, String(Math.round(value)), 'font-size="10" text-anchor="end" opacity="0.7"'),
      ),
      `<path d="M${left} ${top}V${top + height}H${width - right}" fill="none" stroke="#94a3b8" stroke-width="0.7"/>`,
      `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="1.2"/>`,
    ];
  });
  const bottom = panels.length * (height + gap);
  const minutes = Math.round(end / 60);
  parts.push(text(width - right, bottom, `${minutes} minutes; shaded: the destination was away`, 'text-anchor="end"'));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${bottom + 12}" viewBox="0 0 ${width} ${bottom + 12}" font-family="system-ui, sans-serif" font-size="12">`,
    '<style>text { fill: #1e293b } @media (prefers-color-scheme: dark) { text { fill: #e2e8f0 } }</style>',
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

/** From and to, in seconds, of each time that the destination was away. */
function outages(samples) {
  const spans = [];
  for (const { seconds, outage } of samples) {
    if (!outage) continue;
    const last = spans.at(-1);
    if (last !== undefined && seconds - last[1] <= 15) last[1] = seconds;
    else spans.push([seconds - 10, seconds]);
  }
  return spans;
}

const text = (x, y, content, more = '') => `<text x="${x}" y="${y.toFixed(1)}" ${more}>${content}</text>`;
