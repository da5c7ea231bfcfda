import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ticksPerSecond = 100; // USER_HZ, the same on every Linux

/** What a process takes now, and the size of its state directory. */
export function figuresOf(pid, stateDir) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mib = (name) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 102.4) / 10;
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    residentMiB: mib('VmRSS'),
    anonymousMiB: mib('RssAnon'),
    peakMiB: mib('VmHWM'),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    stateKiB: Math.round(folderBytes(stateDir) / 1024),
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
  };
}

function folderBytes(folder) {
  let sum = 0;
  for (const name of readdirSync(folder, { recursive: true })) {
    const stat = statSync(join(folder, name), { throwIfNoEntry: false }); // compaction removes files meanwhile
    if (stat?.isFile() === true) sum += stat.size;
  }
  return sum;
}
