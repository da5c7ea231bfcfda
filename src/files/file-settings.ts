/** What a reload may change. */
export interface FileSettings {
  readonly paths: readonly string[];
  readonly exclude: readonly string[];
  /** undefined: the lower of 1 GiB and a tenth of the volume. */
  readonly holdMaxBytes: number | undefined;
  readonly holdMaxAgeMs: number;
  readonly holdGraceMs: number;
  readonly forgetAfterMs: number;
  /** Files get a second name, so that they outlive their deletion while the agent is down. */
  readonly pin: 'off' | 'auto';
  readonly volumeLimit: number | undefined;
  readonly deleteShipped: 'off' | 'rotated';
}
