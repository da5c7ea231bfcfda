import { watch } from 'chokidar';

/** An open watch of one folder. */
export interface FolderWatch {
  close(): void;
}

/**
 * Tells of each event in a folder, with the name concerned where the system says it; once at the beginning, without a name, when events begin to
 * come: what happened before that has to be looked for. `failed`: there will be none (out of instances or watches, no permission).
 *
 * By chokidar, one instance a folder, so that a chatty one can be closed. Its raw events are what counts: it takes each file of the folder for
 * ignored, since it would watch every one of them otherwise.
 */
export function watchFolder(
  path: string,
  heard: (event: 'rename' | 'change', name: string | undefined) => void,
  failed: (error: Error) => void,
): FolderWatch {
  let isOpen = true;
  const watcher = watch(path, {
    depth: 0,
    persistent: true,
    ignoreInitial: true,
    followSymlinks: false,
    atomic: false,
    ignored: (_path, stats) => stats !== undefined && !stats.isDirectory(),
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
  return {
    close: () => {
      isOpen = false;
      void watcher.close();
    },
  };
}
