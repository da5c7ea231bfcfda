import { dirname, join } from 'node:path';
import type { Clock } from '../types/clock.js';
import type { Log } from '../types/log.js';
import type { FileSystem } from './file-system.js';
import type { KnownFiles } from './known-files.js';
import type { SourceFile } from './source-file.js';
import { systemReason } from './system-error.js';
import { keyOf } from './walk.js';

/**
 * PANNIER_DELETE_SHIPPED=rotated: removes files that were renamed away from their path and of which every output has the last byte, `graceMs`
 * after they last grew.
 *
 * A name may come to lead to another file at any moment (logrotate moves them all by one), so the file is first moved to a name that nobody else
 * uses, then looked at, and only then removed. What turns out to be another file, or to have grown, gets its name back.
 */
export class ShippedFiles {
  removedFiles = 0;
  removedBytes = 0;
  private refusedBefore = '';

  constructor(
    private readonly files: KnownFiles,
    private readonly parts: {
      readonly fs: Pick<FileSystem, 'lstat' | 'rename' | 'link' | 'unlink'>;
      readonly clock: Clock;
      readonly log: Log;
    },
  ) {}

  remove(graceMs: number): void {
    const now = this.parts.clock.monotonic();
    for (const file of this.files.all) {
      const isFinished = file.readable && file.state === 'rotated' && file.problem === '' && this.files.isDone(file);
      if (isFinished && now - Math.max(file.grownAt, file.metAt) >= graceMs) this.removeOne(file);
    }
  }

  private removeOne(file: SourceFile): void {
    const { fs, log } = this.parts;
    const path = file.currentPath;
    const aside = join(dirname(path), `.pannier-shipped-${file.fileId}`);
    try {
      // Found at its own name from an earlier try that did not come to its end.
      if (path !== aside) fs.rename(path, aside);
      const stat = fs.lstat(aside);
      const isIt = stat?.kind === 'file' && keyOf(stat) === file.key && stat.birthNs === file.birthNs;
      if (!isIt || (!file.packed && stat.size !== file.size)) {
        if (path !== aside) fs.link(aside, path); // never over another file, as a rename would
        fs.unlink(aside);
        return;
      }
      fs.unlink(aside);
      this.removedFiles += 1;
      this.removedBytes += file.size;
      log.info({ path, file: file.fileId, bytes: file.size }, 'removed a rotated file that every output has');
    } catch (error) {
      this.refused(path, systemReason(error));
    }
  }

  /** Said once for each reason: it is tried again with every scan. */
  private refused(path: string, reason: string): void {
    if (reason === this.refusedBefore) return;
    this.refusedBefore = reason;
    this.parts.log.warn(
      { code: 'FILE_NOT_REMOVED', path, reason },
      'a shipped file can not be removed, as PANNIER_DELETE_SHIPPED asks; mount the log volume writable, with rights in the folder',
    );
  }
}
