import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly arch: string;
  readonly node: string;
  readonly gcc: string;
}

export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    arch: arch(),
    node: process.version,
    gcc: execFileSync('gcc', ['-dumpfullversion'], { encoding: 'utf8' }).trim(),
  };
}

/** What the machine's cores have done since it started, in ticks. */
export interface CoreTime {
  readonly busy: number;
  readonly stolen: number;
  readonly all: number;
}

/** Source: proc(5), /proc/stat: user nice system idle iowait irq softirq steal. */
export function coreTime(): CoreTime {
  const line = readFileSync('/proc/stat', 'latin1').split('\n')[0] ?? '';
  const ticks = line.split(/\s+/).slice(1, 9).map(Number);
  const all = ticks.reduce((sum, value) => sum + value, 0);
  const waiting = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  return { busy: all - waiting, stolen: ticks[7] ?? 0, all };
}

/** How quiet the machine was during a run: without this nobody can say what a figure is worth. */
export interface Disturbance {
  /** Load average of the last minute, before the run. */
  readonly load: number;
  /** Cores kept busy by anyone else than agent and sink, on average; includes what the host took (`stolen`). */
  readonly otherCores: number;
  readonly stolenCores: number;
}

export const loadBefore = (): number => loadavg()[0] ?? 0;

/** @param ownCpuSeconds CPU seconds of the agent and the sink between the two readings */
export function disturbance(
  load: number,
  before: CoreTime,
  after: CoreTime,
  seconds: number,
  ownCpuSeconds: number,
): Disturbance {
  const cores = (ticks: number) => ticks / 100 / seconds;
  return {
    load,
    otherCores: Math.max(0, cores(after.busy - before.busy) - ownCpuSeconds / seconds),
    stolenCores: cores(after.stolen - before.stolen),
  };
}
