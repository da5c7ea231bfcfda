import type { FileSystem } from './file-system.js';
import type { FolderWatch } from './folder-watch.js';
import { isSystemError } from './system-error.js';

/** What a folder's event means to whoever was told of it: `news`, a `repeat` of what is known but not looked at yet, or of no interest (`other`). */
export type Heard = 'news' | 'repeat' | 'other';

interface Folder {
  /** Tells the folder from another one that has its path later. */
  readonly identity: string;
  /** undefined: it rests, or can't be watched. */
  watch: FolderWatch | undefined;
  /** Number of the walk that met it last. */
  metBy: number;
  /** The watch was asked for, and tells of nothing yet. */
  opening: boolean;
  /** Events since the last tick that told nothing new. */
  wasted: number;
  rest: Rest | undefined;
}

/** A folder without a watch, whose files are looked at instead. */
interface Rest {
  /** The folder's own time, ms: it changes when a name in it does. */
  readonly changedMs: number;
  looks: number;
  /** Looks that found growth. */
  grown: number;
}

/** More events than this in a tick that tell nothing new cost more than looks do. */
const wastedPerTick = 8;
/** So many looks, most of them at files that did not grow, end a rest. */
const looksToJudge = 5;

/**
 * Hints from the kernel (inotify). An event says only that it is worth looking: queues overflow, some volumes send nothing; a scan is the truth. Only
 * folders are watched (one watch each, not one per file), those that the last walk met.
 *
 * An application that writes line by line makes an event per line, each of which wakes the process and tells what is known. So a folder rests
 * while its files grow without a pause: its watch is closed, and whoever wants to know looks (`Looking`).
 *
 *     watched ── events that tell nothing new ─▶ resting ── looks that find nothing, or a name that changed ─▶ watched
 */
export class Watcher {
  /** False once a folder could not be watched: then polling must do. */
  isWhole = true;
  /** Folders whose files have to be looked at, as no event tells of them. */
  readonly resting = new Set<string>();
  private readonly folders = new Map<string, Folder>();
  private walks = 0;
  private closed = false;
  /** Called once no watch is opening. */
  private readonly waiters: (() => void)[] = [];

  constructor(
    private readonly fs: Pick<FileSystem, 'watch' | 'stat'>,
    private readonly hints: {
      /** The file at `path` may have grown. */
      readonly grown: (path: string) => Heard;
      /** Something was made, renamed or removed: at `path`, when that is known. */
      readonly changed: (path?: string) => void;
      /** No more events come from this folder until it wakes: what they would tell has to be seen by looking. */
      readonly rests: (path: string) => void;
      /** A folder is watched again: there was no event of what happened in it meanwhile. */
      readonly wakes: (path: string) => void;
      /** Watching does not work (out of instances or watches, no permission): polling goes on alone. */
      readonly failed: (error: Error) => void;
    },
  ) {}

  /** Resolves when every folder that was entered tells of its events, rests, or can't be watched. */
  whenWatching(): Promise<void> {
    return new Promise((resolve) => {
      this.waiters.push(resolve);
      this.opened();
    });
  }

  walkBegins(): void {
    this.walks += 1;
  }

  /** The walk enters a folder, before it lists it: from now on it is watched. */
  enter(path: string, identity: string): void {
    if (this.closed) return;
    const known = this.folders.get(path);
    if (known?.identity === identity) {
      known.metBy = this.walks;
      return;
    }
    if (known !== undefined) this.drop(path, known);
    const folder: Folder = {
      identity,
      watch: undefined,
      metBy: this.walks,
      opening: false,
      wasted: 0,
      rest: undefined,
    };
    this.folders.set(path, folder);
    this.open(path, folder);
  }

  /** The walk is over: what it did not meet is there no more. */
  walkEnded(): void {
    for (const [path, folder] of this.folders) if (folder.metBy !== this.walks) this.drop(path, folder);
  }

  /** To be called at even times: lets folders rest that are all chatter. */
  tick(): void {
    for (const [path, folder] of this.folders) {
      if (folder.wasted > wastedPerTick && folder.watch !== undefined) this.rest(path, folder);
      folder.wasted = 0;
    }
  }

  /** The files of a resting folder were looked at; `grown`: one of them had grown. Ends the rest when looks are no better than events any more. */
  looked(path: string, grown: boolean): void {
    const folder = this.folders.get(path);
    if (folder?.rest === undefined) return;
    const { rest } = folder;
    rest.looks += 1;
    if (grown) rest.grown += 1;
    if (this.changedMs(path) !== rest.changedMs) {
      this.wake(path, folder);
      this.hints.changed();
    } else if (rest.looks >= looksToJudge) {
      if (rest.grown * 2 < rest.looks) this.wake(path, folder);
      rest.looks = 0;
      rest.grown = 0;
    }
  }

  close(): void {
    this.closed = true;
    for (const [path, folder] of this.folders) this.drop(path, folder);
  }

  private open(path: string, folder: Folder): void {
    folder.opening = true;
    const failed = (error: Error): void => {
      this.unwatch(folder);
      this.isWhole = false;
      this.hints.failed(error);
    };
    try {
      folder.watch = this.fs.watch(path, (event, name) => this.event(path, folder, event, name), failed);
    } catch (error) {
      // Removed since it was met: the next walk will not meet it.
      if (isSystemError(error, 'ENOENT', 'ENOTDIR')) this.drop(path, folder);
      else failed(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private event(path: string, folder: Folder, event: 'rename' | 'change', name: string | undefined): void {
    if (folder.watch === undefined) return;
    if (name === undefined) this.opened(folder);
    if (event === 'change' && name !== undefined) {
      if (this.hints.grown(`${path}/${name}`) !== 'news') folder.wasted += 1;
      return;
    }
    // The kernel names the folder itself when it was removed or renamed: the next walk watches what is there then.
    if (name !== undefined && path.endsWith(`/${name}`)) this.drop(path, folder);
    this.hints.changed(name === undefined ? undefined : `${path}/${name}`);
  }

  private rest(path: string, folder: Folder): void {
    // Taken before the watch ends: what changes in between is seen by one of the two.
    const changedMs = this.changedMs(path);
    this.unwatch(folder);
    folder.rest = { changedMs, looks: 0, grown: 0 };
    this.resting.add(path);
    this.hints.rests(path);
  }

  private wake(path: string, folder: Folder): void {
    folder.rest = undefined;
    this.resting.delete(path);
    this.open(path, folder);
    this.hints.wakes(path);
  }

  private drop(path: string, folder: Folder): void {
    this.unwatch(folder);
    folder.rest = undefined;
    if (this.folders.get(path) !== folder) return;
    this.resting.delete(path);
    this.folders.delete(path);
  }

  private unwatch(folder: Folder): void {
    folder.watch?.close();
    folder.watch = undefined;
    this.opened(folder);
  }

  /** `folder` is not opening any more: the last one to be so ends the wait. */
  private opened(folder?: Folder): void {
    if (folder !== undefined) folder.opening = false;
    if (this.waiters.length === 0 || [...this.folders.values()].some(({ opening }) => opening)) return;
    for (const resolve of this.waiters.splice(0)) resolve();
  }

  /** NaN, which equals nothing, when it can't be told. */
  private changedMs(path: string): number {
    try {
      return this.fs.stat(path)?.mtimeMs ?? Number.NaN;
    } catch {
      return Number.NaN;
    }
  }
}
