import { rename, stat } from 'node:fs/promises';
import { type FileKey, syncFolder } from './line-file.js';

/**
 * Moves `path` to `path.1`, `path.1` to `path.2`, …; what was `path.<maxFiles>` is replaced. Each step is one atomic rename, oldest first, so a crash in
 * between leaves a gap and loses nothing. @throws the system's error
 */
export async function rotate(path: string, maxFiles: number): Promise<void> {
  for (let number = maxFiles - 1; number >= 0; number--) {
    const from = number === 0 ? path : `${path}.${number}`;
    try {
      await rename(from, `${path}.${number + 1}`);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  await syncFolder(path);
}

/** What is at a path. */
export interface Found extends FileKey {
  readonly size: number;
}

/** The current file and the rotated ones, as they are now. Those that are missing or unreadable are left out. */
export async function existingFiles(path: string, maxFiles: number): Promise<readonly Found[]> {
  const paths = [path, ...Array.from({ length: maxFiles }, (_, i) => `${path}.${i + 1}`)];
  const found = await Promise.all(paths.map((each) => lookAt(each)));
  return found.filter((file) => file !== undefined);
}

/** Undefined when nothing is there, or nothing that can be looked at. */
export async function lookAt(path: string): Promise<Found | undefined> {
  try {
    const { dev, ino, size } = await stat(path, { bigint: true });
    return { device: dev, inode: ino, size: Number(size) };
  } catch {
    return undefined;
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
