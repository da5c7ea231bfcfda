import { AgentError, RetryableError } from '../../src/types/errors.js';

const hints: Readonly<Record<string, string>> = {
  EACCES: 'the agent’s user may not write there',
  EPERM: 'the agent’s user may not write there',
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'a part of its path is no folder',
  EISDIR: 'it is a folder',
  ELOOP: 'it is a symbolic link, which is not followed',
  ENXIO: 'it is no regular file',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  EROFS: 'the file system is read-only',
};

/** Every fault of a file lies with the disk or the operator, never with the records: they wait. Undefined: no error of the system. */
export function classifyFailure(error: unknown, path: string): AgentError | undefined {
  if (error instanceof AgentError) return error;
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  const hint = Object.hasOwn(hints, error.code) ? `: ${hints[error.code]}` : '';
  return new RetryableError('OUTPUT_UNWRITABLE', `${path} cannot be written${hint} (${error.code})`, { cause: error });
}
