/** What a run did and found. Bytes, KiB and counts. */
export interface Result {
  readonly seed: number;
  readonly seconds: number;
  readonly lines: number;
  readonly bytes: number;
  readonly kills: number;
  readonly terms: number;
  readonly outages: number;
  readonly rotations: number;
  readonly faults: Readonly<Record<string, number>>;
  /** Records that came again, by output: 0 for Elasticsearch. */
  readonly repeats: Readonly<Record<string, number>>;
  /** Programs that the machine had not, whose writers were left out, and why. */
  readonly without: readonly string[];
  readonly deadLetters: number;
  readonly peakRssKb: number;
  readonly peakDescriptors: number;
  readonly wrong: readonly string[];
  /** What happened, a line each. */
  readonly story: string;
  readonly passed: boolean;
}

/** One line of totals. */
export function totals(result: Result): string {
  const pairs = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([name, count]) => `${name}=${count}`)
      .join(' ') || 'none';
  const { seed, seconds, lines, bytes, kills, terms, outages, rotations, deadLetters, peakRssKb, peakDescriptors } =
    result;
  return [
    `seed ${seed}`,
    `${seconds} s`,
    `${lines} lines`,
    `${bytes} bytes`,
    `${kills} kills`,
    `${terms} terms`,
    `${outages} outages`,
    `${rotations} rotations`,
    `faults ${pairs(result.faults)}`,
    `repeats ${pairs(result.repeats)}`,
    `${deadLetters} dead letters`,
    `peak RSS ${Math.round(peakRssKb / 1024)} MiB`,
    `peak fds ${peakDescriptors}`,
    ...result.without.map((program) => `without ${program}`),
    result.passed ? 'PASS' : 'FAIL',
  ].join(', ');
}
