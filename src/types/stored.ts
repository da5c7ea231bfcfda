/** What LevelDB keeps, as plain values; `checkpoints` adds version and checksum. All offsets and sizes are bytes, all times ms since the epoch. */

/** Bytes by final outcome. offset of a cursor = delivered + deadLettered + leftOut + dropped, always (design, promise 7). */
export interface Ledger {
  delivered: number;
  deadLettered: number;
  leftOut: number;
  dropped: number;
}

export const emptyLedger = (): Ledger => ({ delivered: 0, deadLettered: 0, leftOut: 0, dropped: 0 });

/** Hash of the first `length` bytes (up to 1 KiB) of a file. */
export interface Fingerprint {
  readonly length: number;
  readonly hash: string;
}

/** How a file is found again. */
export interface StoredFile {
  readonly fileId: string;
  readonly path: string;
  /** Decimal text: device and inode numbers pass 2^53. */
  readonly device: string;
  readonly inode: string;
  /** Birth time in ns as decimal text, '' where the file system gives none. */
  readonly birthNs: string;
  readonly fingerprint: Fingerprint;
  readonly size: number;
  readonly encoding: string;
  /** Detected format, '' when not detected yet. */
  readonly format: string;
  /** When the file was first and last seen with its root present. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** Bytes of a truncated or vanished file are not to be had any more; its record stays for late acknowledgements and the ledger. */
  readonly gone: boolean;
}

/** How far an output has come in a file. */
export interface StoredCursor {
  /** First byte without a final outcome. */
  readonly offset: number;
  /** Hash of the `anchorLength` bytes just before `offset`, to see that the file is still the same. */
  readonly anchor: string;
  readonly anchorLength: number;
  /** Offset of the open line whose beginning was shipped already, and the number of its next part; -1 and 0 when none. */
  readonly lineStart: number;
  readonly part: number;
  readonly ledger: Readonly<Ledger>;
  /** What has its outcome although what is before it has none (`CATCH_UP=newest-first`). A program that does not know it reads on from `offset`, so it repeats. */
  readonly ahead?: StoredRange | undefined;
}

/** A range above a cursor that has its outcome: [start, offset). The other members are as those of a cursor that came there from `start`. */
export interface StoredRange {
  readonly start: number;
  readonly offset: number;
  readonly anchor: string;
  readonly anchorLength: number;
  readonly lineStart: number;
  readonly part: number;
  /** Of these bytes alone: its parts are offset − start. They are not in the cursor's. */
  readonly ledger: Readonly<Ledger>;
}

export interface StoredState {
  readonly files: readonly StoredFile[];
  /** By output name, then fileId. */
  readonly cursors: ReadonlyMap<string, ReadonlyMap<string, StoredCursor>>;
  /** Totals of files that were forgotten, by output name: `/health` adds them to those of the files. */
  readonly forgotten: ReadonlyMap<string, Ledger>;
  /** Outputs that were in use before this start. */
  readonly outputs: ReadonlySet<string>;
  /** True when there was no store or it was set aside: START_AT=end applies only to the very first start. */
  readonly fresh: 'new' | 'rebuilt' | 'found';
}

/** Where positions are kept. Never throws because of a disk: then it keeps them in memory, says so in `status`, and tries again. */
export interface Checkpoints extends AsyncDisposable {
  readonly state: StoredState;
  readonly status: CheckpointStatus;
  /** Remembers files; resolves when they are synced to disk or could not be. Calls in one tick share one write. */
  putFiles(files: readonly StoredFile[]): Promise<void>;
  /** Remembers cursors; written, synced, with the next commit (once per commit interval). */
  putCursor(output: string, fileId: string, cursor: StoredCursor): void;
  /** Forgets a file, all its cursors, and adds their ledgers to the outputs' totals; atomic with the next commit. */
  forget(fileId: string): void;
  /** Forgets a removed output's cursors and totals, with the next commit. */
  forgetOutput(output: string): void;
  /**
   * The outputs that are in use now. One that was not for `forgetAfterMs` is forgotten. Call it again from time to time: the time of the last call is
   * when an output was last in use.
   */
  nameOutputs(outputs: readonly string[], forgetAfterMs: number): void;
  /** Totals of forgotten files of an output. */
  forgottenLedger(output: string): Readonly<Ledger>;
  /** Writes what is waiting now, synced; resolves when done or failed. */
  commit(): Promise<void>;
}

export interface CheckpointStatus {
  /** False: cursors live in memory only. */
  readonly durable: boolean;
  /** ms since the epoch of the last successful synced write; undefined before the first. */
  readonly lastCommitMs: number | undefined;
  /** Why it is not durable; '' when it is. */
  readonly problem: string;
  /** Failed writes and openings since the start. */
  readonly errors: number;
}
