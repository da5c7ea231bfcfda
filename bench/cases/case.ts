import type { Agent, Found } from '../agents/agent.js';
import type { Disturbance } from '../measure/machine.js';

/** Everything that is measured anywhere, with its unit and which way is better. */
export const figures = {
  mbPerCpuSecond: { title: 'MB per CPU second', better: 'more', digits: 1 },
  mbPerSecond: { title: 'MB/s (wall)', better: 'more', digits: 1 },
  cpuSeconds: { title: 'CPU s', better: 'less', digits: 2 },
  cpuPercent: { title: 'CPU, % of a core', better: 'less', digits: 2 },
  p50Ms: { title: 'p50 ms', better: 'less', digits: 1 },
  p99Ms: { title: 'p99 ms', better: 'less', digits: 1 },
  maxMs: { title: 'max ms', better: 'less', digits: 1 },
  readyMs: { title: 'ready, ms', better: 'less', digits: 0 },
  firstMs: { title: 'first event, ms', better: 'less', digits: 0 },
  rssMiB: { title: 'RSS MiB', better: 'less', digits: 1 },
  anonymousMiB: { title: 'RssAnon MiB', better: 'less', digits: 1 },
  peakRssMiB: { title: 'peak RSS MiB', better: 'less', digits: 1 },
  peakAnonymousMiB: { title: 'peak RssAnon MiB', better: 'less', digits: 1 },
} as const;
export type FigureName = keyof typeof figures;
export type Figures = Readonly<Partial<Record<FigureName, number>>>;

export interface Subject {
  readonly agent: Agent;
  readonly found: Found;
}

/** What one run of one agent gave. */
export interface Outcome {
  readonly figures: Figures;
  /** Why it does not count; empty when every record came once and whole. */
  readonly problems: readonly string[];
  readonly disturbance?: Disturbance;
  /** MB of input, where it differs between agents. */
  readonly megabytes?: number;
}

/** Sizes and times, smaller with `--quick`. */
export interface Scale {
  /** Bytes of input for a fast agent in a catch-up case; a slow one gets a quarter, at least. */
  readonly bytes: number;
  /** Seconds that a live or idle case is watched. */
  readonly seconds: number;
}

/** A case that is set up: agents run in it one after the other, round by round. */
export interface Prepared extends AsyncDisposable {
  /** One run. @returns a reason when the agent can't do this case. @throws Error when it failed */
  run(subject: Subject): Promise<Outcome | string>;
}

export interface Case {
  readonly id: string;
  readonly title: string;
  /** What exactly is done, for the results page. */
  readonly how: string;
  /** Part of `--quick`. */
  readonly quick: boolean;
  /** The figure that agents are compared by. */
  readonly main: FigureName;
  /** Agents of this case alone (variants), beside the usual ones. */
  readonly more?: readonly Agent[];
  prepare(scale: Scale): Promise<Prepared>;
}

export const MiB = (bytes: number): number => bytes / 2 ** 20;
export const MB = (bytes: number): number => bytes / 1e6;
