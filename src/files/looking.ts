import type { Clock } from '../types/clock.js';
import type { FileSystem } from './file-system.js';
import { fingerprintBytes } from './identity.js';
import type { KnownFiles } from './known-files.js';
import type { SourceFile } from './source-file.js';
import { keyOf } from './walk.js';
import type { Warnings } from './warnings.js';

/** What a look may lead to. */
export interface LookingParts {
  readonly clock: Clock;
  readonly fs: FileSystem;
  readonly warnings: Warnings;
  /** The file is smaller than it was. */
  readonly shrunk: (file: SourceFile) => void;
  /** It was written to without growing: its content is to be proven. */
  readonly prove: (file: SourceFile) => void;
  readonly growFingerprint: (file: SourceFile) => void;
  readonly failed: (file: SourceFile, error: unknown) => void;
  readonly scanSoon: () => void;
}

/** Pauses between looks at a file: at first, and at most once it is quiet. */
const lookFirstMs = 100;
const lookMostMs = 1000;
/** At most so many files are looked at in one tick, so that the cost stays flat with their number. */
const looksPerTick = 200;
/** Events of one burst share a look. */
export const hintDelayMs = 20;

/** Looks at sizes: often at active files, ever more rarely at quiet ones, and at once where the watcher hints at growth. */
export class Looking {
  /** Every file is looked at with every tick (while draining). */
  eager = false;
  private start = 0;
  private readonly since: number;

  constructor(
    private readonly files: KnownFiles,
    private readonly parts: LookingParts,
  ) {
    this.since = parts.clock.monotonic();
  }

  /** The file at `path` may have grown. False: none that is known is there. */
  hint(path: string): boolean {
    const now = this.parts.clock.monotonic();
    for (const file of this.files.all) {
      if (file.currentPath !== path || !file.readable) continue;
      // Events come in bursts: one look per pause, and the tick sees to the last event.
      if (now - file.lookedAt >= hintDelayMs) this.look(file);
      else file.nextLookAt = Math.min(file.nextLookAt, file.lookedAt + hintDelayMs);
      return true;
    }
    return false;
  }

  /** Looks at the files whose time has come. */
  tick(): void {
    const now = this.parts.clock.monotonic();
    const files = this.files.all;
    let looks = 0;
    for (let step = 0; step < files.length && looks < looksPerTick; step += 1) {
      this.start = (this.start + 1) % files.length;
      const file = files[this.start]!;
      if (!file.readable || (!this.eager && file.nextLookAt > now)) continue;
      looks += 1;
      this.look(file);
    }
  }

  look(file: SourceFile): void {
    const now = this.parts.clock.monotonic();
    file.lookedAt = now;
    try {
      const seen = this.sight(file);
      if (seen === undefined) {
        this.parts.scanSoon();
        return;
      }
      if (file.problem !== '') {
        file.problem = '';
        this.parts.warnings.clear(file.currentPath);
        this.files.notify();
      }
      if (seen.size < file.size) {
        this.parts.shrunk(file);
        return;
      }
      // Written to without growing: perhaps to the very size it had.
      if (seen.mtimeMs !== file.mtimeMs && seen.size === file.size) this.parts.prove(file);
      file.mtimeMs = seen.mtimeMs;
      if (seen.size > file.size) {
        file.grow(seen.size, now);
        file.lookEveryMs = lookFirstMs;
        if (file.fingerprint.length < fingerprintBytes) this.parts.growFingerprint(file);
        this.files.notify();
      } else file.lookEveryMs = Math.min(lookMostMs, file.lookEveryMs * 1.5);
    } catch (error) {
      this.parts.failed(file, error);
      return;
    }
    file.nextLookAt = now + file.lookEveryMs;
  }

  /** Looks at every file's size at once. */
  lookAtAll(): void {
    for (const file of this.files.all) if (file.readable) this.look(file);
  }

  /** ms since any file grew, or since the start. */
  quietMs(): number {
    const now = this.parts.clock.monotonic();
    let least = now - this.since;
    for (const file of this.files.all) if (file.readable) least = Math.min(least, now - file.grownAt);
    return least;
  }

  /** Size and time of the file as it is now; undefined: it is not open, and another or none is at its path. */
  private sight(file: SourceFile): { readonly size: number; readonly mtimeMs: number } | undefined {
    if (file.content !== undefined) return file.content.look();
    const stat = this.parts.fs.stat(file.currentPath);
    if (stat === undefined || keyOf(stat) !== file.key || stat.birthNs !== file.birthNs) return undefined;
    // The size of a packed file is that of its unpacked bytes, and it is finished anyway.
    return file.packed ? file : stat;
  }
}
