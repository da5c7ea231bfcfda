import type { Clock } from '../types/clock.js';
import type { FileSystem } from './file-system.js';
import { fingerprintBytes } from './identity.js';
import type { KnownFiles } from './known-files.js';
import { folderOf, Places } from './places.js';
import type { SourceFile } from './source-file.js';
import { keyOf } from './walk.js';
import type { Warnings } from './warnings.js';
import type { Heard } from './watcher.js';

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
  /** It was empty when it was met, and has enough now to be compared with others. */
  readonly begun: (file: SourceFile) => Promise<void>;
  readonly failed: (file: SourceFile, error: unknown) => void;
  readonly scanSoon: () => void;
  /** Folders whose growth no event tells of. */
  readonly resting: () => ReadonlySet<string>;
  /** The files of a resting folder were looked at; `grown` are those that had grown. */
  readonly looked: (folder: string, grown: readonly SourceFile[]) => void;
  /** Events are sent from everywhere, as far as is known. */
  readonly isWatched: () => boolean;
}

/** Pauses between looks at a file that nothing was heard of: while it grows nevertheless, and once it is quiet. */
const lookFirstMs = 100;
const lookMostMs = 1000;
/** At most so many files are looked at in one tick, so that the cost stays flat with their number: where events can be relied on, and where not. */
const quietLooksPerTick = 4;
const looksPerTick = 200;
/** Growth without an event shows that they can not, for so long, ms. */
const distrustMs = 60_000;
/** Least time from one look at files that may have grown to the next: a chatty file costs wake-ups, not a core. */
const lookPauseMs = 10;
/** How often a resting folder is looked at by somebody who waits for a line of it. */
const restingPauseMs = 20;
/** A file that grew within this time counts as active; of a resting folder's other files so many are looked at each time. */
const activeMs = 1000;
const quietLooksResting = 64;

/**
 * Looks at sizes: where an event or a resting folder makes growth likely, when a lane asks or with the next tick, whichever is first; at all others ever
 * more rarely, as events get lost.
 */
export class Looking {
  /** Every file is looked at with every tick (while draining). */
  eager = false;
  private readonly places: Places;
  /** Files that an event named since they were looked at. */
  private readonly touched = new Set<SourceFile>();
  private touchedAt = -Infinity;
  /** Files whose first bytes are being compared with those of others. */
  private readonly beginning = new Set<SourceFile>();
  /** Files that grew lately without an event. */
  private readonly unheard = new Set<SourceFile>();
  /** Where the next looks go on: at all files, and inside of resting folders. */
  private nextQuiet = 0;
  private nextResting = 0;
  private distrustUntil = -Infinity;
  private readonly since: number;

  constructor(
    private readonly files: KnownFiles,
    private readonly parts: LookingParts,
  ) {
    this.places = new Places(files);
    this.since = parts.clock.monotonic();
  }

  /** The file at `path` may have grown. It is noted, no more: events come in bursts. 'other': none that is known is there. */
  hint(path: string): Heard {
    const file = this.places.at(path);
    if (file === undefined) return 'other';
    if (this.touched.has(file)) return 'repeat';
    this.touched.add(file);
    // Told once, when all events that have come by now are noted.
    if (this.touched.size === 1) setImmediate(() => this.files.notify());
    return 'news';
  }

  /** There was no event of what grew in this folder since it was looked at. */
  hintFolder(folder: string): void {
    for (const { currentPath } of this.places.in(folder)) this.hint(currentPath);
  }

  filesIn(folder: string): readonly SourceFile[] {
    return this.places.in(folder);
  }

  /** Some file may have grown since it was looked at. */
  get isDue(): boolean {
    return this.touched.size > 0 || this.parts.resting().size > 0;
  }

  /** Looks at the files that may have grown. Returns after how many ms it is worth looking again although nobody hints at growth; Infinity: it is not. */
  lookAtTouched(): number {
    if (!this.isDue) return Infinity;
    const pauseMs = this.touchedAt + lookPauseMs - this.parts.clock.monotonic();
    if (pauseMs > 0) return pauseMs;
    this.lookNow();
    return this.parts.resting().size === 0 ? Infinity : restingPauseMs;
  }

  /** Looks at the files that may have grown, and at those whose time has come. */
  tick(): void {
    this.lookNow();
    const now = this.parts.clock.monotonic();
    let grown = this.eager ? this.hasAnyGrown(this.files.all) : this.pollUnheard(now);
    if (this.pollQuiet(now)) grown = true;
    if (grown) this.files.notify();
  }

  look(file: SourceFile): void {
    if (this.hasGrown(file)) this.files.notify();
  }

  /** Looks at every file's size at once. */
  lookAtAll(): void {
    if (this.hasAnyGrown(this.files.all)) this.files.notify();
  }

  /** Looks at the files that may have grown. */
  lookNow(): void {
    if (!this.isDue) return;
    this.touchedAt = this.parts.clock.monotonic();
    let grown = this.hasAnyGrown(this.touched);
    this.touched.clear();
    for (const folder of [...this.parts.resting()]) {
      const inside = this.lookInside(folder);
      if (inside.length > 0) grown = true;
      this.parts.looked(folder, inside);
    }
    if (grown) this.files.notify();
  }

  /** ms since any file grew, or since the start. */
  quietMs(): number {
    const now = this.parts.clock.monotonic();
    let least = now - this.since;
    for (const file of this.files.all) if (file.readable) least = Math.min(least, now - file.grownAt);
    return least;
  }

  private hasAnyGrown(files: Iterable<SourceFile>): boolean {
    let grown = false;
    for (const file of files) if (file.readable && this.hasGrown(file)) grown = true;
    return grown;
  }

  /** Looks at those files that grew without an event and whose time has come. True when one had grown. */
  private pollUnheard(now: number): boolean {
    let looks = looksPerTick;
    let grown = false;
    for (const file of this.unheard) {
      if (looks === 0) break;
      if (file.readable && file.nextLookAt > now) continue;
      this.unheard.delete(file);
      if (!file.readable) continue;
      looks -= 1;
      if (this.hasGrown(file)) grown = true;
      // Behind the others, whose turn it is with the next tick.
      if (file.lookEveryMs < lookMostMs) this.unheard.add(file);
    }
    return grown;
  }

  /** Looks at the next few of the files whose time has come. True when one had grown. */
  private pollQuiet(now: number): boolean {
    const isTrusted = this.parts.isWatched() && now >= this.distrustUntil;
    let looks = isTrusted ? quietLooksPerTick : looksPerTick;
    const files = this.files.all;
    let grown = false;
    for (let step = 0; step < files.length && looks > 0; step += 1) {
      this.nextQuiet = (this.nextQuiet + 1) % files.length;
      const file = files[this.nextQuiet]!;
      if (!file.readable || file.nextLookAt > now) continue;
      looks -= 1;
      if (this.hasGrown(file)) grown = true;
    }
    return grown;
  }

  /** Looks at a resting folder's active files, and at some of the others in turn. Returns those that had grown. */
  private lookInside(folder: string): SourceFile[] {
    const now = this.parts.clock.monotonic();
    const files = this.places.in(folder);
    const grown: SourceFile[] = [];
    let others = quietLooksResting;
    for (let step = 0; step < files.length; step += 1) {
      const file = files[(this.nextResting + step) % files.length]!;
      if (!file.readable || (now - file.grownAt >= activeMs && (others -= 1) < 0)) continue;
      if (this.hasGrown(file)) grown.push(file);
    }
    this.nextResting += quietLooksResting;
    return grown;
  }

  private hasGrown(file: SourceFile): boolean {
    const now = this.parts.clock.monotonic();
    try {
      const seen = this.sight(file);
      if (seen === undefined) {
        this.parts.scanSoon();
        return false;
      }
      if (file.problem !== '') {
        file.problem = '';
        this.parts.warnings.clear(file.currentPath);
        this.files.notify();
      }
      if (seen.size < file.size) {
        this.parts.shrunk(file);
        return false;
      }
      // Written to without growing: perhaps to the very size it had.
      if (seen.mtimeMs !== file.mtimeMs && seen.size === file.size) this.parts.prove(file);
      file.mtimeMs = seen.mtimeMs;
      const grown = seen.size > file.size;
      if (grown && file.metEmpty) {
        // Its first bytes tell whether it is read at all, where there are enough of them.
        if (seen.size >= fingerprintBytes) {
          if (!this.beginning.has(file)) void this.parts.begun(file).finally(() => this.beginning.delete(file));
          this.beginning.add(file);
          return false;
        }
        file.metEmpty = false;
      }
      file.lookEveryMs = Math.min(lookMostMs, file.lookEveryMs * 1.5);
      if (grown) {
        if (!this.wasHeardOf(file)) {
          file.lookEveryMs = lookFirstMs;
          this.unheard.add(file);
          this.distrustUntil = now + distrustMs;
        }
        file.grow(seen.size, now);
        if (file.fingerprint.length < fingerprintBytes) this.parts.growFingerprint(file);
      }
      file.nextLookAt = now + file.lookEveryMs;
      return grown;
    } catch (error) {
      this.parts.failed(file, error);
      return false;
    }
  }

  /** Otherwise its growth shows that events can't be relied on here, and that it is worth looking often. */
  private wasHeardOf(file: SourceFile): boolean {
    return this.touched.has(file) || this.parts.resting().has(folderOf(file.currentPath));
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
