import { lstat, mkdir, open } from 'node:fs/promises';

/** What the dead letters ask of the file system; `nodeDisk` is the real one. */
export interface Disk {
  mkdir(path: string, options: { recursive: true; mode: number }): Promise<unknown>;
  open(path: string, flags: number, mode: number): Promise<OpenFile>;
  lstat(path: string, options: { bigint: true }): Promise<FileId>;
}
export interface FileId {
  readonly dev: bigint;
  readonly ino: bigint;
}
export interface OpenFile {
  stat(options: { bigint: true }): Promise<FileId & { readonly size: bigint; isFile(): boolean }>;
  read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
  write(buffer: Buffer, offset: number, length: number): Promise<{ bytesWritten: number }>;
  truncate(size: number): Promise<void>;
  datasync(): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}
export const nodeDisk: Disk = { mkdir, open, lstat };
