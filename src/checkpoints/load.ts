import { Contents } from './contents.js';
import { parseKey } from './keys.js';
import { readCursor, readFile, readLastUsed, readLedger } from './reading.js';
import { decodeRecord, migrations } from './record.js';
import type { Store } from './store.js';

export interface Loaded {
  readonly contents: Contents;
  /** Records that were ignored, and why. */
  readonly ignored: readonly { readonly key: string; readonly reason: string }[];
  /** Keys whose stored form is not the one that belongs there: migrated, or to be deleted. */
  readonly stale: readonly string[];
  /** False: the record that every whole store has is missing, so others may be missing too. */
  readonly complete: boolean;
  /** The version of a newer program that has written here; undefined: none has. */
  readonly newer: number | undefined;
  /** Why reading ended before the end; undefined: it did not. */
  readonly failure: Error | undefined;
}

/** Reads a whole store. Never throws: what can't be read is left out and named. A cursor without its file's record is dropped. `steps`: as of `decodeRecord`. */
export async function load(store: Store, steps = migrations): Promise<Loaded> {
  const contents = new Contents();
  const ignored: { key: string; reason: string }[] = [];
  const stale: string[] = [];
  let complete = false;
  let newer: number | undefined;
  let failure: Error | undefined;

  const accept = (key: string, data: unknown): boolean => {
    const parsed = parseKey(key);
    switch (parsed?.kind) {
      case 'schema':
        return (complete = true);
      case 'file': {
        const file = readFile(data);
        if (file?.fileId !== parsed.fileId) return false;
        contents.files.set(parsed.fileId, file);
        return true;
      }
      case 'cursor': {
        const cursor = readCursor(data);
        if (cursor !== undefined) contents.putCursor(parsed.output, parsed.fileId, cursor);
        return cursor !== undefined;
      }
      case 'forgotten': {
        const ledger = readLedger(data);
        if (ledger !== undefined) contents.forgotten.set(parsed.output, ledger);
        return ledger !== undefined;
      }
      case 'output': {
        const lastUsed = readLastUsed(data);
        if (lastUsed !== undefined) contents.outputs.set(parsed.output, lastUsed);
        return lastUsed !== undefined;
      }
      case undefined:
        return false;
    }
  };

  try {
    for await (const [key, text] of store.entries()) {
      const record = decodeRecord(key, text, steps);
      if (record.kind === 'newer') newer = Math.max(newer ?? 0, record.version);
      else if (record.kind === 'bad') ignored.push({ key, reason: record.reason });
      else if (!accept(key, record.data)) ignored.push({ key, reason: 'it is none of the forms that are kept here' });
      else if (record.version !== steps.length + 1) stale.push(key);
    }
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
  }
  for (const [output, cursors] of contents.cursors) {
    for (const fileId of [...cursors.keys()].filter((id) => !contents.files.has(id))) {
      cursors.delete(fileId);
      ignored.push({ key: `cursor/${output}/${fileId}`, reason: 'the record of its file is missing' });
    }
  }
  stale.push(...ignored.map(({ key }) => key));
  return { contents, ignored, stale, complete, newer, failure };
}
