import type { ErrorCode } from './errors.js';
import type { Level } from './record.js';
import type { Ledger } from './stored.js';

/** What `delivery` knows of an output; plain numbers, read by health whenever it likes. Times are ms since the epoch. */
export interface DeliveryStats {
  state: 'idle' | 'sending' | 'retrying' | 'blocked';
  requestsInFlight: number;
  /** Seconds that requests were held back by RATE_LIMIT, since the start. */
  rateLimitedSeconds: number;
  /** Requests that may be under way at once now. */
  concurrencyLimit: number;
  bytesInFlight: number;
  lastSuccessMs: number | undefined;
  lastError: { code: ErrorCode; message: string; atMs: number; count: number } | undefined;
  /** True from the first failed attempt to the next success. */
  failing: boolean;
  /** Attempts by result: `ok`, `partial`, or the error code. */
  readonly sends: Map<string, number>;
  /** Seconds of attempts: count, sum, and counts per bucket of `sendSecondsBuckets`. */
  readonly sendSeconds: { count: number; sum: number; readonly buckets: number[] };
  recordsDelivered: number;
  readonly recordsDeadLettered: Map<string, number>;
  retries: number;
  /** Of the delivered records, those that the destination said it had already. */
  recordsRepeated: number;
}

export const sendSecondsBuckets = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;

export const newDeliveryStats = (): DeliveryStats => ({
  state: 'idle',
  requestsInFlight: 0,
  rateLimitedSeconds: 0,
  concurrencyLimit: 1,
  bytesInFlight: 0,
  lastSuccessMs: undefined,
  lastError: undefined,
  failing: false,
  sends: new Map(),
  sendSeconds: { count: 0, sum: 0, buckets: sendSecondsBuckets.map(() => 0) },
  recordsDelivered: 0,
  recordsDeadLettered: new Map(),
  retries: 0,
  recordsRepeated: 0,
});

/** One output as health shows it. */
export interface OutputStatus {
  readonly name: string;
  readonly type: string;
  readonly delivery: DeliveryStats;
  readonly lagBytes: number;
  readonly lagSeconds: number;
  readonly ledger: Readonly<Ledger>;
  /** size − offset over all files it still has to read. */
  readonly pendingBytes: number;
  /** Since the start, by reason. */
  readonly recordsLeftOut: ReadonlyMap<string, number>;
  readonly droppedBytes: ReadonlyMap<string, number>;
  /** Taken back by rewinds since the start, by the outcome that the bytes had: the ledger has them no more. */
  readonly rewound: Readonly<Ledger>;
}

export interface FileStatus {
  readonly path: string;
  readonly format: string;
  /** Of the records read since the start, the share that a format read, 0 to 1; undefined before the first. */
  readonly parsedShare: number | undefined;
  readonly size: number;
  readonly state: 'open' | 'rotated' | 'deleted';
  readonly outputs: Readonly<Record<string, { readonly offset: number; readonly lagBytes: number }>>;
}

/** Log-derived metrics: records of files of one name, at one level. */
export interface LogCount {
  readonly file: string;
  readonly level: Level | 'none';
  readonly count: number;
}

/** Room on the tightest log volume. */
export interface VolumeFigures {
  readonly bytes: number;
  readonly freeBytes: number;
  /** Both 0 where the file system counts none. */
  readonly inodes: number;
  readonly freeInodes: number;
}

/** Something a person should know; `code` is stable, `output` is '' when it concerns none. */
export interface Reason {
  readonly code: ErrorCode;
  readonly output: string;
  readonly message: string;
  /** What to do about it. */
  readonly action: string;
}

/** What probes ask, as often as they like: it costs nothing, however many files there are. */
export interface ProbeStatus {
  /** The first scan has ended. */
  readonly ready: boolean;
  /** False when the event loop or a lane made no step for 60 s while it had work and waited for nothing outside. */
  readonly live: boolean;
}

/** All that the health room shows, asked for on each request. */
export interface AgentStatus extends ProbeStatus {
  readonly version: string;
  readonly configHash: string;
  readonly startedAtMs: number;
  /** Nothing can be shipped at all (a fatal configuration error under `PANNIER_ON_FATAL=stay`, …). */
  readonly failing: boolean;
  readonly reasons: readonly Reason[];
  readonly durable: boolean;
  readonly lastCommitMs: number | undefined;
  readonly checkpointErrors: number;
  readonly configValid: boolean;
  readonly outputs: readonly OutputStatus[];
  /** The 100 files with most lag. */
  readonly files: readonly FileStatus[];
  readonly filesTotal: number;
  readonly heldBytes: number;
  /** undefined where nothing can be told. */
  readonly volume: VolumeFigures | undefined;
  /** Files and bytes that PANNIER_DELETE_SHIPPED removed since the start. */
  readonly removed: { readonly files: number; readonly bytes: number };
  /** Those of them that are on the volume by their pin only. */
  readonly pinnedBytes: number;
  /** Empty where nobody asked for them. */
  readonly logCounts: readonly LogCount[];
}
