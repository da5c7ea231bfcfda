import type { DataFormat } from '../data/lines.js';

/** What an agent is to do in one run. */
export interface Job {
  /** Empty, on disk, the agent's own: settings, positions, log. */
  readonly folder: string;
  /** Folder of the log files, and the names in it: one name, or `*.log`. */
  readonly logs: string;
  readonly names: string;
  readonly format: DataFormat;
  /** Ports on 127.0.0.1 of the Elasticsearch-shaped destinations; mostly one. */
  readonly ports: readonly [number, ...number[]];
  /** A port that is free, for an agent's own endpoints. */
  readonly sparePort: number;
  /** Path of the certificate that the first destination shows; plain HTTP without. */
  readonly caFile?: string;
  readonly gzip: boolean;
  /** Latency is measured: who looks at files by the clock looks more often than by default. Idle cases are run with the default. */
  readonly hurry: boolean;
  /** A real Elasticsearch wants its replies read, and takes no OTLP. */
  readonly realServer: boolean;
}

/** How to start it. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Whether a line's members are delivered apart; else its text. */
  readonly parsed: boolean;
  /** True once it says that it is ready; only where it can say so. */
  readonly ready?: () => Promise<boolean>;
}

/** Where a program was found, and its version. */
export interface Found {
  readonly program: string;
  readonly version: string;
}

/** One agent, as its makers ship it and as its documentation says to set it up for this job. */
export interface Agent {
  readonly id: string;
  readonly title: string;
  /** `own`: Pannier. `control`, `naive`: yardsticks. `peer`: what people use today. */
  readonly role: 'own' | 'control' | 'naive' | 'peer';
  /** Slow ones get a part of the data, as rates are compared. */
  readonly pace: 'fast' | 'slow';
  /** What was set and why, for the results page. */
  readonly notes: string;
  /** Finds or fetches it. @throws Unavailable with the reason */
  find(): Promise<Found>;
  /** Writes its settings and says how to start it; a string says why it can't do this job. */
  plan(found: Found, job: Job): Launch | string;
}

/** An agent that cannot be had on this machine. */
export class Unavailable extends Error {}
