import { dirname } from 'node:path';
import type { FileSystem } from './file-system.js';

/**
 * Why an open file looks like a name that somebody made for a file of another, or undefined. With a hard link, whoever may write to a folder gives any
 * file of that file system a name there (where the kernel's `fs.protected_hardlinks` is off), and an agent with more rights would read it out to
 * him. Told by: a second name, an owner other than the folder's, and no right to read it for everybody. A folder of root is taken as it is: those
 * of Kubernetes' volumes are root's, hold the files of every user of the pod, and no link leads into them from another mount. So is our own.
 * `pinNames`: how many of its names are pins, which say nothing of it.
 */
export function foreignLink(fs: FileSystem, descriptor: number, real: string, pinNames = 0): string | undefined {
  const { uid, links, mode } = fs.ownership(descriptor);
  if (links - pinNames < 2 || (mode & readableByAll) !== 0) return undefined;
  const folder = fs.folderOwner(dirname(real));
  if (folder === undefined || folder === uid || folder === 0 || folder === process.geteuid?.()) return undefined;
  return `has ${links} names and belongs to user ${uid}, its folder to user ${folder}, and it is not for everybody to read`;
}

const readableByAll = 0o004;
