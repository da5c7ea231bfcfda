import type { Block } from '../data/block.js';
import type { DataFormat } from '../data/lines.js';
import { documents, type Leaves } from './documents.js';
import type { Sample, SinkStats } from './sink.js';

/** What is wrong with a run, in words; empty when every record came once and whole. A run with a problem does not count. */
export function problemsOf(stats: SinkStats): string[] {
  const found: [number, string][] = [
    [stats.missing, `never came (the first is number ${stats.firstMissing})`],
    [stats.repeated, 'repeated'],
    [stats.foreign, 'that nobody wrote'],
    [stats.broken, 'halves of records that do not belong together'],
    [stats.linesWrong, 'bodies whose number of lines is not that of their records'],
    [stats.badBodies, 'bodies that cannot be unpacked'],
  ];
  return found.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
}

/**
 * Compares every document of the kept bodies with the line it came from.
 * @param parsed whether the agent delivers a line's members (its text otherwise)
 */
export function problemsOfSamples(
  samples: readonly Sample[],
  block: Block,
  format: DataFormat,
  parsed: boolean,
): string[] {
  const problems: string[] = [];
  let checked = 0;
  for (const sample of samples) {
    for (const leaves of documents(sample)) {
      checked += 1;
      const problem = problemOf(leaves, block, format, parsed);
      if (problem !== undefined) problems.push(problem);
      if (problems.length === 3) return problems;
    }
  }
  if (checked === 0) problems.push('no document was kept to be compared');
  return problems;
}

function problemOf(leaves: Leaves, block: Block, format: DataFormat, parsed: boolean): string | undefined {
  const all = [...leaves].join('\n');
  const number = /~q(\d{10})/.exec(all)?.[1];
  if (number === undefined) return `a document without number: ${all.slice(0, 200)}`;
  const text = block.text(Number(number), /~t(\d{19})/.exec(all)?.[1]);
  if (leaves.has(text)) return undefined;
  const missing = parsed ? valuesOf(text, format).filter((value) => !has(leaves, value, format)) : [text];
  return missing.length === 0 ? undefined : `record ${Number(number)} came without ${JSON.stringify(missing[0])}`;
}

/** A request line may be delivered as a whole. */
const has = (leaves: Leaves, value: string, format: DataFormat): boolean =>
  leaves.has(value) || (format === 'nginx' && [...leaves].some((leaf) => leaf.includes(value)));

/** What a parser must find in a line. Times are left out: agents write them in forms of their own. */
function valuesOf(text: string, format: DataFormat): string[] {
  if (format === 'nginx') return nginxValues(text);
  const values = new Set<string>();
  const visit = (value: unknown, key: string): void => {
    if (typeof value === 'object' && value !== null)
      for (const [name, member] of Object.entries(value)) visit(member, name);
    else if (key !== 'time') values.add(String(value));
  };
  visit(JSON.parse(text), '');
  return [...values];
}

function nginxValues(text: string): string[] {
  const match = /^(\S+) - - \[[^\]]*\] "GET (\S+) HTTP\/1\.1" (\d+) (\d+) "([^"]*)" "([^"]*)"$/.exec(text);
  if (match === null) throw new Error(`not a line of nginx: ${text}`);
  return match.slice(1);
}
