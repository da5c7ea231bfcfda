/** What one check found. Only `fail` makes the command end with 1: `warn` is what may hurt later, or what Pannier has a way around. */
export interface Finding {
  readonly level: 'ok' | 'warn' | 'fail';
  /** What was looked at, as `state directory /var/lib/pannier`. */
  readonly check: string;
  readonly finding: string;
  /** What to do about it; '' where there is nothing to do. */
  readonly next: string;
}

export const ok = (check: string, finding: string): Finding => ({ level: 'ok', check, finding, next: '' });
export const warn = (check: string, finding: string, next: string): Finding => ({
  level: 'warn',
  check,
  finding,
  next,
});
export const fail = (check: string, finding: string, next: string): Finding => ({
  level: 'fail',
  check,
  finding,
  next,
});

/** Bytes for a person, in whole MiB or KiB. */
export function sizeOf(bytes: number): string {
  if (bytes >= 1024 ** 2) return `${Math.floor(bytes / 1024 ** 2)} MiB`;
  return bytes >= 1024 ? `${Math.floor(bytes / 1024)} KiB` : `${bytes} B`;
}

/** `1 file`, `2 files`. */
export const countOf = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** Who reads and writes: what a person compares with the owner that `ls -ln` shows. */
export function ourUser(): string {
  const { geteuid, getegid } = process;
  return geteuid === undefined || getegid === undefined ? 'this user' : `user ${geteuid()}, group ${getegid()}`;
}
