import { readFileSync, statSync } from 'node:fs';
import type { FileSystem } from '../../files/file-system.js';
import type { Configuration } from '../../types/configuration.js';
import { memoryNeed } from '../../../config/contradictions.js';
import { countOf, ok, sizeOf, warn, type Finding } from './finding.js';
import type { LogFolders } from './log-folders.js';

/** Beside the log files: the store, sockets, connections. */
const otherDescriptors = 100;
/** Below that any other program of the node is likely to have taken them. */
const fewWatches = 1024;
const fewInstances = 16;
/** A file that was written so far ahead of the clock says that the clock went back. */
const mostAheadMs = 5 * 60_000;

/** What the kernel and the container allow, beside what the agent needs. What others use of it can't be told, so these are warnings at most. */
export function checkLimits(
  fs: Pick<FileSystem, 'descriptorLimit'>,
  configuration: Configuration,
  { folders, matched }: LogFolders,
  memoryLimit: number | undefined,
): readonly Finding[] {
  return [...inotify(folders.length), ...descriptors(fs, matched.length), memory(configuration, memoryLimit)];
}

function inotify(folders: number): Finding[] {
  const [watches, instances] = ['max_user_watches', 'max_user_instances'].map(kernelNumber);
  if (watches === undefined || instances === undefined) return [];
  const text = `${watches} watches and ${instances} instances for all programs of this user; ${countOf(folders, 'folder')} to watch`;
  if (watches >= Math.max(fewWatches, 2 * folders) && instances >= fewInstances) return [ok('inotify', text)];
  return [
    warn(
      'inotify',
      `few are allowed: ${text}`,
      'raise fs.inotify.max_user_watches and max_user_instances on the node; without them Pannier looks at the folders by itself, and ships on',
    ),
  ];
}

function descriptors(fs: Pick<FileSystem, 'descriptorLimit'>, files: number): Finding[] {
  const limit = fs.descriptorLimit();
  if (limit === undefined) return [];
  const text = `${limit} are allowed, ${countOf(files, 'log file')} matched`;
  if (limit >= files + otherDescriptors) return [ok('open files', text)];
  return [
    warn('open files', text, 'raise the limit (ulimit -n), or match fewer files: files take turns, which is slow'),
  ];
}

/** More than the limit is a problem of the configuration already. */
function memory(configuration: Configuration, limit: number | undefined): Finding {
  const need = `the lanes need up to ${sizeOf(memoryNeed(configuration))}`;
  return ok('memory', limit === undefined ? `no limit is set; ${need}` : `the limit is ${sizeOf(limit)}; ${need}`);
}

/** Elasticsearch takes any time; CloudWatch refuses what is far off, and signatures of AWS fail. `program`: a file that was made before us. */
export function checkClock(
  { matched }: Pick<LogFolders, 'matched'>,
  program: string | undefined,
  nowMs: number,
): Finding {
  const newest = Math.max(0, madeMs(program), ...matched.map(({ stat }) => stat.mtimeMs));
  const shown = new Date(nowMs).toISOString();
  if (newest <= nowMs + mostAheadMs) return ok('clock', shown);
  return warn(
    'clock',
    `it says ${shown}, but there is a file of ${new Date(newest).toISOString()}`,
    'set the clock of the node (NTP): times of records, retention and signatures for AWS depend on it',
  );
}

function madeMs(path: string | undefined): number {
  try {
    return path === undefined ? 0 : statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}

function kernelNumber(name: string): number | undefined {
  try {
    const value = Number(readFileSync(`/proc/sys/fs/inotify/${name}`, 'utf8'));
    return Number.isFinite(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
