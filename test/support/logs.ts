import { constants } from 'node:fs';
import {
  appendFile,
  copyFile,
  mkdir,
  open,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** A folder of log files, and what applications and rotators do to them. Names are relative to the folder. */
export class LogFolder {
  readonly path: string;
  /** Bytes that reached the files by this class: what the ledger has to account for. A scenario corrects it where it writes by other ways. */
  written = 0;

  constructor(path: string) {
    this.path = path;
  }

  at(name: string): string {
    return join(this.path, name);
  }

  /** Opens, appends, closes: as `echo >>` does. */
  async append(name: string, text: string | Buffer): Promise<void> {
    await mkdir(dirname(this.at(name)), { recursive: true });
    await appendFile(this.at(name), text);
    this.written += Buffer.byteLength(text);
  }

  async rename(from: string, to: string): Promise<void> {
    await mkdir(dirname(this.at(to)), { recursive: true });
    await rename(this.at(from), this.at(to));
  }

  /** As logrotate's `copytruncate`: what is written between the copy and the truncation is lost, and so is nothing here. */
  async copyTruncate(name: string, copy: string): Promise<void> {
    await mkdir(dirname(this.at(copy)), { recursive: true });
    await copyFile(this.at(name), this.at(copy));
    await truncate(this.at(name), 0);
  }

  async truncate(name: string, size = 0): Promise<void> {
    await truncate(this.at(name), size);
  }

  async remove(name: string): Promise<void> {
    await rm(this.at(name), { recursive: true });
  }

  /** Removes a file and makes a new one under its name, which on most file systems gets the old inode. */
  async recreate(name: string, text: string): Promise<void> {
    await this.remove(name);
    await writeFile(this.at(name), text);
    this.written += Buffer.byteLength(text);
  }

  /** A copy with the old one removed: same bytes, other inode. */
  async replaceByCopy(name: string, copy: string): Promise<void> {
    await copyFile(this.at(name), this.at(copy));
    await this.remove(name);
  }

  async gzip(name: string, to: string): Promise<void> {
    await writeFile(this.at(to), gzipSync(await readFile(this.at(name))));
    await this.remove(name);
  }

  async symlink(target: string, name: string): Promise<void> {
    await mkdir(dirname(this.at(name)), { recursive: true });
    await symlink(target, this.at(name));
  }

  async inode(name: string): Promise<bigint> {
    return (await stat(this.at(name), { bigint: true })).ino;
  }

  /** An application that holds its file open, through renames and deletions. */
  async writer(name: string): Promise<LogWriter> {
    await mkdir(dirname(this.at(name)), { recursive: true });
    return new LogWriter(this, await open(this.at(name), constants.O_CREAT | constants.O_APPEND | constants.O_WRONLY));
  }
}

/** A file held open for appending. */
export class LogWriter implements AsyncDisposable {
  readonly #folder: LogFolder;
  readonly #handle: FileHandle;

  constructor(folder: LogFolder, handle: FileHandle) {
    this.#folder = folder;
    this.#handle = handle;
  }

  async write(text: string | Buffer): Promise<void> {
    await this.#handle.appendFile(text);
    this.#folder.written += Buffer.byteLength(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}

/** `count` different lines, `from` the number of the first: `label 0007`. */
export function numbered(label: string, count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, at) => `${label} ${String(from + at).padStart(4, '0')}`);
}

/** Lines as a file holds them. */
export const asText = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
