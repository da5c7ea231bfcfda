import type { ProcessingSettings } from './processing-settings.js';

/** The configuration as the rest of the program sees it: every value parsed, every default applied. Durations are ms, sizes bytes. */
export interface Configuration {
  readonly paths: readonly string[];
  readonly exclude: readonly string[];
  readonly stateDir: string;
  readonly format: string;
  readonly multiline: string;
  readonly startAt: 'beginning' | 'end';
  readonly maxLineBytes: number;
  readonly partialLineTimeoutMs: number;
  readonly multilineTimeoutMs: number;
  readonly multilineMaxBytes: number;
  readonly fields: Readonly<Record<string, string>>;
  readonly serviceName: string | undefined;
  /** Names and patterns of the annotations that go into every record. */
  readonly annotations: readonly string[];
  /** Where the files of the downward API are. */
  readonly podinfoDir: string;
  /** Records are counted by file and level. */
  readonly logMetrics: boolean;
  /** undefined: `off`. */
  readonly listen: { readonly host: string; readonly port: number } | undefined;
  readonly drainTimeoutMs: number;
  readonly drainQuietMs: number;
  readonly drainMinMs: number;
  readonly exitOnFile: string | undefined;
  /** undefined: off. */
  readonly exitWhenIdleMs: number | undefined;
  readonly exitZero: boolean;
  /** 0 to 19. */
  readonly nice: number;
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  readonly commitIntervalMs: number;
  /** undefined: the lower of 1 GiB and a tenth of the volume. */
  readonly holdMaxBytes: number | undefined;
  readonly holdMaxAgeMs: number;
  readonly holdGraceMs: number;
  readonly forgetAfterMs: number;
  readonly pin: 'off' | 'auto';
  readonly volumeLimit: number | undefined;
  readonly deleteShipped: 'off' | 'rotated';
  readonly deadLetterMaxBytes: number;
  readonly onFatal: 'exit' | 'stay';
  readonly timezone: string;
  readonly control: 'on' | 'off';
  readonly statusPublic: boolean;
  readonly outputs: readonly OutputConfiguration[];
  /** Short hash of all values but secrets. */
  readonly hash: string;
}

export type CatchUpMode = 'oldest-first' | 'newest-first';

export interface OutputConfiguration {
  readonly name: string;
  readonly type: string;
  /** undefined: the output's own default. */
  readonly batchMaxBytes: number;
  readonly batchMaxWaitMs: number;
  /** Bytes per second; undefined: no limit. */
  readonly rateLimit: number | undefined;
  /** undefined: as the global START_AT at the very first start, and the beginning for an output that is added later. */
  readonly startAt: 'beginning' | 'end' | undefined;
  /** What goes first when the output is behind. */
  readonly catchUp: CatchUpMode;
  readonly processing: ProcessingSettings;
  /** Values of the type's own table of settings. */
  readonly settings: Readonly<Record<string, unknown>>;
}
