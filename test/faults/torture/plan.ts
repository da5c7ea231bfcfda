import { Random } from '../../support/random.js';

export const writerKinds = [
  'append',
  'partial',
  'rename',
  'copytruncate',
  'copytruncate-matched',
  'recreate',
  'small-files',
  'compress',
  'delaycompress',
] as const;
/** Writers that are other programs, or are rotated by one; log4j2, whose start takes a while, last. */
export const externalKinds = [
  'python',
  'python-gzip',
  'logrotate',
  'logrotate-compress',
  'logrotate-copytruncate',
  'log4j2',
] as const;
export type WriterKind = (typeof writerKinds)[number] | (typeof externalKinds)[number];

/** What a destination does to requests, in so many of them (`share`). */
export const troubles = [
  'down',
  'hang',
  'reset',
  'stall',
  'slow',
  'lost-reply',
  'too-large',
  'busy',
  'error',
  'items-busy',
  'certificate',
  'other-authority',
] as const;
export type Trouble = (typeof troubles)[number];

/** What happens to the agent and its machine. */
export type MachineFault =
  | 'kill'
  | 'term'
  | 'clock'
  | 'read-eio'
  | 'open-emfile'
  | 'list-emfile'
  | 'slow-reads'
  | 'short-reads'
  | 'slow-opens'
  | 'state-full'
  | 'letters-full';

export interface PlannedWriter {
  readonly id: string;
  readonly kind: WriterKind;
  readonly seed: number;
  readonly linesPerSecond: number;
  readonly rotateEveryMs: number;
}

export interface PlannedFault {
  /** Faults of one track never overlap: an output's name, `agent`, `files`, `clock` or `state`. */
  readonly track: string;
  readonly kind: Trouble | MachineFault;
  readonly atMs: number;
  readonly forMs: number;
  /** Of the requests, or calls, that meet it. */
  readonly share: number;
}

/** Everything that a run does, apart from how its processes happen to take turns. */
export interface Plan {
  readonly seed: number;
  readonly seconds: number;
  readonly outputs: readonly ('elasticsearch' | 'http' | 'file')[];
  /** Whether Elasticsearch speaks TLS. */
  readonly tls: boolean;
  readonly commitIntervalMs: number;
  readonly writers: readonly PlannedWriter[];
  readonly faults: readonly PlannedFault[];
}

export interface PlanOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly linesPerSecond: number;
}

const longSeconds = 60;

/** The plan of a seed. Pure. */
export function planOf({ seed, seconds, linesPerSecond }: PlanOptions): Plan {
  const random = new Random(seed);
  const tls = random.oneIn(2);
  const outputs: Plan['outputs'] = random.oneIn(2) ? ['elasticsearch', 'http', 'file'] : ['elasticsearch', 'http'];
  const lengthMs = seconds * 1000;
  const faults = [
    ...track(random, lengthMs, 'agent', 8_000, () => ({ kind: random.oneIn(3) ? 'term' : 'kill', forMs: 0 })),
    ...track(random, lengthMs, 'elasticsearch', 12_000, () => trouble(random, tls ? troubles : troubles.slice(0, 10))),
    ...track(random, lengthMs, 'http', 12_000, () => trouble(random, troubles.slice(0, 9))),
    ...track(random, lengthMs, 'clock', 25_000, () => ({ kind: 'clock', forMs: random.between(2_000, 9_000) })),
    ...track(random, lengthMs, 'files', 14_000, () => ({
      kind: random.pick(['read-eio', 'open-emfile', 'list-emfile', 'slow-reads', 'short-reads', 'slow-opens'] as const),
      forMs: random.between(500, 4_000),
    })),
    ...track(random, lengthMs, 'state', 70_000, () => ({
      kind: random.oneIn(2) ? 'state-full' : 'letters-full',
      forMs: random.between(2_000, 6_000),
    })),
  ].sort((a, b) => a.atMs - b.atMs);
  const commitIntervalMs = random.pick([100, 300, 1000]);
  const writers = writersOf(random, linesPerSecond);
  // Last, and beside the lines of the others, so that a seed's own writers and faults are those that it always had.
  writers.push(...externalWriters(random, seconds, linesPerSecond, writers.length));
  return { seed, seconds, outputs, tls, commitIntervalMs, writers, faults };
}

/** Each of them once; in a short run two, as each is a process to start. */
function externalWriters(random: Random, seconds: number, linesPerSecond: number, from: number): PlannedWriter[] {
  const kinds: (typeof externalKinds)[number][] = [...externalKinds];
  if (seconds < longSeconds) {
    kinds.pop();
    while (kinds.length > 2) kinds.splice(random.below(kinds.length), 1);
  }
  return kinds.map((kind, at) => ({
    id: `w${from + at}`,
    kind,
    seed: random.next(),
    linesPerSecond: linesPerSecond / 20,
    rotateEveryMs: random.between(4_000, 25_000),
  }));
}

function writersOf(random: Random, linesPerSecond: number): PlannedWriter[] {
  // Each kind once, some twice: what is wrong with one shows soon, and together they are as many as an application has.
  const kinds = [...writerKinds, random.pick(writerKinds), random.pick(writerKinds)];
  const shares = kinds.map((kind) => (kind === 'small-files' ? 0.2 : 0.5 + random.below(100) / 100));
  const sum = shares.reduce((total, share) => total + share, 0);
  return kinds.map((kind, at) => ({
    id: `w${at}`,
    kind,
    seed: random.next(),
    linesPerSecond: (linesPerSecond * shares[at]!) / sum,
    rotateEveryMs: random.between(4_000, 25_000),
  }));
}

/** Faults of one track, each some time after the one before it. */
function track(
  random: Random,
  lengthMs: number,
  name: string,
  everyMs: number,
  make: () => Pick<PlannedFault, 'kind' | 'forMs'>,
): PlannedFault[] {
  const faults: PlannedFault[] = [];
  // The last second is left alone: what a fault does needs a moment to show.
  for (let at = random.below(everyMs); at < lengthMs - 1_000; at += random.between(everyMs / 4, (everyMs * 7) / 4)) {
    const fault = make();
    faults.push({ track: name, atMs: Math.round(at), share: random.pick([1, 1, 0.5, 0.2]), ...fault });
    at += fault.forMs;
  }
  return faults;
}

function trouble(random: Random, kinds: readonly Trouble[]): Pick<PlannedFault, 'kind' | 'forMs'> {
  const kind = random.pick(kinds);
  const long = kind === 'down' && random.oneIn(2);
  return { kind, forMs: long ? random.between(6_000, 10_000) : random.between(300, 4_000) };
}
