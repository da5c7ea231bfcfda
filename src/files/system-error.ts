/** True for an error of the operating system with one of these codes. */
export function isSystemError(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);
}

/** `EACCES: permission denied, open '/var/log/app/x.log'` for a person. */
export const systemReason = (error: unknown): string => (error instanceof Error ? error.message : String(error));
