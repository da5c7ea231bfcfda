import { unwatchFile, watchFile, type Stats } from 'node:fs';
import type { Requests } from '../requests.js';

const everyMs = 5000;
const retryMs = 30_000;

/** Resolves when one of the files changes, somebody asks for something, or after 30 s. */
export async function changed(files: readonly string[], requests: Requests): Promise<void> {
  const unwatch = watch(files, () => requests.reload('a file changed'));
  await requests.next(retryMs);
  unwatch();
}

/** Looks at files by stat: Kubernetes swaps mounted secrets by a link, which no watch of the file sees. Returns how to stop. */
export function watch(files: readonly string[], onChange: () => void): () => void {
  const listener = (now: Stats, before: Stats): void => {
    if (now.mtimeMs !== before.mtimeMs || now.ino !== before.ino) onChange();
  };
  for (const file of files) watchFile(file, { interval: everyMs, persistent: false }, listener);
  return () => {
    for (const file of files) unwatchFile(file, listener);
  };
}
