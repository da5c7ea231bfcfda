import { AgentError } from '../types/errors.js';
import { PlainContent } from './content.js';
import type { FileStat, FileSystem } from './file-system.js';
import { foreignLink } from './foreign-link.js';
import { isInside } from './globs.js';
import { isSystemError } from './system-error.js';
import { keyOf } from './walk.js';

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
 * Opens a log file that an untrusted application may have prepared, and may swap at any moment. What is not a regular file inside the real roots is
 * refused before it is opened (opening a device can have effects); what is opened is the real path, of which no last part may have become a link
 * since; and the descriptor is looked at again, whose own path must lie inside the real roots too, as a folder may have been swapped.
 * @throws RefusedError; system errors; undefined is returned when nothing is there
 */
export async function openChecked(
  fs: FileSystem,
  path: string,
  realRoots: readonly string[],
  pinNames: (key: string) => number = () => 0,
): Promise<{ content: PlainContent; stat: FileStat } | undefined> {
  const before = fs.stat(path);
  const real = before === undefined ? undefined : fs.realpath(path);
  if (before === undefined || real === undefined) return undefined;
  if (before.kind !== 'file')
    throw new RefusedError(`${path} is ${kinds[before.kind]}, not a regular file: it is not read`);
  assertInside(path, real, realRoots);
  const descriptor = await openReal(fs, path, real);
  if (descriptor === undefined) return undefined;
  const content = new PlainContent(fs, descriptor);
  try {
    const stat = fs.identify(descriptor);
    if (stat.kind !== 'file')
      throw new RefusedError(`${path} became ${kinds[stat.kind]} while it was opened: it is not read`);
    const opened = (fs.descriptorPath(descriptor) ?? fs.realpath(real) ?? '').replace(/ \(deleted\)$/, '');
    assertInside(path, opened, realRoots);
    const foreign = foreignLink(fs, descriptor, opened, pinNames(keyOf(stat)));
    if (foreign !== undefined)
      throw new RefusedError(`${path} ${foreign}: it is taken for a link to a file of another, and not read`);
    return { content, stat };
  } catch (error) {
    content.close();
    throw error;
  }
}

function assertInside(path: string, real: string, realRoots: readonly string[]): void {
  if (realRoots.some((root) => isInside(real, root))) return;
  throw new RefusedError(
    `${path} leads to ${real}, outside the watched folders: it is not read (add a glob for that folder to PANNIER_PATHS if it should be)`,
  );
}

/** undefined: it went away meanwhile. */
async function openReal(fs: FileSystem, path: string, real: string): Promise<number | undefined> {
  try {
    return await fs.open(real);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined;
    if (!isSystemError(error, 'ELOOP', 'ENXIO')) throw error;
    const became = isSystemError(error, 'ELOOP') ? kinds.link : kinds.other;
    throw new RefusedError(`${path} became ${became} while it was opened: it is not read`);
  }
}
