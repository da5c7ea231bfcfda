import type { Candidate } from './walk.js';
import { beginsWith, fingerprintBytes } from './identity.js';
import type { SourceFile } from './source-file.js';

/** A folder in constant change must not fill memory: beyond this, early renames may be missed. */
const mostPaths = 1000;

/** The kernel stamps files with a clock that ticks (4 ms mostly, 10 ms at the slowest): what is born now can bear a time a tick ago. */
const kernelTickMs = 10;

/**
 * Files that were made under a name that the globs match and renamed away (to `app.log.1`, which they mostly don't match) before any scan saw
 * them. The globs decide what is new, by the name it was made under: the watcher's events are the witness that there was such a name.
 */
export class EarlyRenames {
  private touched = new Set<string>();
  /** Former names of candidates that could not be read when they were witnessed. By inode and birth, as an inode is given out again. */
  private readonly owed = new Map<string, string>();
  private witnessed: ReadonlySet<string> = new Set();
  /** Wall clock, ms, at the beginning of this scan and of the one before. */
  private begun = Number.NaN;
  private before = Number.NaN;

  /** The watcher named a path that the globs match. */
  event(path: string): void {
    if (this.touched.size < mostPaths) this.touched.add(path);
  }

  /** A scan begins: events from now on are for the next one. */
  scanBegins(now: number): void {
    this.witnessed = this.touched;
    this.touched = new Set();
    this.before = this.begun;
    this.begun = now;
  }

  /**
   * The name under which an unknown candidate, now outside the globs, was made: it was born since the last scan began, that name had events since, and
   * it is its present name without a suffix. undefined: there was none.
   */
  formerName(candidate: Candidate): string | undefined {
    const { matched, paths, stat } = candidate;
    if (matched !== undefined) return undefined;
    const owed = this.owed.get(idOf(candidate));
    if (owed !== undefined) return owed;
    if (this.witnessed.size === 0 || stat.birthNs === '') return undefined;
    if (!(Number(BigInt(stat.birthNs) / 1_000_000n) >= Math.floor(this.before) - kernelTickMs)) return undefined;
    for (const path of paths) {
      for (const name of this.witnessed) {
        if (path.length > name.length && path.startsWith(name) && /[-.~_]/.test(path[name.length]!)) return name;
      }
    }
    return undefined;
  }

  /** It can't be read just now: its former name is known until it could be. */
  owe(candidate: Candidate, formerName: string): void {
    if (this.owed.size < mostPaths) this.owed.set(idOf(candidate), formerName);
  }

  settle(candidate: Candidate): void {
    this.owed.delete(idOf(candidate));
  }

  /** Forgets candidates that are there no more. */
  keepOnly(free: ReadonlyMap<string, Candidate>): void {
    if (this.owed.size === 0) return;
    const ids = new Set(Array.from(free.values(), idOf));
    for (const id of this.owed.keys()) if (!ids.has(id)) this.owed.delete(id);
  }
}

const idOf = ({ key, stat }: Candidate): string => `${key}:${stat.birthNs}`;

/** True when a new file begins as a known one does: then it is mostly a copy of it, which copytruncate or a person made. */
export const beginsAsKnown = (first: Buffer, length: number, known: Iterable<SourceFile>): boolean => {
  for (const { fingerprint } of known) {
    if (fingerprint.length > 0 && fingerprint.length <= fingerprintBytes && beginsWith(fingerprint, first, length))
      return true;
  }
  return false;
};
