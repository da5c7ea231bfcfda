import { fstatSync } from 'node:fs';

/** Identity of the files that our own output streams are, where they are files: a log that is collected must not hold what collects it. */
export function ownStreams(): readonly { readonly device: string; readonly inode: string }[] {
  return [1, 2].flatMap((descriptor) => {
    try {
      const { dev, ino } = fstatSync(descriptor, { bigint: true });
      return [{ device: dev.toString(), inode: ino.toString() }];
    } catch {
      return []; // closed
    }
  });
}
