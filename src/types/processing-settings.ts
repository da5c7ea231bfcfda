import type { Level } from './record.js';

/** What is done to an output's records between parsing and writing, as it was configured; all of it off is the default. */
export interface ProcessingSettings {
  readonly minLevel: Level | undefined;
  readonly filter: string | undefined;
  readonly sample: string | undefined;
  readonly throttle: string | undefined;
  readonly dedupe: boolean;
  /** Dotted paths. */
  readonly dropFields: readonly string[];
  /** New names by old ones, dotted. */
  readonly renameFields: Readonly<Record<string, string>>;
  /** Names of kinds, or `all`. */
  readonly redact: readonly string[];
  readonly redactPatterns: Readonly<Record<string, string>>;
  readonly redactMode: 'mask' | 'hash';
  readonly redactKey: string | undefined;
}

/** Why a record was held back by choice, as `pannier_records_left_out_total` says it. */
export type HeldBackReason = 'min_level' | 'filter' | 'sample' | 'throttle' | 'duplicate';
