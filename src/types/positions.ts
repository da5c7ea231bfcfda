/** Where an output is in a file. All offsets and sizes are bytes. */
export interface Position {
  readonly output: string;
  readonly fileId: string;
  /** Where the file was found, as records name it, and where it is now. */
  readonly path: string;
  readonly currentPath: string;
  readonly state: 'open' | 'rotated' | 'deleted' | 'lost';
  /** First byte without a final outcome. */
  readonly offset: number;
  readonly size: number;
  /** Decimal text, as in the store. */
  readonly device: string;
  readonly inode: string;
  /** Offsets are those of the unpacked bytes. */
  readonly packed: boolean;
  /** Format as it was detected; '' before. */
  readonly format: string;
  /** ms since the epoch; 0: not known. */
  readonly mtimeMs: number;
}

/** Where an output is to go on in a file: at the start of the line that holds this byte. */
export interface Move {
  readonly fileId: string;
  readonly offset: number;
}

/** What came of a move: `to` is where the output goes on. `problem` says why it stays where it was; '' when it moved or had not come that far. */
export interface Moved {
  readonly fileId: string;
  readonly from: number;
  readonly to: number;
  readonly problem: string;
}

export interface Rewound {
  readonly moved: readonly Moved[];
  /** False: the new positions are in memory only, as all are now. */
  readonly durable: boolean;
}

/** A search names at most so many files, so that it fits into a request. */
export const mostSearched = 500;

/** A file whose first `upTo` bytes are looked through for a time. */
export interface Search {
  readonly fileId: string;
  readonly upTo: number;
}

/** `offset` of the first record that is as young; undefined: none of those that were shipped is. Or why that can't be told. */
export type Found = { readonly offset?: number | undefined } | { readonly problem: string };

/** The positions of all outputs, of a running agent or of one that is not running. */
export interface Positions {
  readonly outputs: readonly string[];
  positions(): AsyncIterable<Position>;
  /** By file: where its first record that is as young as `ms` (since the epoch) begins. */
  find(ms: number, files: readonly Search[]): Promise<ReadonlyMap<string, Found>>;
  /** Moves an output back; never on, since what lies between would not be shipped. */
  rewind(output: string, moves: readonly Move[]): Promise<Rewound>;
}
