import { openChecked, RefusedError } from '../../files/open-checked.js';
import type { FileSystem } from '../../files/file-system.js';
import { isInside, pathMatcher, rootsOf } from '../../files/globs.js';
import { systemReason } from '../../files/system-error.js';
import { nameOf } from '../../files/opener.js';
import { walk, type Candidate, type WalkResult } from '../../files/walk.js';
import type { Configuration } from '../../types/configuration.js';
import { countOf, fail, ok, ourUser, warn, type Finding } from './finding.js';

type LogSettings = Pick<Configuration, 'paths' | 'exclude' | 'stateDir'>;

/** What was found below the roots, for the checks that come after. */
export interface LogFolders {
  readonly findings: readonly Finding[];
  readonly found: WalkResult;
  /** What the globs match and the exclusions do not. */
  readonly matched: readonly Candidate[];
  /** Folders that were walked: each needs a watch. */
  readonly folders: readonly string[];
}

/** So many of the newest files are opened, and so many of what is wrong are named. */
const opened = 200;
const named = 5;

/** Looks at the log folders as the agent does: what is there, what is matched, and whether it may be read. Writes nothing. */
export async function checkLogFolders(
  fs: FileSystem,
  { paths, exclude, stateDir }: LogSettings,
  nowMs: number,
): Promise<LogFolders> {
  const roots = rootsOf(paths);
  const refused: [string, string][] = [];
  const unreadable: [string, string][] = [];
  const folders: string[] = [];
  const found = await walk({
    fs,
    roots,
    matches: pathMatcher(paths, exclude),
    isOwn: () => false,
    refuse: (path, reason) => refused.push([path, reason]),
    unreadable: (path, reason) => unreadable.push([path, reason]),
    entering: (path) => folders.push(path),
  });
  const isOurs = ({ paths: names }: Candidate): boolean => names.every((name) => isInside(name, stateDir));
  const all = [...found.candidates.values()].filter((candidate) => !isOurs(candidate));
  const matched = all
    .filter((candidate) => candidate.matched !== undefined)
    .sort((a, b) => b.stat.mtimeMs - a.stat.mtimeMs);
  for (const candidate of matched.slice(0, opened)) {
    const path = nameOf(candidate);
    try {
      (await openChecked(fs, path, found.realRoots))?.content.close();
    } catch (error) {
      (error instanceof RefusedError ? refused : unreadable).push([path, systemReason(error)]);
    }
  }
  const findings = roots.map((root) => rootFinding(fs, root, matched, nowMs));
  if (matched.length === 0 && findings.some(({ level }) => level === 'ok'))
    findings.push(nothingMatches(all, { paths, exclude }));
  for (const [path, reason] of unreadable.slice(0, named))
    findings.push(fail(`log ${path}`, `can't be read: ${reason}`, readableBy(fs, path)));
  for (const [path, reason] of refused.slice(0, named))
    findings.push(warn(`log ${path}`, `is not read: ${reason}`, 'see FILE_REFUSED in docs/errors.md'));
  const more = Math.max(0, unreadable.length - named) + Math.max(0, refused.length - named);
  if (more > 0)
    findings.push(
      warn('logs', `${countOf(more, 'more file')} can't be read, or are refused`, 'mend those named first'),
    );
  return { findings, found, matched, folders };
}

function rootFinding(fs: FileSystem, root: string, matched: readonly Candidate[], nowMs: number): Finding {
  const check = `log folder ${root}`;
  try {
    const stat = fs.stat(root);
    if (stat === undefined)
      return fail(
        check,
        'is not there',
        'mount the volume of the logs here, or correct PANNIER_PATHS; made later, it is found',
      );
    if (stat.kind !== 'directory') return fail(check, 'is no folder', 'correct PANNIER_PATHS');
    fs.list(root);
  } catch (error) {
    return fail(check, `can't be read: ${systemReason(error)}`, readableBy(fs, root));
  }
  const inside = matched.filter((candidate) => isInside(nameOf(candidate), root));
  const [newest] = inside;
  if (newest === undefined) return ok(check, 'can be read; no file is matched');
  const age = Math.round((nowMs - newest.stat.mtimeMs) / 1000);
  return ok(check, `${countOf(inside.length, 'file')} matched, the newest ${nameOf(newest)} (written ${age} s ago)`);
}

/** Why a person who expects files sees none. */
function nothingMatches(
  all: readonly Candidate[],
  { paths, exclude }: Pick<LogSettings, 'paths' | 'exclude'>,
): Finding {
  const check = `globs ${paths.join(', ')}`;
  const [first] = all;
  if (first === undefined)
    return warn(
      check,
      'the folders hold no files yet',
      'let the application log to a file in them; is it the same volume in both containers?',
    );
  const wanted = pathMatcher(paths, []);
  const excluded = all.flatMap(({ paths: names }) => names.filter((name) => wanted(name)));
  const [left] = excluded;
  if (left !== undefined)
    return warn(
      check,
      `match nothing: PANNIER_EXCLUDE (${exclude.join(', ')}) leaves out ${countOf(excluded.length, 'file')}, such as ${left}`,
      'narrow PANNIER_EXCLUDE if they should be read',
    );
  return warn(
    check,
    `match nothing of what is there: ${countOf(all.length, 'file')}, such as ${nameOf(first)}`,
    'widen PANNIER_PATHS if they should be read: ** stands for folders, * for a part of a name',
  );
}

/** What lets us read: the agent often has another user than the application. */
function readableBy(fs: FileSystem, path: string): string {
  let owner = '';
  try {
    const uid = fs.folderOwner(path);
    if (uid !== undefined) owner = ` (it belongs to user ${uid})`;
  } catch {
    // it is not for us to see
  }
  return `Pannier runs as ${ourUser()}: give that user the right to read it${owner}, or run Pannier as its owner or group (runAsUser, fsGroup)`;
}
