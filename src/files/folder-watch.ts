import { FSWatcher } from 'chokidar';

/** An open watch of one folder. */
export interface FolderWatch {
  close(): void;
}

/**
 * After each event chokidar lists the folder again, up to once a second, and asks the system about every name in it: with some thousand files that
 * was most of what the whole agent did. Nothing of that is used here.
 */
class RawWatcher extends FSWatcher {
  override _readdirp(): undefined {
    return undefined;
  }
}

/**
 * Tells of each event in a folder, with the name concerned where the system says it; once at the beginning, without a name, when events begin to
 * come: what happened before that has to be looked for. `failed`: there will be none (out of instances or watches, no permission).
 *
 * By chokidar, one instance a folder, so that a chatty one can be closed. Its raw events are what counts.
 */
export function watchFolder(
  path: string,
  heard: (event: 'rename' | 'change', name: string | undefined) => void,
  failed: (error: Error) => void,
): FolderWatch {
  let isOpen = true;
  const watcher = new RawWatcher({
    depth: 0,
    persistent: true,
    ignoreInitial: true,
    followSymlinks: false,
    atomic: false,
  });
  watcher.on('raw', (event, name) => {
    if (isOpen) heard(event === 'change' ? 'change' : 'rename', typeof name === 'string' ? name : undefined);
  });
  watcher.on('ready', () => {
    if (isOpen) heard('rename', undefined);
  });
  watcher.on('error', (error) => {
    if (isOpen) failed(error instanceof Error ? error : new Error(String(error)));
  });
  watcher.add(path);
  return {
    close: () => {
      isOpen = false;
      void watcher.close();
    },
  };
}
