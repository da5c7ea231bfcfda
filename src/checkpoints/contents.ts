import { emptyLedger } from '../types/stored.js';
import type { Ledger, StoredCursor, StoredFile } from '../types/stored.js';
import { cursorKey, fileKey, forgottenKey, outputKey, parseKey, schemaKey } from './keys.js';
import { encodeRecord } from './record.js';

/**
 * All that the store holds, in memory: what a write takes its records from, and what a store that was lost is made again from. It shares
 * the objects with those who put them.
 */
export class Contents {
  readonly files = new Map<string, StoredFile>();
  readonly cursors = new Map<string, Map<string, StoredCursor>>();
  readonly forgotten = new Map<string, Ledger>();
  /** When each output was last in use, ms since the epoch. */
  readonly outputs = new Map<string, number>();

  putCursor(output: string, fileId: string, cursor: StoredCursor): void {
    const ofOutput = this.cursors.get(output);
    if (ofOutput === undefined) this.cursors.set(output, new Map([[fileId, cursor]]));
    else ofOutput.set(fileId, cursor);
  }

  /** Takes a file and its cursors out and adds their ledgers to the totals. Returns the keys that this changes. */
  forget(fileId: string): readonly string[] {
    const changed = this.files.delete(fileId) ? [fileKey(fileId)] : [];
    for (const [output, cursors] of this.cursors) {
      const cursor = cursors.get(fileId);
      if (cursor === undefined) continue;
      cursors.delete(fileId);
      this.forgotten.set(output, sum(this.forgotten.get(output) ?? emptyLedger(), cursor.ledger));
      changed.push(cursorKey(output, fileId), forgottenKey(output));
    }
    return changed;
  }

  /** Takes all of an output out. Returns the keys that this changes. */
  forgetOutput(output: string): readonly string[] {
    const changed = [...(this.cursors.get(output)?.keys() ?? [])].map((fileId) => cursorKey(output, fileId));
    this.cursors.delete(output);
    if (this.forgotten.delete(output)) changed.push(forgottenKey(output));
    if (this.outputs.delete(output)) changed.push(outputKey(output));
    return changed;
  }

  /** The record to be stored under a key; undefined: there is none (any more). */
  encoded(key: string): string | undefined {
    const data = this.#find(key);
    return data === undefined ? undefined : encodeRecord(key, data);
  }

  /** Every key that has a record. */
  *keys(): Iterable<string> {
    yield schemaKey;
    for (const fileId of this.files.keys()) yield fileKey(fileId);
    for (const output of this.forgotten.keys()) yield forgottenKey(output);
    for (const output of this.outputs.keys()) yield outputKey(output);
    for (const [output, cursors] of this.cursors) for (const fileId of cursors.keys()) yield cursorKey(output, fileId);
  }

  #find(key: string): unknown {
    const parsed = parseKey(key);
    switch (parsed?.kind) {
      case 'schema':
        return {};
      case 'file':
        return this.files.get(parsed.fileId);
      case 'cursor':
        return this.cursors.get(parsed.output)?.get(parsed.fileId);
      case 'forgotten':
        return this.forgotten.get(parsed.output);
      case 'output': {
        const lastUsed = this.outputs.get(parsed.output);
        return lastUsed === undefined ? undefined : { lastUsed };
      }
      case undefined:
        return undefined;
    }
  }
}

function sum(a: Readonly<Ledger>, b: Readonly<Ledger>): Ledger {
  return {
    delivered: a.delivered + b.delivered,
    deadLettered: a.deadLettered + b.deadLettered,
    leftOut: a.leftOut + b.leftOut,
    dropped: a.dropped + b.dropped,
  };
}
