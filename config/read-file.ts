import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** Reads a whole text file; rejects with an error that has a `code`. */
export type ReadFile = (path: string) => Promise<string>;

/** Kubernetes keeps no ConfigMap or Secret above 1 MiB. */
export const maxFileBytes = 1024 * 1024;

/** Production's `ReadFile` for configuration and secrets: a regular file of at most 1 MiB. Never blocks on a FIFO. */
export async function readConfigurationFile(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = await file.stat();
    if (stat.isDirectory()) throw Object.assign(new Error('a directory'), { code: 'EISDIR' });
    if (!stat.isFile()) throw Object.assign(new Error('not a regular file'), { code: 'ENOTREG' });
    // One byte more than allowed, so that a file that grows meanwhile is seen too.
    const buffer = Buffer.allocUnsafe(maxFileBytes + 1);
    let length = 0;
    while (length <= maxFileBytes) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
      if (bytesRead === 0) return buffer.toString('utf8', 0, length);
      length += bytesRead;
    }
    throw Object.assign(new Error('too large'), { code: 'EFBIG' });
  } finally {
    await file.close();
  }
}

/** Why a file could not be read, for a person. */
export function describeReadError(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return reasons.get(code) ?? (code === '' ? 'can not be read' : `can not be read (${code})`);
}

const reasons = new Map([
  ['ENOENT', 'does not exist'],
  ['ENOTDIR', 'does not exist'],
  ['EACCES', 'may not be read by this user'],
  ['EPERM', 'may not be read by this user'],
  ['EISDIR', 'is a directory'],
  ['ENOTREG', 'is not a regular file'],
  ['EFBIG', 'is larger than 1 MiB'],
]);
