import { type BigIntStats, constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RetryableError } from '../../src/types/errors.js';

/** Of the system's file, what the output and the agent's scan need. Numbers as bigint: they pass 2^53. */
export interface FileKey {
  readonly device: bigint;
  readonly inode: bigint;
}

/** The port to the system's files, through which tests bring in faults. */
export interface Handle {
  write(bytes: Buffer, at: number, length: number): Promise<{ readonly bytesWritten: number }>;
  read(bytes: Buffer, at: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
  datasync(): Promise<void>;
  truncate(length: number): Promise<void>;
  stat(options: { bigint: true }): Promise<BigIntStats>;
  close(): Promise<void>;
}
export type OpenHandle = (path: string, flags: number, mode: number) => Promise<Handle>;

/** An open file of whole lines, for one writer. What `append` has returned from is on disk; what it failed at is taken back. */
export class LineFile implements AsyncDisposable {
  private constructor(
    private readonly handle: Handle,
    readonly key: FileKey,
    private bytes: number,
  ) {}

  /** Bytes of whole lines, as long as nobody else touches the file. */
  get size(): number {
    return this.bytes;
  }

  /**
   * Opens `path` for appending, makes it (mode 0600) when missing, and cuts a last line without an end: it was never acknowledged, so it comes again.
   * @throws the system's error; RetryableError when it is no regular file
   */
  static async open(path: string, openHandle: OpenHandle = open): Promise<LineFile> {
    // A symbolic link could lead anywhere, and opening a FIFO would wait for its reader.
    const handle = await openHandle(
      path,
      constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK,
      0o600,
    );
    try {
      const stat = await handle.stat({ bigint: true });
      if (!stat.isFile()) throw notRegular(path);
      const size = Number(stat.size);
      const whole = await wholeLines(handle, size);
      if (whole < size) await handle.truncate(whole);
      // The entry in the folder must be as durable as the lines.
      if (size === 0) await syncFolder(path);
      return new LineFile(handle, { device: stat.dev, inode: stat.ino }, whole);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Writes whole lines and syncs them. @throws the system's error; then none of `lines` is in the file, unless its size says so. */
  async append(lines: Buffer): Promise<void> {
    try {
      for (let at = 0; at < lines.length;) at += (await this.handle.write(lines, at, lines.length - at)).bytesWritten;
      await this.handle.datasync();
    } catch (error) {
      await this.takeBack();
      throw error;
    }
    this.bytes += lines.length;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.handle.close();
  }

  private async takeBack(): Promise<void> {
    // Where this fails too, the file is longer than `size` says: the output sees that, opens it anew, and so cuts what is torn.
    await this.handle.truncate(this.bytes).catch(() => {});
  }
}

/** @throws the system's error where the file could not be opened for appending. Makes nothing. */
export async function checkWritable(path: string): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  await using handle = await open(path, flags);
  if (!(await handle.stat()).isFile()) throw notRegular(path);
}

function notRegular(path: string): RetryableError {
  return new RetryableError('OUTPUT_UNWRITABLE', `${path} cannot be written: it is no regular file`);
}

const blockBytes = 64 * 1024;
const lineFeed = 0x0a;

/** Bytes up to and including the last line feed. Reads backwards, block by block. */
async function wholeLines(handle: Handle, size: number): Promise<number> {
  const block = Buffer.allocUnsafe(Math.min(blockBytes, size));
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - blockBytes);
    const { bytesRead } = await handle.read(block, 0, end - start, start);
    const last = block.subarray(0, bytesRead).lastIndexOf(lineFeed);
    if (last !== -1) return start + last + 1;
    end = start;
  }
  return 0;
}

/** Makes renames and new entries in a file's folder durable, where the file system can. */
export async function syncFolder(path: string): Promise<void> {
  try {
    await using folder = await open(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
    await folder.sync();
  } catch {
    // A folder that may be written but not read, or a file system that cannot sync one: its entries are then as durable as it makes them.
  }
}
