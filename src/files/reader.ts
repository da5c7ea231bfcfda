import type { Place } from './place.js';
import type { SourceFile } from './source-file.js';

export type DropReason = 'truncated' | 'gone' | 'hold_bytes' | 'hold_age' | 'volume';

/** What the file table asks and tells a lane. */
export interface Reader {
  readonly name: string;
  /** First byte of the file without a final outcome, with what vouches for it; undefined: nothing of the file is known. */
  position(fileId: string): Place | undefined;
  /** True when every byte of the file has its final outcome. */
  isDone(file: SourceFile): boolean;
  /** A new file, or one that was found again. */
  added(file: SourceFile): void;
  /** A file grew or may have grown, or can be read again. */
  changed(): void;
  /** What the lane has not read of the file is lost to it; its bytes count as dropped. */
  drop(file: SourceFile, reason: DropReason): void;
  /** Bytes of the file were lost that never counted as its content (written between copytruncate's copy and its truncation). */
  lost(file: SourceFile, bytes: number, reason: DropReason): void;
  /** The record of the file is gone for good. */
  forgotten(file: SourceFile): void;
}

/** What a lane may ask of the file table before it decides. */
export interface Looks {
  /** Some file may have grown since it was looked at. */
  readonly isLookDue: boolean;
  /** Looks at the files that may have grown. Returns after how many ms it is worth looking again although `changed` was not called; Infinity: it is not. */
  look(): number;
}
