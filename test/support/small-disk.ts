import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of its own (tmpfs) at `path`, which a test may fill to the last byte. Unmounted when disposed of. */
export class SmallDisk implements Disposable {
  readonly path: string;
  readonly #ballast: string;

  /** `size` as mount takes it: `2m`. `path` must exist. @throws Error where mounting is not permitted; see `canMount` */
  constructor(path: string, size: string) {
    this.path = path;
    this.#ballast = join(path, '.ballast');
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], { stdio: 'pipe' });
  }

  /** Nothing more can be written. */
  async fill(): Promise<void> {
    const { bfree, bsize } = await statfs(this.path);
    for (let pages = bfree; pages > 0; pages = Math.floor(pages / 2)) {
      try {
        writeFileSync(this.#ballast, Buffer.alloc(pages * bsize), { flag: 'a' });
        return;
      } catch {
        // Somebody else wrote meanwhile: what is left is filled with less.
      }
    }
  }

  async makeRoom(): Promise<void> {
    await rm(this.#ballast, { force: true });
  }

  /** Read-only, or writable again, for everybody. */
  remount(mode: 'ro' | 'rw'): void {
    execFileSync('mount', ['-o', `remount,${mode}`, this.path], { stdio: 'pipe' });
  }

  [Symbol.dispose](): void {
    execFileSync('umount', ['-l', this.path], { stdio: 'pipe' });
  }
}

/** Why a test that needs a `SmallDisk` is skipped here; false where it is not. */
export const cannotMount: string | false = (() => {
  const path = mkdtempSync(join(tmpdir(), 'pannier-mount-'));
  try {
    mkdirSync(join(path, 'disk'));
    new SmallDisk(join(path, 'disk'), '64k')[Symbol.dispose]();
    return false;
  } catch (error) {
    return `mounting is not permitted here: ${String(error).split('\n')[0]}`;
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
})();
