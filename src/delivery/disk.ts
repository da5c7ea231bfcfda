import { lstat, mkdir, open, rename, rm } from 'node:fs/promises';

/** What the dead letters ask of the file system; `nodeDisk` is the real one. */
export interface Disk {
  mkdir(path: string, options: { recursive: true; mode: number }): Promise<unknown>;
  open(path: string, flags: number, mode: number): Promise<OpenFile>;
  lstat(path: string, options: { bigint: true }): Promise<FileId>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { force: true }): Promise<void>;
}
export interface FileId {
  readonly dev: bigint;
  readonly ino: bigint;
}
export interface OpenFile {
  stat(options: { bigint: true }): Promise<FileId & { readonly size: bigint; isFile(): boolean }>;
  read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
  /** `position` left out: at the end of a file that was opened for appending. */
  write(buffer: Buffer, offset: number, length: number, position?: number): Promise<{ bytesWritten: number }>;
  truncate(size: number): Promise<void>;
  datasync(): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}
export const nodeDisk: Disk = { mkdir, open, lstat, rename, rm };

/** Writes all of `bytes`, from `position` on. @throws the system's error */
export async function writeAll(file: OpenFile, bytes: Buffer, position?: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const at = position === undefined ? undefined : position + done;
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at);
    if (bytesWritten === 0) throw new Error('nothing was written');
    done += bytesWritten;
  }
}

/** The error's code in the system's own words, as `ENOENT`; undefined: it has none. */
export const systemCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
