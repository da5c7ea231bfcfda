import { readFileSync, readdirSync } from 'node:fs';

/** A figure of this process under the name that Prometheus' client libraries agree on. */
export interface ProcessFigure {
  readonly name: string;
  readonly help: string;
  readonly kind: 'counter' | 'gauge';
  /** undefined: this system does not tell. */
  readonly read: () => number | undefined;
}

/**
 * prom-client's own collection is not used: it counts CPU time from the first scrape on, and watches garbage collection and the event loop
 * with a timer of 10 ms.
 */
export const processFigures: readonly ProcessFigure[] = [
  {
    name: 'process_cpu_user_seconds_total',
    help: 'User CPU time, in seconds.',
    kind: 'counter',
    read: () => process.cpuUsage().user / 1e6,
  },
  {
    name: 'process_cpu_system_seconds_total',
    help: 'System CPU time, in seconds.',
    kind: 'counter',
    read: () => process.cpuUsage().system / 1e6,
  },
  {
    name: 'process_cpu_seconds_total',
    help: 'User and system CPU time, in seconds.',
    kind: 'counter',
    read: () => (process.cpuUsage().user + process.cpuUsage().system) / 1e6,
  },
  {
    name: 'process_start_time_seconds',
    help: 'Start of the process, in seconds since the epoch.',
    kind: 'gauge',
    read: () => performance.timeOrigin / 1000,
  },
  {
    name: 'process_resident_memory_bytes',
    help: 'Resident memory, in bytes.',
    kind: 'gauge',
    read: () => process.memoryUsage.rss(),
  },
  {
    name: 'process_virtual_memory_bytes',
    help: 'Virtual memory, in bytes.',
    kind: 'gauge',
    read: () => inFile('/proc/self/status', /^VmSize:\s+(\d+) kB$/m, 1024),
  },
  {
    name: 'process_heap_bytes',
    help: 'Heap of JavaScript, in bytes.',
    kind: 'gauge',
    read: () => process.memoryUsage().heapTotal,
  },
  {
    name: 'process_open_fds',
    help: 'Open file descriptors.',
    kind: 'gauge',
    read: () => orNothing(() => readdirSync('/proc/self/fd').length - 1), // one is that of the listing
  },
  {
    name: 'process_max_fds',
    help: 'Limit of open file descriptors.',
    kind: 'gauge',
    read: () => inFile('/proc/self/limits', /^Max open files\s+(\d+)/m, 1),
  },
];

function inFile(path: string, form: RegExp, unit: number): number | undefined {
  const found = orNothing(() => form.exec(readFileSync(path, 'latin1'))?.[1]);
  return found === undefined ? undefined : Number(found) * unit;
}

/** Only Linux has /proc, and a sandbox may hide it. */
function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
