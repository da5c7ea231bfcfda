import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '../../src/checkpoints/store.js';
import type { Database, Store } from '../../src/checkpoints/store.js';

/** A database that a test looks into and breaks. What was written outlives its closing, as on a disk. */
export class DiskInMemory implements Database {
  readonly records = new Map<string, string>();
  /** The keys of every write that succeeded. */
  readonly writes: (readonly string[])[] = [];
  opened = 0;
  closed = 0;
  /** What the next openings and writes answer; undefined: they succeed. */
  openFault: StoreError | undefined;
  writeFault: StoreError | undefined;
  /** While it is set, writes wait for it. */
  hold: Promise<void> | undefined;
  /** Writes that have begun. */
  begun = 0;

  async open(directory: string): Promise<Store> {
    if (this.openFault !== undefined) throw this.openFault;
    await writeFile(join(directory, 'CURRENT'), '');
    this.opened++;
    let isOpen = true;
    const { records } = this;
    return {
      async *entries() {
        for (const entry of [...records]) yield await Promise.resolve(entry);
      },
      write: async (changes) => {
        this.begun++;
        await this.hold;
        if (!isOpen) throw new StoreError('other', 'the database is closed');
        if (this.writeFault !== undefined) throw this.writeFault;
        this.writes.push([...changes.keys()]);
        for (const [key, value] of changes) {
          if (value === undefined) records.delete(key);
          else records.set(key, value);
        }
      },
      close: () => {
        isOpen = false;
        this.closed++;
        return Promise.resolve();
      },
    };
  }

  isHeld(): Promise<boolean> {
    return Promise.resolve(false);
  }
}
