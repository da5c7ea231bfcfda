import { AgentError } from '../types/errors.js';
import { PlainContent } from './content.js';
import type { FileStat, FileSystem } from './file-system.js';
import { isInside } from './globs.js';

/** The path leads to something Pannier must not read: it is not a regular file, or lies outside the watched folders. */
export class RefusedError extends AgentError {
  constructor(message: string) {
    super('FILE_REFUSED', message);
  }
}

const kinds = {
  directory: 'a directory',
  link: 'a symbolic link',
  other: 'a FIFO, socket or device',
  file: '',
} as const;

/**
 * Opens a log file that an untrusted application may have prepared: what is not a regular file is refused before it is opened (opening a
 * device can have effects) and, since it can be swapped in between, again on the descriptor, whose own path must lie inside the real roots.
 * @throws RefusedError; system errors; undefined is returned when nothing is there
 */
export async function openChecked(
  fs: FileSystem,
  path: string,
  realRoots: readonly string[],
): Promise<{ content: PlainContent; stat: FileStat } | undefined> {
  const before = fs.stat(path);
  if (before === undefined) return undefined;
  if (before.kind !== 'file')
    throw new RefusedError(`${path} is ${kinds[before.kind]}, not a regular file: it is not read`);
  const descriptor = await fs.open(path);
  const content = new PlainContent(fs, descriptor);
  try {
    const stat = fs.identify(descriptor);
    if (stat.kind !== 'file')
      throw new RefusedError(`${path} became ${kinds[stat.kind]} while it was opened: it is not read`);
    const real = (fs.descriptorPath(descriptor) ?? fs.realpath(path) ?? '').replace(/ \(deleted\)$/, '');
    if (!realRoots.some((root) => isInside(real, root))) {
      throw new RefusedError(
        `${path} leads to ${real}, outside the watched folders: it is not read (add a glob for that folder to PANNIER_PATHS if it should be)`,
      );
    }
    return { content, stat };
  } catch (error) {
    content.close();
    throw error;
  }
}
