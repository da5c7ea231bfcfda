import { readdirSync, readFileSync } from 'node:fs';

/** Memory of a process and its children, in bytes. `anonymous` is the part that is the program's own: no pages of its files. */
export interface Memory {
  readonly rss: number;
  readonly anonymous: number;
  /** The most that was ever resident, by the kernel's count. */
  readonly peakRss: number;
}

const ticksPerSecond = 100; // USER_HZ, which Linux shows as 100 on every architecture we build for

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined; // it has ended meanwhile
  }
};

/** The process and everything it started, as far as it lives. */
export function treeOf(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = read(`/proc/${name}/stat`);
    if (stat !== undefined) parents.set(Number(name), Number(afterName(stat)[1]));
  }
  const tree = [pid];
  for (const member of tree) for (const [child, parent] of parents) if (parent === member) tree.push(child);
  return tree;
}

/**
 * CPU seconds of a process and all its threads. The scheduler's own count of each living thread is exact; the process's, which also knows threads that
 * have ended, has steps of 10 ms: the larger of the two is the better one.
 */
export function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + Math.max(exact(pid), inTicks(pid)), 0);
}

function exact(pid: number): number {
  let ns = 0;
  let threads: string[];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    return 0;
  }
  for (const thread of threads) ns += Number(read(`/proc/${pid}/task/${thread}/schedstat`)?.split(' ')[0] ?? 0);
  return ns / 1e9;
}

function inTicks(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return 0;
  const fields = afterName(stat);
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** The fields of /proc/PID/stat from the third on; the second is a name that can hold anything. */
const afterName = (stat: string): string[] => stat.slice(stat.lastIndexOf(')') + 2).split(' ');

/** Of several processes: added up. */
export function memoryOf(pids: readonly number[]): Memory {
  const sum = { rss: 0, anonymous: 0, peakRss: 0 };
  for (const pid of pids) {
    const status = read(`/proc/${pid}/status`) ?? '';
    sum.rss += bytesOf(status, 'VmRSS');
    sum.anonymous += bytesOf(status, 'RssAnon');
    sum.peakRss += bytesOf(status, 'VmHWM');
  }
  return sum;
}

const bytesOf = (status: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024;
