import { resolve } from 'node:path';
import picomatch from 'picomatch';
import { quote } from './mask.js';
import type { Flaw, Parsed } from './values.js';

/** The globs of PANNIER_PATHS and PANNIER_EXCLUDE: made absolute, and checked (contract, "Files and roots"). Dots match, as everywhere. */

const refusedRoots = new Set(['/', '/proc', '/sys', '/dev']);

/** A glob of PANNIER_PATHS, absolute and without `.` and `..`. */
export function absoluteGlob(glob: string, cwd: string): Parsed<string> {
  if (glob.startsWith('!')) {
    return { problem: `${quote(glob)} begins with "!"`, suggestion: 'put what is left out into PANNIER_EXCLUDE' };
  }
  const { base, glob: wild } = picomatch.scan(glob);
  if (wild.split('/').includes('..')) {
    return { problem: `${quote(glob)} has ".." after a wildcard`, suggestion: 'write the path without ".."' };
  }
  const root = glob.startsWith('/') ? resolve(`/${base}`) : resolve(escapeGlob(cwd), base);
  const absolute = wild === '' ? root : `${root === '/' ? '' : root}/${wild}`;
  try {
    picomatch(absolute, { dot: true });
  } catch {
    return { problem: `${quote(glob)} is not a glob` };
  }
  const refused = refusedRoot(root, wild);
  return refused === undefined ? { value: absolute } : { ...refused, problem: `${quote(glob)} ${refused.problem}` };
}

/** A glob of PANNIER_EXCLUDE: absolute when it says where it begins, at any depth otherwise. */
export function absoluteExclusion(glob: string, cwd: string): Parsed<string> {
  if (glob.startsWith('!'))
    return { problem: `${quote(glob)} begins with "!"`, suggestion: 'what is left out stays out' };
  const { base, glob: wild } = picomatch.scan(glob);
  const located = glob.startsWith('./') || glob.startsWith('../');
  const absolute = located ? `${resolve(escapeGlob(cwd), base)}${wild === '' ? '' : `/${wild}`}` : glob;
  const anywhere = absolute.startsWith('/') || absolute.startsWith('**') ? absolute : `**/${absolute}`;
  try {
    picomatch(anywhere, { dot: true });
    return { value: anywhere };
  } catch {
    return { problem: `${quote(glob)} is not a glob` };
  }
}

function refusedRoot(base: string, wild: string): Flaw | undefined {
  // A glob without a wildcard names a file; what is watched is its folder.
  const root = wild === '' && !refusedRoots.has(base) ? resolve(base, '..') : base;
  if (!refusedRoots.has(root)) return undefined;
  return {
    problem: `would read below ${root}`,
    suggestion: 'name the folder of the logs, as in /var/log/app/**/*.log',
  };
}

/** Whether a path would be read. */
export function reads(globs: readonly string[], exclude: readonly string[]): (path: string) => boolean {
  const wanted = picomatch([...globs], { dot: true });
  const left = picomatch([...exclude], { dot: true });
  return (path) => wanted(path) && !left(path);
}

const escapeGlob = (path: string): string => path.replace(/[\\*?{}()[\]!+@|]/g, '\\$&');
