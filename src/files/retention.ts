import type { FileSystem } from './file-system.js';
import type { FileSettings } from './file-settings.js';
import { isInside, rootsOf } from './globs.js';
import { hasName } from './handles.js';
import { overLimits } from './holds.js';
import type { KnownFiles } from './known-files.js';
import type { Clock } from '../types/clock.js';
import type { WalkResult } from './walk.js';

/** Closes, gives up and forgets: how long files without a name, and records without a file, are kept. */
export class Retention {
  constructor(
    private readonly files: KnownFiles,
    private readonly parts: { readonly fs: FileSystem; readonly clock: Clock },
  ) {}

  /** Closes what is finished, and the oldest held files when they hold too much or too long. */
  release(found: WalkResult, settings: FileSettings): void {
    const now = this.parts.clock.monotonic();
    const { holdGraceMs, holdMaxAgeMs, volumeLimit } = settings;
    for (const file of this.files.all) {
      if (!file.readable || file.state === 'open' || !this.files.isDone(file) || now - file.grownAt < holdGraceMs)
        continue;
      const isNowhere = file.state === 'deleted' && !hasName(file);
      this.files.handles.close(file);
      if (isNowhere) this.files.forget(file);
      // It has a name that no scan sees: moved out of the folders, or they can't be looked at just now. It may come back.
      else if (file.state === 'deleted') file.state = 'lost';
    }
    const held = this.files.all.filter((file) => file.state === 'deleted');
    const volumeUsed = this.usedBytes(found);
    const maxBytes = settings.holdMaxBytes ?? this.defaultHoldBytes(found);
    for (const { file, reason } of overLimits(
      held,
      { maxBytes, maxAgeMs: holdMaxAgeMs, volumeLimit, volumeUsed },
      now,
      (file) => this.files.isDone(file),
    )) {
      this.files.handles.close(file);
      this.files.abandon(file, reason);
    }
  }

  /** Bytes of all files below the roots, deleted ones that are held included. */
  usedBytes({ candidates }: WalkResult): number {
    const held = this.files.all.filter((file) => file.state === 'deleted');
    const sizes = [...held, ...[...candidates.values()].map(({ stat }) => stat)].map(({ size }) => size);
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  /** `now` is ms since the epoch. */
  forgetOld(now: number, settings: FileSettings): void {
    const roots = rootsOf(settings.paths);
    for (const file of this.files.all) {
      if (file.state === 'gone' && this.files.isDone(file)) this.files.forget(file);
      if (file.state !== 'lost') continue;
      const rootPresent = roots.some((root) => isInside(file.path, root) && isThere(this.parts.fs, root));
      if (!rootPresent && roots.some((root) => isInside(file.path, root))) file.lastSeen = now;
      else if (now - file.lastSeen >= settings.forgetAfterMs) {
        this.files.abandon(file, 'gone');
        this.files.forget(file);
      }
    }
  }

  private defaultHoldBytes({ realRoots }: WalkResult): number {
    const sizes = realRoots.map((root) => this.parts.fs.volume(root)?.bytes).filter((bytes) => bytes !== undefined);
    return Math.min(1024 ** 3, ...sizes.map((bytes) => bytes / 10));
  }
}

/** What can't be looked at counts as absent. */
export function isThere(fs: FileSystem, path: string): boolean {
  try {
    return fs.stat(path) !== undefined;
  } catch {
    return false;
  }
}
