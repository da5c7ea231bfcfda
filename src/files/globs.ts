import { dirname, sep } from 'node:path';
import picomatch from 'picomatch';

/** What makes a path a pattern, unless a backslash takes its meaning; `!`, `+` and `@` only before a group. */
const wildcard = /(?<!\\)[*?[\]{}()]/;

const unescaped = (path: string): string => path.replace(/\\(.)/g, '$1');

/**
 * The folder from which a glob is walked: its longest prefix without wildcard, whole path parts only; of a plain path the folder it is in.
 * `/var/log/app/**` gives `/var/log/app`, `/var/log/a*` gives `/var/log`.
 */
export function rootOf(glob: string): string {
  const parts = glob.split('/');
  const first = parts.findIndex((part) => wildcard.test(part));
  if (first < 0) return dirname(unescaped(glob));
  return unescaped(parts.slice(0, first).join('/')) || '/';
}

/** Roots of all globs, none inside another. */
export function rootsOf(globs: readonly string[]): readonly string[] {
  const all = [...new Set(globs.map(rootOf))];
  return all.filter((root) => !all.some((other) => other !== root && isInside(root, other)));
}

/** True when `path` is `folder` or lies below it; both absolute and normal. */
export const isInside = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);

/** Which paths are new log files: matched by a glob and by no exclusion. Hidden files match. */
export function pathMatcher(globs: readonly string[], exclude: readonly string[]): (path: string) => boolean {
  return picomatch([...globs], { dot: true, ignore: [...exclude], strictSlashes: true });
}
