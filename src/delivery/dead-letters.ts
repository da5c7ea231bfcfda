import assert from 'node:assert/strict';
import { constants } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DeadLettersBlockedError, formatLetter, type DeadLetter, type DeadLetterSink } from './dead-letter.js';
import { nodeDisk, systemCode, writeAll, type Disk, type FileId, type OpenFile } from './disk.js';
import { lastIds, mendLastLine } from './letter-file-end.js';
import { LetterPass } from './letter-pass.js';

const { O_RDWR, O_RDONLY, O_CREAT, O_APPEND, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants;
/**
 * Ids kept in memory, so that a letter which was written just before a crash, and its cursor not, is not written again: as many as there are records in two
 * batches of the largest kind, all of them refused.
 */
const knownIdsMost = 32_768;

export interface DeadLettersOptions {
  readonly stateDir: string;
  readonly output: string;
  readonly maxBytes: number;
  readonly disk?: Disk;
}

/**
 * The dead letters of one output: `<state>/dead-letters/<output>.ndjson`, appended to and synced, never overwritten; readable by its owner only, for
 * it holds what the application logged. It is opened with the first letter.
 *
 * Others may shrink, remove or replace the file at any time (a person makes room). So each append looks at what is there: another
 * inode is opened anew, and after another size than expected its end is read again: a torn last line (of a crash) is cut off, and the ids
 * of the last letters, best effort, tell which ones need no repeating.
 */
export class DeadLetters implements DeadLetterSink, AsyncDisposable {
  readonly path: string;
  readonly #folder: string;
  readonly #output: string;
  readonly #maxBytes: number;
  readonly #disk: Disk;
  #file: (FileId & { readonly handle: OpenFile }) | undefined;
  /** Size after the last look or write of ours; -1: not looked yet. */
  #size = -1;
  readonly #knownIds = new Set<string>();
  /** A failed write could not be undone: what the file shows may never have reached the disk, so its ids prove nothing until the next start. */
  #doubtful = false;
  #last: Promise<unknown> = Promise.resolve();
  #passing = false;
  readonly #waiting = new Set<() => void>();

  constructor({ stateDir, output, maxBytes, disk = nodeDisk }: DeadLettersOptions) {
    assert(/^[a-z][a-z0-9-]*$/.test(output), 'an output name is safe as a file name');
    this.#folder = join(stateDir, 'dead-letters');
    this.path = join(this.#folder, `${output}.ndjson`);
    this.#output = output;
    this.#maxBytes = maxBytes;
    this.#disk = disk;
  }

  append(letters: readonly DeadLetter[]): Promise<number> {
    const appended = this.#last.then(() => this.#append(letters));
    this.#last = appended.catch(() => {});
    return appended;
  }

  /** Resolves when letters may have been taken out since the call, or `signal` is aborted: a file that was full is worth a look. */
  whenRoom(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.#waiting.delete(end);
        signal.removeEventListener('abort', end);
        resolve();
      };
      if (signal.aborted) return resolve();
      this.#waiting.add(end);
      signal.addEventListener('abort', end);
    });
  }

  /** A walk over the letters that may take some out; undefined: there are none. @throws Error when one is under way already, or the system's error */
  async pass(): Promise<LetterPass | undefined> {
    if (this.#passing) throw new Error('the letters of this output are being replayed or purged already');
    this.#passing = true;
    let pass: LetterPass | undefined;
    try {
      pass = await LetterPass.begin(this, this.#disk);
      return pass;
    } finally {
      if (pass === undefined) this.#passing = false;
    }
  }

  // ── for a pass ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Where a pass writes what stays. One that a killed process left is of no use. */
  get copyPath(): string {
    return `${this.path}.new`;
  }

  passEnded(): void {
    this.#passing = false;
  }

  /** Runs `work` while nothing is appended. What is known of the file is looked up anew afterwards. */
  between<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(async () => {
      try {
        return await work();
      } finally {
        this.#size = -1;
        for (const wake of [...this.#waiting]) wake();
      }
    });
    this.#last = done.catch(() => {});
    return done;
  }

  /** Size of the file, its last line whole; 0 when there is none. */
  mendedSize(): Promise<number> {
    return this.between(async () => {
      try {
        await this.#disk.lstat(this.path, { bigint: true });
      } catch (error) {
        if (systemCode(error) === 'ENOENT') return 0;
        throw error;
      }
      await this.#ready();
      return this.#size;
    });
  }

  /** Makes a name in the folder of the letters as durable as its contents. */
  syncFolder(): Promise<void> {
    return this.#syncFolder(this.#folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
    await this.#close();
  }

  // ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  async #append(letters: readonly DeadLetter[]): Promise<number> {
    try {
      const handle = await this.#ready();
      const lines: Buffer[] = [];
      const ids: string[] = [];
      let size = this.#size;
      let taken = 0;
      for (const letter of letters) {
        if (!this.#knownIds.has(letter.id)) {
          const line = Buffer.from(formatLetter(this.#output, letter));
          if (size + line.length > this.#maxBytes) {
            if (taken === 0) throw this.#full(line.length);
            break;
          }
          size += line.length;
          lines.push(line);
          ids.push(letter.id);
        }
        taken++;
      }
      if (lines.length > 0) await this.#write(handle, Buffer.concat(lines));
      for (const id of ids) this.#know(id);
      return taken;
    } catch (error) {
      if (error instanceof DeadLettersBlockedError) throw error;
      const why = error instanceof Error ? error.message : 'unknown';
      throw new DeadLettersBlockedError(`dead letters can't be written to ${this.path}: ${why}`, { cause: error });
    }
  }

  #full(bytes: number): DeadLettersBlockedError {
    return new DeadLettersBlockedError(
      `${this.path} is full: it has ${this.#size} of at most ${this.#maxBytes} bytes and the next letter takes ${bytes}; ` +
        'replay or purge letters (pannier dead-letters), or raise PANNIER_DEAD_LETTER_MAX_BYTES',
    );
  }

  /** All bytes, synced, or none: what was written of them is taken back. */
  async #write(handle: OpenFile, bytes: Buffer): Promise<void> {
    try {
      await writeAll(handle, bytes);
      await handle.datasync();
      this.#size += bytes.length;
    } catch (error) {
      // After a failed sync the system takes the pages for clean: a second sync would succeed and prove nothing. So they are written anew.
      await handle.truncate(this.#size).catch(() => {
        this.#doubtful = true;
        this.#size = -1;
      });
      throw error;
    }
  }

  /** The open file, which is the one at the path, its end in order. */
  async #ready(): Promise<OpenFile> {
    if (this.#file !== undefined && !(await this.#isAtPath(this.#file))) await this.#close();
    this.#file ??= await this.#open();
    const { handle } = this.#file;
    const size = Number((await handle.stat({ bigint: true })).size);
    if (size !== this.#size) await this.#readEnd(handle, size);
    return handle;
  }

  async #isAtPath({ dev, ino }: FileId): Promise<boolean> {
    try {
      const there = await this.#disk.lstat(this.path, { bigint: true });
      return there.dev === dev && there.ino === ino;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return false;
      throw error;
    }
  }

  async #open(): Promise<FileId & { readonly handle: OpenFile }> {
    await this.#makeFolder();
    // Not through a link, and without waiting for the other end of a FIFO, should somebody have put one there.
    const flags = O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK;
    const handle = await this.#disk.open(this.path, flags, 0o600);
    try {
      const stat = await handle.stat({ bigint: true });
      if (!stat.isFile()) throw new Error('it is not a regular file');
      if (!this.#passing) await this.#disk.rm(this.copyPath, { force: true });
      await this.#syncFolder(this.#folder);
      await this.#syncFolder(dirname(this.#folder));
      this.#size = -1;
      return { dev: stat.dev, ino: stat.ino, handle };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Not through a link: who may write to the state directory could have letters go, and files be replaced, where he likes. */
  async #makeFolder(): Promise<void> {
    await this.#disk.mkdir(this.#folder, { recursive: true, mode: 0o700 });
    try {
      await (await this.#disk.open(this.#folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0)).close();
    } catch (error) {
      if (!['ENOTDIR', 'ELOOP'].includes(systemCode(error) ?? '')) throw error;
      throw new Error(`${this.#folder} is a link, which Pannier never makes: it is not followed; remove it`, {
        cause: error,
      });
    }
  }

  /** Makes a new name in `folder` as durable as its contents. */
  async #syncFolder(folder: string): Promise<void> {
    const handle = await this.#disk.open(folder, O_RDONLY | O_DIRECTORY, 0);
    try {
      await handle.sync();
    } catch (error) {
      // Some file systems know no sync of a folder; then there is nothing better to be had.
      if (!['EINVAL', 'ENOTSUP'].includes(systemCode(error) ?? '')) throw error;
    } finally {
      await handle.close();
    }
  }

  /** Puts the file's end in order and learns the ids of its last letters. */
  async #readEnd(handle: OpenFile, size: number): Promise<void> {
    this.#knownIds.clear();
    this.#size = -1;
    const end = await mendLastLine(handle, size);
    // What a crash left in the page cache of the system alone must not be taken for written.
    await handle.datasync();
    if (!this.#doubtful) for (const id of await lastIds(handle, end, knownIdsMost)) this.#know(id);
    this.#size = end;
  }

  #know(id: string): void {
    this.#knownIds.add(id);
    if (this.#knownIds.size <= knownIdsMost) return;
    for (const oldest of this.#knownIds) {
      this.#knownIds.delete(oldest);
      return;
    }
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    this.#size = -1;
    await file?.handle.close();
  }
}
