import type { Entry, FileStat, FileSystem } from './file-system.js';
import { isInside } from './globs.js';
import { isPinPlace } from './pins/pin-name.js';
import { isSystemError, systemReason } from './system-error.js';

/** A regular file in the watched folders, whether the globs match it or not. */
export interface Candidate {
  /** `device:inode`. */
  readonly key: string;
  readonly stat: FileStat;
  /** All names it was found under. */
  readonly paths: string[];
  /** The first of them that the globs match. */
  matched: string | undefined;
  /** It could not be read in this scan, or has another name by now: with the next it may turn out as anybody. */
  doubtful?: boolean;
}

export interface WalkResult {
  readonly candidates: ReadonlyMap<string, Candidate>;
  /** Roots that exist, and what they really are. */
  readonly realRoots: readonly string[];
  /** Folders and files that could not be looked at: what is missing there may be there all the same. */
  readonly unseen: readonly string[];
  /** For some of them that is no matter of rights: the next walk may see them. */
  readonly isDoubtful: boolean;
}

export interface WalkOptions {
  readonly fs: FileSystem;
  readonly roots: readonly string[];
  readonly matches: (path: string) => boolean;
  /** True for Pannier's own files and folders, by `device:inode`. */
  readonly isOwn: (key: string) => boolean;
  /** Called for what a glob matches and Pannier will not or can't read. */
  readonly refuse: (path: string, reason: string) => void;
  readonly unreadable: (path: string, reason: string) => void;
  /** A folder is about to be listed: what is made in it after this call and before its listing is in the listing. `identity` tells it from another one that has its path later. */
  readonly entering: (path: string, identity: string) => void;
}

/** Links nested deeper than this are a loop or mischief. */
const maxDepth = 32;
/** The event loop gets a turn after so many entries. */
const entriesPerTurn = 500;

/** True when some of them could not be read: whoever is looked for may be among these. */
export const isAnyDoubtful = (candidates: ReadonlyMap<string, Candidate>): boolean =>
  [...candidates.values()].some(({ doubtful }) => doubtful === true);

/** `device:inode` of a stat. */
export const keyOf = (stat: { readonly device: string; readonly inode: string }): string =>
  `${stat.device}:${stat.inode}`;

/** True when the candidate, which has the file's inode, is another file all the same: an inode is given out again once nobody has it open. */
export const isReused = (
  file: { readonly content: unknown; readonly birthNs: string },
  { stat }: Pick<Candidate, 'stat'>,
): boolean => file.content === undefined && stat.birthNs !== file.birthNs;

/**
 * Looks at every regular file below the roots. Links are followed only where they lead back inside the roots; a folder may be met by several
 * names (Kubernetes' `..data`, a `current` link), a file with several names is one candidate.
 */
export async function walk(options: WalkOptions): Promise<WalkResult> {
  const { fs, roots, refuse, unreadable } = options;
  const candidates = new Map<string, Candidate>();
  const unseen: string[] = [];
  let isDoubtful = false;
  const miss = (path: string, error: unknown): void => {
    unseen.push(path);
    if (!isSystemError(error, 'EACCES', 'EPERM')) isDoubtful = true;
    unreadable(path, systemReason(error));
  };
  const reals = new Map<string, string>();
  for (const root of roots) {
    try {
      const real = fs.realpath(root);
      if (real !== undefined) reals.set(root, real);
    } catch (error) {
      miss(root, error);
    }
  }
  const realRoots = [...reals.values()];
  let entries = 0;

  const meet = (path: string, stat: FileStat): void => {
    const key = keyOf(stat);
    if (options.isOwn(key)) return;
    const matched = options.matches(path) ? path : undefined;
    const known = candidates.get(key);
    if (known === undefined) candidates.set(key, { key, stat, paths: [path], matched });
    else {
      known.paths.push(path);
      known.matched ??= matched;
    }
  };

  const follow = async (path: string, depth: number, above: readonly string[]): Promise<void> => {
    const real = fs.realpath(path);
    // Dangling: its target may come later. A pin is no name of a file, by whichever way.
    if (real === undefined || isPinPlace(real)) return;
    const stat = fs.stat(real);
    if (stat === undefined) return;
    if (!realRoots.some((root) => isInside(real, root))) {
      if (stat.kind === 'directory' || options.matches(path)) {
        refuse(
          path,
          `it is a link to ${real}, outside the watched folders (add a glob for that folder to PANNIER_PATHS if it should be read)`,
        );
      }
    } else if (stat.kind === 'file') meet(path, stat);
    else if (stat.kind === 'directory') {
      if (!above.includes(real)) await visit(path, real, depth + 1, above);
    } else if (options.matches(path)) refuse(path, 'it leads to a FIFO, socket or device, not to a regular file');
  };

  const look = async (
    path: string,
    entry: Entry,
    real: string,
    depth: number,
    above: readonly string[],
  ): Promise<void> => {
    if (entry.kind === 'link') await follow(path, depth, above);
    else if (entry.kind === 'directory')
      await visit(path, `${real === '/' ? '' : real}/${entry.name}`, depth + 1, above);
    else {
      const stat = fs.lstat(path);
      if (stat === undefined) return;
      if (stat.kind === 'file') meet(path, stat);
      else if (stat.kind === 'other' && options.matches(path))
        refuse(path, 'it is a FIFO, socket or device, not a regular file');
    }
  };

  const visit = async (directory: string, real: string, depth: number, above: readonly string[]): Promise<void> => {
    if (depth > maxDepth || isPinPlace(real)) return;
    let list: readonly Entry[];
    try {
      const own = fs.stat(directory);
      if (own === undefined || options.isOwn(keyOf(own))) return;
      options.entering(directory, `${keyOf(own)}:${own.birthNs}`);
      list = fs.list(directory);
    } catch (error) {
      miss(directory, error);
      return;
    }
    const chain = [...above, real];
    for (const entry of list) {
      entries += 1;
      if (entries % entriesPerTurn === 0) await new Promise(setImmediate);
      const path = directory === '/' ? `/${entry.name}` : `${directory}/${entry.name}`;
      try {
        await look(path, entry, real, depth, chain);
      } catch (error) {
        miss(path, error);
      }
    }
  };

  for (const [root, real] of reals) await visit(root, real, 0, []);
  return { candidates, realRoots, unseen, isDoubtful };
}
