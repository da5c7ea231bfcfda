import { cpuSeconds, type Memory, memoryOf, treeOf } from './process-tree.js';

const samplePauseMs = 25;
/** Looking for new children means reading all of /proc. */
const samplesPerTree = 20;

/** What an agent has taken since its start. */
export interface Reading {
  /** ns of the monotonic clock. */
  readonly atNs: bigint;
  readonly cpuSeconds: number;
  readonly memory: Memory;
  /** The kernel's own peak, and the largest of our samples. */
  readonly peakRss: number;
  readonly peakAnonymous: number;
}

/** Watches one agent from outside, by /proc. */
export class Meter implements Disposable {
  readonly #pid: number;
  readonly #timer: NodeJS.Timeout;
  #tree: number[];
  #samples = 0;
  #peakAnonymous = 0;
  #peakRss = 0;

  constructor(pid: number) {
    this.#pid = pid;
    this.#tree = [pid];
    this.#timer = setInterval(() => this.#sample(), samplePauseMs);
  }

  read(): Reading {
    this.#tree = treeOf(this.#pid);
    const memory = this.#sample();
    return {
      atNs: process.hrtime.bigint(),
      cpuSeconds: cpuSeconds(this.#tree),
      memory,
      peakRss: this.#peakRss,
      peakAnonymous: this.#peakAnonymous,
    };
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #sample(): Memory {
    if (this.#samples++ % samplesPerTree === 0) this.#tree = treeOf(this.#pid);
    const memory = memoryOf(this.#tree);
    this.#peakAnonymous = Math.max(this.#peakAnonymous, memory.anonymous);
    this.#peakRss = Math.max(this.#peakRss, memory.peakRss);
    return memory;
  }
}
