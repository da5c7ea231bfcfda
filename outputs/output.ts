import type { BatchWriter, ItemLayout, Limits, Outcomes, SendItems } from '../src/types/batch.js';
import type { Origin } from '../src/types/record.js';
import type { Setting, ValuesOf } from '../src/types/setting.js';

/**
 * A destination. It says how a record is written, sends once and classifies. It never retries, waits, counts or logs: `delivery` does that once for all,
 * so a client's own retries are switched off.
 */
export interface Output extends AsyncDisposable {
  /** True: one request at a time, and its retries end before the next one starts, so records of a file arrive in its order. */
  readonly ordered: boolean;
  /** Requests at once; 1 where `ordered`. */
  readonly concurrency: number;
  readonly limits: Limits;
  /** How one record is written as one item of the batch body. */
  readonly item: ItemLayout;
  /** Set when its TLS connections prove nothing of the other side, which `/health` then shows: the setting that says so. */
  readonly unverifiedBy?: string | undefined;
  /** Where its connections lead, without secrets in their origins, for `doctor`; left out where it makes none. */
  readonly endpoints?: readonly URL[] | undefined;
  /** The plain form of a refused item (its bytes as `item` says): same id, text only. `delivery` asks for it once per item. */
  encodePlain?(item: Buffer, reason: string, body: BatchWriter): void;
  /**
   * One attempt. One outcome per item, in order.
   * @throws RetryableError when nothing was judged and the same bytes may succeed later (connection, 401/403/404, 429, 5xx, redirect, …)
   * @throws PermanentError when the body as a whole was judged and refused (400, 422), TooLargeError on 413
   */
  send(items: SendItems, signal: AbortSignal): Promise<Outcomes>;
  /**
   * Files that the output itself writes, as they are now, so that they are never tailed. Numbers as decimal text: they pass 2^53. Changes with each
   * rotation, so it is asked anew at each scan. Never rejects.
   */
  ownFiles?(): Promise<readonly { readonly device: string; readonly inode: string }[]>;
  /** Proves that `send` could work, with the permissions `send` needs and no others, and leaves nothing behind that a person would see. */
  check(signal: AbortSignal): Promise<void>;
}

/** The settings every output has; see `config/`. */
export interface OutputContext<Settings> {
  /** The output's name, e.g. `elasticsearch` or `audit`. */
  readonly name: string;
  readonly settings: Settings;
  /** Largest batch the operator allows, in bytes before compression. */
  readonly batchMaxBytes: number;
  readonly origin: Origin;
  /** Program version, for the User-Agent. */
  readonly version: string;
}

export type SettingsTable = Readonly<Record<string, Setting<unknown>>>;

/** What `outputs/<type>/index.ts` exports as `output`. */
export interface OutputModule<Table extends SettingsTable> {
  create(context: OutputContext<ValuesOf<Table>>): Output | Promise<Output>;
}
