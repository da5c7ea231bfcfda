import { chmod, lstat, mkdir, rename, rm } from 'node:fs/promises';
import type { Server } from 'node:net';
import { controlPath, longestSocketPath } from '../types/control.js';

/** The socket as it was made: its path may have passed to another agent since. */
export interface Bound {
  readonly path: string;
  readonly inode: bigint;
}

/**
 * Lets `server` listen at the state directory's control socket, in place of what a dead agent left there. Only for the agent that holds the
 * directory's lock: then nobody who lives listens there. The socket is made and narrowed to mode 0600 inside a folder of mode 0700 and renamed from
 * there, so that at no moment anybody else can connect. Rejects with the system's error, or a RangeError when the path is too long for a socket.
 */
export async function bindControl(server: Server, stateDir: string): Promise<Bound> {
  const path = controlPath(stateDir);
  const bytes = Buffer.byteLength(path);
  if (bytes > longestSocketPath)
    throw new RangeError(`its path has ${bytes} bytes, and a socket's may have ${longestSocketPath}`);
  // Shorter than the socket's own path, so that it fits too.
  const folder = path.replace(/[^/]*$/, '.control');
  const narrow = `${folder}/s`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { mode: 0o700 });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ path: narrow }, () => {
        server.off('error', reject);
        resolve();
      });
    });
    await chmod(narrow, 0o600);
    const { ino } = await lstat(narrow, { bigint: true });
    await rename(narrow, path);
    return { path, inode: ino };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Removes the socket, unless another agent has made its own there since. Never rejects: the next agent replaces what is left. */
export async function unbindControl({ path, inode }: Bound): Promise<void> {
  try {
    if ((await lstat(path, { bigint: true })).ino === inode) await rm(path, { force: true });
  } catch {
    // it is gone already, or its folder can't be written any more
  }
}
