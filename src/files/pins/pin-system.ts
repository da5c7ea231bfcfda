import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  unlinkSync,
  type BigIntStats,
} from 'node:fs';
import type { FileStat } from '../file-system.js';
import { isSystemError } from '../system-error.js';

export interface PinStat extends FileStat {
  /** How many names the file has. */
  readonly links: number;
  /** When the names or the rights were changed last, ms since the epoch: of a file without another name, not before that one went. */
  readonly changedMs: number;
  readonly owner: number;
  readonly mode: number;
}

/** The system calls of pins; faults enter here. They are synchronous, a few µs each, one for a new file. @throws system errors */
export interface PinSystem {
  /** Of the name itself, where it is a link. undefined: nothing is there. */
  lstat(path: string): PinStat | undefined;
  makeFolder(path: string): void;
  /** Opens a folder, not where a link leads. */
  openFolder(path: string): number;
  statFolder(descriptor: number): PinStat;
  close(descriptor: number): void;
  chmod(path: string, mode: number): void;
  list(folder: string): readonly string[];
  link(from: string, to: string): void;
  rename(from: string, to: string): void;
  unlink(path: string): void;
  /** Where names in an open folder are: also when another folder, or a link, is at its path by now. */
  place(descriptor: number, path: string): string;
  /** As whom we make folders. */
  readonly owner: number | undefined;
}

const kindOf = (stat: BigIntStats): FileStat['kind'] =>
  stat.isFile() ? 'file' : stat.isDirectory() ? 'directory' : stat.isSymbolicLink() ? 'link' : 'other';

const pinStatOf = (stat: BigIntStats): PinStat => ({
  device: stat.dev.toString(),
  inode: stat.ino.toString(),
  birthNs: stat.birthtimeNs > 0n ? stat.birthtimeNs.toString() : '',
  size: Number(stat.size),
  mtimeMs: Number(stat.mtimeMs),
  kind: kindOf(stat),
  links: Number(stat.nlink),
  changedMs: Number(stat.ctimeMs),
  owner: Number(stat.uid),
  mode: Number(stat.mode) & 0o777,
});

/** Finds what is pinned, and changes nothing: for who looks at what an agent left behind. */
export const restingPins = (): PinSystem => ({
  ...systemPins,
  makeFolder: () => {},
  chmod: () => {},
  link: () => {},
  rename: () => {},
  unlink: () => {},
});

export const systemPins: PinSystem = {
  lstat: (path) => {
    try {
      return pinStatOf(lstatSync(path, { bigint: true }));
    } catch (error) {
      if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined;
      throw error;
    }
  },
  makeFolder: (path) => mkdirSync(path, { mode: 0o700 }),
  openFolder: (path) => openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW),
  statFolder: (descriptor) => pinStatOf(fstatSync(descriptor, { bigint: true })),
  close: closeSync,
  chmod: chmodSync,
  list: (folder) => readdirSync(folder),
  link: linkSync,
  rename: renameSync,
  unlink: unlinkSync,
  place: (descriptor, path) => (process.platform === 'linux' ? `/proc/self/fd/${descriptor}` : path),
  owner: process.geteuid?.(),
};
