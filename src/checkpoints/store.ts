import { Level } from 'level';

/** The database, as far as checkpoints use it: the port through which tests put faults. */
export interface Store {
  /** Every record, in no promised order. Throws when a part can't be read; the records given until then are good. */
  entries(): AsyncIterable<readonly [key: string, value: string]>;
  /** One atomic batch, on the disk when it resolves. undefined deletes. After a failure the store is to be closed: its log may end in half a batch. */
  write(changes: ReadonlyMap<string, string | undefined>): Promise<void>;
  close(): Promise<void>;
}

export interface Database {
  /** Opens the database in `directory`, makes it when there is none, and takes its lock. @throws StoreError */
  open(directory: string): Promise<Store>;
  /** True while a process, this one included, has the lock of the database in `directory`. Changes nothing there. */
  isHeld(directory: string): Promise<boolean>;
}

/** `locked`: another process has it. `damaged`: the database says that it is. `other`: the disk, rights, or a file that is not there. */
export class StoreError extends Error {
  readonly kind: 'locked' | 'damaged' | 'other';
  constructor(kind: StoreError['kind'], message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.kind = kind;
    this.name = 'StoreError';
  }
}

/**
 * Two write buffers and a cache are held at most: the store is a few hundred bytes for each file and output. The buffer is the least that LevelDB takes:
 * positions are the same few keys over and over, and four buffers' worth of them lie on the disk before they are merged. Uncompressed, since what
 * is checked before it is opened (`tables.ts`) has to be.
 */
const options = {
  cacheSize: 64 * 1024,
  writeBufferSize: 64 * 1024,
  maxOpenFiles: 64,
  maxFileSize: 1024 * 1024,
  compression: false,
};

export const levelDatabase: Database = { open, isHeld };

async function isHeld(directory: string): Promise<boolean> {
  // Asked for what can't be, LevelDB takes the lock, looks, gives the lock back and complains, whether there is a database or not.
  const db = new Level(directory, { createIfMissing: false, errorIfExists: true });
  try {
    await judged(db.open());
    return false;
  } catch (error) {
    return error instanceof StoreError && error.kind === 'locked';
  }
}

async function open(directory: string): Promise<Store> {
  const db = new Level(directory, options);
  await judged(db.open());
  return {
    async *entries() {
      const iterator = db.iterator({ fillCache: false });
      try {
        for (;;) {
          const entry = await judged(iterator.next());
          if (entry === undefined) return;
          yield entry;
        }
      } finally {
        await iterator.close();
      }
    },
    async write(changes) {
      const operations = Array.from(changes, ([key, value]) =>
        value === undefined ? { type: 'del' as const, key } : { type: 'put' as const, key, value },
      );
      await judged(db.batch(operations, { sync: true }));
    },
    close: () => judged(db.close()),
  };
}

async function judged<T>(operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    // A failed open is LEVEL_DATABASE_NOT_OPEN, with the database's own words as its cause.
    const own = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const code = own instanceof Error && 'code' in own ? own.code : undefined;
    const kind = code === 'LEVEL_LOCKED' ? 'locked' : code === 'LEVEL_CORRUPTION' ? 'damaged' : 'other';
    throw new StoreError(kind, own instanceof Error ? own.message : String(own), { cause: error });
  }
}
