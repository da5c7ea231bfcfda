import { basename } from 'node:path';
import { systemFiles, type FileSystem } from '../../src/files/file-system.js';

/** A file system on which files of this name can be opened, but not read, while `isBroken`. */
export function brokenReads(fileName: string): Pick<FileSystem, 'open' | 'read'> & { isBroken: boolean } {
  const descriptors = new Set<number>();
  const broken = {
    isBroken: false,
    open: async (name: string): Promise<number> => {
      const descriptor = await systemFiles.open(name);
      if (basename(name) === fileName) descriptors.add(descriptor);
      else descriptors.delete(descriptor);
      return descriptor;
    },
    read: async (...call: Parameters<FileSystem['read']>): Promise<number> => {
      if (broken.isBroken && descriptors.has(call[0]))
        throw Object.assign(new Error('EIO: a fault of the test'), { code: 'EIO' });
      return await systemFiles.read(...call);
    },
  };
  return broken;
}
