import type { ErrorCode } from './errors.js';
import type { FileFacts, LogRecord } from './record.js';

/** A piece of an item that differs between records. */
export type ItemPiece =
  /** The record's id. */
  | 'id'
  /** The record as the JSON document of the contract, on one line, without a line end. */
  | 'document'
  /** The original line as a JSON string, quotes included; a line without text is one blank. */
  | 'line'
  /** The record's time in ms since the epoch, with blanks before it in 13 places; 0 outside of 1970 to 2286. */
  | 'time-ms';

/** How an item is written: literals and pieces, in order. */
export type ItemPart =
  | ItemPiece
  | { readonly literal: string }
  /** Text that all records of one hour (UTC) share. */
  | { readonly hourly: (timeMs: number) => string }
  /** Text of each record by itself. Lines then become objects, which costs several times more. */
  | { readonly each: (record: LogRecord) => string };

/** How one record is written into a batch. A declaration, not a function: bytes go from the read area straight into the batch by it. */
export interface ItemLayout {
  readonly parts: readonly ItemPart[];
  /** What an item counts against `Limits.batchBytes` and `recordBytes`: its encoded bytes, or the UTF-8 bytes of its line and so many more. */
  readonly weight: 'encoded' | { readonly lineAnd: number };
}

/** What the destination said of one record. */
export type Outcome =
  /** `repeated`: the destination had it already, from an earlier attempt. */
  | { readonly kind: 'accepted'; readonly repeated?: true }
  | { readonly kind: 'retry'; readonly code: ErrorCode; readonly reason: string; readonly retryAfterMs?: number }
  | { readonly kind: 'rejected'; readonly code: ErrorCode; readonly reason: string };

export const accepted: Outcome = { kind: 'accepted' };
export const acceptedBefore: Outcome = { kind: 'accepted', repeated: true };

/** One outcome per item, in the order of the items; or, without an allocation per item, all of them accepted. */
export type Outcomes = 'accepted' | readonly Outcome[];

/** Limits of a destination. A batch never passes them. */
export interface Limits {
  /** Largest sum of item weights in one batch. The setting BATCH_MAX_BYTES may only lower it. */
  readonly batchBytes: number;
  readonly batchRecords: number;
  /** Largest weight of one item; a line whose item is heavier is split into numbered parts. */
  readonly recordBytes: number;
  /** Largest distance between the oldest and the newest record of a batch, in ms; Infinity where there is none. */
  readonly spanMs: number;
  /** A batch holds records of one file only (CloudWatch: one stream). */
  readonly singleFile: boolean;
}

/**
 * Writes one item into the batch's slot. When the slot is full, further writes do nothing and `overflow` is true: the lane then takes the item back.
 * All strings are written as UTF-8.
 */
export interface BatchWriter {
  readonly overflow: boolean;
  /** Raw UTF-8 of a string that is known to need no escaping. */
  text(text: string): void;
  /** A whole number >= 0 in decimal digits. */
  digits(value: number): void;
  bytes(source: Buffer, from: number, to: number): void;
  /** A JSON string, quotes included. Lone surrogates become U+FFFD. */
  jsonString(text: string): void;
  /** Bytes as a JSON string, quotes included; invalid UTF-8 becomes U+FFFD. Returns the number of UTF-8 bytes of the unescaped, repaired text. */
  jsonBytes(source: Buffer, from: number, to: number): number;
  /** Bytes as they are, but with invalid UTF-8 replaced by U+FFFD. */
  repaired(source: Buffer, from: number, to: number): void;
  /** The record as the JSON document of the contract, one line, no line end. */
  document(record: LogRecord): void;
  /** What the item counts against `Limits.batchBytes` and `recordBytes`; when not called, its encoded bytes. */
  weigh(weight: number): void;
}

/** The items of one attempt: all of a batch, a half, or what is left of it. Valid until the attempt has ended. */
export interface SendItems {
  readonly count: number;
  /** All items back to back, as the layout says. Not to be changed. */
  readonly body: Buffer;
  /** Range of item `i` in `body`. */
  itemStart(i: number): number;
  itemEnd(i: number): number;
  weight(i: number): number;
  timeMs(i: number): number;
  /** File of the first item (of all items where `Limits.singleFile`). */
  readonly file: FileFacts;
}

/** What became of a record in the end. 0 is: not decided yet. */
export const Fate = { pending: 0, delivered: 1, deadLettered: 2 } as const;
export type Fate = (typeof Fate)[keyof typeof Fate];

/**
 * A slot: items back to back in one fixed buffer, with their table. The lane fills one per batch; `delivery` has one of its own for the plain
 * forms of refused items. Its memory is allocated once and never grows.
 */
export interface ItemBuffer {
  readonly writer: BatchWriter;
  readonly count: number;
  /** Sum of the items' weights. */
  readonly weightSum: number;
  /** Ends the item being written and adds it to the table. False when it did not fit: then it is taken back, and nothing has changed. */
  endItem(file: FileFacts, timeMs: number): boolean;
  /** Takes back the items from number `count` on. */
  truncate(count: number): void;
  /** Keeps the items for which `keep` is true, in order, moved together at the front of the buffer. */
  retain(keep: (item: number) => boolean): void;
  items(from: number, to: number): SendItems;
}

/**
 * How `delivery` sees a batch of a lane. A position numbers a record that is still in the slot, in file order; positions change only by `compact`.
 */
export interface DeliveryBatch {
  /** Number of positions. */
  readonly count: number;
  isPending(position: number): boolean;
  /** The final outcome of a record, once per record. */
  settle(position: number, fate: typeof Fate.delivered | typeof Fate.deadLettered): void;
  /** All of the positions [from, to) that are pending are delivered. */
  deliver(from: number, to: number): void;
  /** The items of the positions [from, to). */
  items(from: number, to: number): SendItems;
  /** Forgets the positions that are settled; the others move together, in order, so that they can be sent as one body. */
  compact(): void;
  /** Id, path and offset of a record, for its dead letter. */
  describe(position: number): { readonly id: string; readonly path: string; readonly offset: number };
  /** The record's raw line without its line end, read again from its file while that still has it, else the encoded item. */
  originalText(position: number): Promise<Buffer>;
  /** Resolves once the identities of the batch's files are on disk, or cannot be: nothing is sent before. Never rejects. */
  recorded(): Promise<void>;
}
