import { readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { readPid, storeDir } from '../../checkpoints/state-dir.js';
import type { FileSystem } from '../../files/file-system.js';
import { isFilling } from '../../files/volume-watch.js';
import { systemReason } from '../../files/system-error.js';
import { controlPath, longestSocketPath } from '../../types/control.js';
import { lettersOf, outputsWithLetters } from '../dead-letters/letter-files.js';
import { countOf, fail, ok, ourUser, sizeOf, warn, type Finding } from './finding.js';
import { whyNotWritable } from './log-volume.js';
import { mountOf } from './mounts.js';

/** What LevelDB and a dead letter need to go on. */
const leastFreeBytes = 16 * 1024 ** 2;
/** Counted so far: a person needs to know that there are many, not how many millions. */
const mostCounted = 100_000;

/** Looks at the state directory. Takes no lock and writes nothing: an agent may be at work in it. */
export async function checkStateDirectory(fs: FileSystem, stateDir: string): Promise<readonly Finding[]> {
  const check = `state directory ${stateDir}`;
  const existing = nearest(stateDir);
  const problem = whyNotWritable(existing);
  const mend = `make it writable for ${ourUser()} (a volume of its own, fsGroup); until then positions are held in memory, and a restart repeats lines`;
  if (problem !== undefined) return [fail(check, `can't be written: ${problem}`, mend)];
  const findings = [where(check, stateDir, existing), ...room(fs, check, existing), ...socketPath(stateDir)];
  if (existing === stateDir)
    findings.push(...(await holder(stateDir)), ...setAside(stateDir), ...(await letters(stateDir)));
  return findings;
}

/** The directory itself, or the part of its path that is there. */
function nearest(path: string): string {
  try {
    if (statSync(path).isDirectory()) return path;
    return path;
  } catch {
    return path === dirname(path) ? path : nearest(dirname(path));
  }
}

/** What only lives as long as the container does is no place for positions. */
function where(check: string, stateDir: string, existing: string): Finding {
  const there = existing === stateDir ? 'can be written' : `is made at the first start, in ${existing}`;
  const mount = mountOf(existing);
  const passing =
    mount === undefined
      ? undefined
      : { tmpfs: 'memory', ramfs: 'memory', overlay: "the container's own file system" }[mount.type];
  if (mount === undefined || passing === undefined) return ok(check, there);
  return warn(
    check,
    `${there}, but lies in ${passing} (${mount.type} at ${mount.point}): positions may go with the container`,
    'mount a volume that outlives the container, such as an emptyDir on disk, for PANNIER_STATE_DIR',
  );
}

function room(fs: FileSystem, check: string, existing: string): Finding[] {
  const volume = fs.volume(existing);
  if (volume === undefined) return [];
  const text = `${sizeOf(volume.freeBytes)} of ${sizeOf(volume.bytes)} are free, ${volume.freeInodes} of ${volume.inodes} inodes`;
  const next = 'make room: positions and dead letters are kept here';
  if (volume.freeBytes < leastFreeBytes || (volume.inodes > 0 && volume.freeInodes < 16))
    return [fail(`room in ${existing}`, text, next)];
  if (isFilling({ name: check, ...volume }, undefined, 1)) return [warn(`room in ${existing}`, text, next)];
  return [ok(`room in ${existing}`, text)];
}

function socketPath(stateDir: string): Finding[] {
  const bytes = Buffer.byteLength(controlPath(stateDir));
  if (bytes <= longestSocketPath) return [];
  return [
    warn(
      'control socket',
      `its path would have ${bytes} bytes, and a socket's may have ${longestSocketPath}`,
      'choose a shorter PANNIER_STATE_DIR: checkpoints and dead-letters can not ask the running agent without it',
    ),
  ];
}

/** Who has LevelDB's lock, by the kernel's list: to try the lock would be to take it. */
async function holder(stateDir: string): Promise<readonly Finding[]> {
  const check = 'lock of the state directory';
  const pid = holderOf(`${storeDir(stateDir)}/LOCK`);
  if (pid === undefined) return [ok(check, 'is free, or held from another container')];
  const left = await readPid(stateDir);
  return [ok(check, `is held by process ${pid}${left === pid ? ', a running agent' : ''}`)];
}

/** The process of this PID namespace that has a lock on the file. `/proc/locks`: `1: POSIX  ADVISORY  WRITE 4711 fd:01:1234 0 EOF`, see proc(5). */
function holderOf(path: string): number | undefined {
  try {
    const { ino } = statSync(path, { bigint: true });
    for (const line of readFileSync('/proc/locks', 'latin1').split('\n')) {
      const [, pid, inode] = /\bWRITE\s+(\d+)\s+[0-9a-f]+:[0-9a-f]+:(\d+)\s/.exec(line) ?? [];
      if (inode === String(ino)) return Number(pid);
    }
  } catch {
    // no store yet, or no /proc
  }
  return undefined;
}

function setAside(stateDir: string): Finding[] {
  const names = readdirSync(stateDir).filter((name) => /^checkpoints\.(?:corrupt|newer)-/.test(name));
  if (names.length === 0) return [];
  return [
    warn(
      'store',
      `${countOf(names.length, 'database')} set aside: ${names.join(', ')}`,
      'see STATE_REBUILT in docs/errors.md; remove them when they are no longer wanted',
    ),
  ];
}

async function letters(stateDir: string): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  try {
    for (const output of await outputsWithLetters(stateDir)) {
      let count = 0;
      for await (const { letter } of lettersOf(stateDir, output)) {
        if (letter !== undefined) count += 1;
        if (count >= mostCounted) break;
      }
      if (count === 0) continue;
      const most = count >= mostCounted ? 'at least ' : '';
      findings.push(
        warn(
          `dead letters of ${output}`,
          `${most}${countOf(count, 'record')} could not be delivered`,
          `pannier dead-letters list --output ${output} says why; replay sends them again`,
        ),
      );
    }
  } catch (error) {
    findings.push(
      warn('dead letters', `can't be read: ${systemReason(error)}`, `run this as the agent's user, or as root`),
    );
  }
  return findings;
}
