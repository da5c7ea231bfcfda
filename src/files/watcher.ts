import { watch, type FSWatcher } from 'chokidar';
import { join } from 'node:path';

/**
 * Hints from inotify, by chokidar. An event says only that it is worth looking: chokidar throttles, inotify overflows, some volumes send
 * nothing; a scan is the truth. Only folders are watched (one watch each, not one per file): a folder's raw events name the file that grew.
 */
export class Watcher {
  private watcher: FSWatcher | undefined;
  private readonly watched = new Set<string>();

  constructor(
    private readonly hints: {
      /** The file at `path` may have grown. */
      readonly grown: (path: string) => void;
      /** Something was made, renamed or removed: at `path`, when that is known. */
      readonly changed: (path?: string) => void;
      /** Watching does not work (out of instances or watches, no permission): polling goes on alone. */
      readonly failed: (error: Error) => void;
    },
  ) {}

  get active(): boolean {
    return this.watcher !== undefined;
  }

  /** Watches these folders and all below them; may be called again when more roots exist. */
  watch(roots: readonly string[]): void {
    const added = roots.filter((root) => !this.watched.has(root));
    if (added.length === 0) return;
    for (const root of added) this.watched.add(root);
    if (this.watcher !== undefined) {
      this.watcher.add(added);
      return;
    }
    const watcher = watch(added, {
      persistent: true,
      ignoreInitial: true,
      followSymlinks: false,
      atomic: false,
      ignored: (_path, stats) => stats !== undefined && !stats.isDirectory(),
    });
    watcher.on('raw', (event, name, details) => {
      const folder =
        typeof details === 'object' && details !== null && 'watchedPath' in details ? details.watchedPath : undefined;
      if (event === 'change' && typeof folder === 'string' && typeof name === 'string')
        this.hints.grown(join(folder, name));
      else this.hints.changed(typeof folder === 'string' && typeof name === 'string' ? join(folder, name) : undefined);
    });
    watcher.on('addDir', () => this.hints.changed());
    watcher.on('unlinkDir', (path) => {
      this.watched.delete(path);
      this.hints.changed();
    });
    watcher.on('error', (error) => {
      void this.close();
      this.hints.failed(error instanceof Error ? error : new Error(String(error)));
    });
    this.watcher = watcher;
  }

  async close(): Promise<void> {
    const watcher = this.watcher;
    this.watcher = undefined;
    this.watched.clear();
    await watcher?.close();
  }
}
