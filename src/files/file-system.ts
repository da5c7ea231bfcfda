import {
  close as closeDescriptor,
  constants,
  fstatSync,
  linkSync,
  lstatSync,
  open as openDescriptor,
  read as readDescriptor,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  statSync,
  statfsSync,
  unlinkSync,
  type BigIntStats,
} from 'node:fs';
import type { VolumeFigures } from '../types/stats.js';
import { watchFolder, type FolderWatch } from './folder-watch.js';
import { isSystemError } from './system-error.js';

export interface FileStat {
  /** Decimal text: both pass 2^53 on some file systems. */
  readonly device: string;
  readonly inode: string;
  /** Birth in ns since the epoch as decimal text, '' where the file system gives none. */
  readonly birthNs: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly kind: 'file' | 'directory' | 'link' | 'other';
}

export interface Entry {
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'link' | 'other';
}

/**
 * The system calls of this room; faults enter here. Looking (stat, list) is synchronous: it costs a few µs on the local volumes a sidecar
 * reads, a tenth of the asynchronous call. Opening and reading, which may wait for a disk, are not.
 */
export interface FileSystem {
  /** Follows links. undefined: nothing is there. @throws system errors but ENOENT and ENOTDIR */
  stat(path: string): FileStat | undefined;
  lstat(path: string): FileStat | undefined;
  list(directory: string): readonly Entry[];
  realpath(path: string): string | undefined;
  /** Follows no link at the end of the path, never blocks on a FIFO, and never becomes a terminal's owner. */
  open(path: string): Promise<number>;
  fstat(descriptor: number): { readonly size: number; readonly mtimeMs: number; readonly links: number };
  /** The whole stat of a descriptor. */
  identify(descriptor: number): FileStat;
  /** Whose a file is, how many names it has, and its rights (mode bits). */
  ownership(descriptor: number): { readonly uid: number; readonly links: number; readonly mode: number };
  /** Owner of a folder; undefined when nothing is there. */
  folderOwner(path: string): number | undefined;
  /** The path the descriptor really leads to; undefined where the system can't tell (no /proc). */
  descriptorPath(descriptor: number): string | undefined;
  read(descriptor: number, target: Buffer, at: number, length: number, position: number): Promise<number>;
  close(descriptor: number): void;
  /** Tells of each event in a folder, with the name concerned where the system says it. @throws system errors */
  watch(
    path: string,
    heard: (event: 'rename' | 'change', name: string | undefined) => void,
    failed: (error: Error) => void,
  ): FolderWatch;
  /** How many descriptors the process may have; undefined where the system can't tell. */
  descriptorLimit(): number | undefined;
  /** Room on the volume that holds `path`; undefined when it can't be told. */
  volume(path: string): VolumeFigures | undefined;
  /** @throws system errors, as the next two */
  rename(from: string, to: string): void;
  /** A second name; never over one that exists. */
  link(existing: string, made: string): void;
  unlink(path: string): void;
}

const kindOf = (of: { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }): Entry['kind'] =>
  of.isFile() ? 'file' : of.isDirectory() ? 'directory' : of.isSymbolicLink() ? 'link' : 'other';

const statOf = (stat: BigIntStats): FileStat => ({
  device: stat.dev.toString(),
  inode: stat.ino.toString(),
  birthNs: stat.birthtimeNs > 0n ? stat.birthtimeNs.toString() : '',
  size: Number(stat.size),
  mtimeMs: Number(stat.mtimeMs),
  kind: kindOf(stat),
});

/** Runs a look-up; undefined when nothing is there. */
function unlessMissing<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined;
    throw error;
  }
}

const openFlags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | constants.O_NOFOLLOW;

export const systemFiles: FileSystem = {
  stat: (path) => unlessMissing(() => statOf(statSync(path, { bigint: true }))),
  lstat: (path) => unlessMissing(() => statOf(lstatSync(path, { bigint: true }))),
  list: (directory) =>
    readdirSync(directory, { withFileTypes: true }).map((entry) => ({ name: entry.name, kind: kindOf(entry) })),
  realpath: (path) => unlessMissing(() => realpathSync.native(path)),
  open: (path) =>
    new Promise((resolve, reject) =>
      openDescriptor(path, openFlags, (error, descriptor) => (error === null ? resolve(descriptor) : reject(error))),
    ),
  fstat: (descriptor) => {
    const stat = fstatSync(descriptor);
    return { size: stat.size, mtimeMs: stat.mtimeMs, links: stat.nlink };
  },
  identify: (descriptor) => statOf(fstatSync(descriptor, { bigint: true })),
  ownership: (descriptor) => {
    const { uid, nlink, mode } = fstatSync(descriptor);
    return { uid, links: nlink, mode };
  },
  folderOwner: (path) => unlessMissing(() => statSync(path).uid),
  descriptorPath: (descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`);
    } catch {
      return undefined;
    }
  },
  read: (descriptor, target, at, length, position) =>
    new Promise((resolve, reject) =>
      readDescriptor(descriptor, target, at, length, position, (error, count) =>
        error === null ? resolve(count) : reject(error),
      ),
    ),
  close: (descriptor) => closeDescriptor(descriptor, () => {}),
  watch: watchFolder,
  descriptorLimit: () => {
    try {
      const limit = Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]);
      return Number.isFinite(limit) ? limit : undefined;
    } catch {
      return undefined;
    }
  },
  volume: (path) => {
    try {
      const { blocks, bavail, bsize, files, ffree } = statfsSync(path);
      return { bytes: blocks * bsize, freeBytes: bavail * bsize, inodes: files, freeInodes: ffree };
    } catch {
      return undefined;
    }
  },
  rename: renameSync,
  link: linkSync,
  unlink: unlinkSync,
};
