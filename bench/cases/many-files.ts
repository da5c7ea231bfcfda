import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Block, writeData, type Written } from '../data/block.js';
import { dataFolder, stateFolder } from '../folders.js';
import { Sink } from '../sink/sink.js';
import { problemsOf } from '../sink/verify.js';
import { RunningAgent, startAgent, withAgent } from '../start.js';
import { type Case, MB, MiB, type Outcome, type Prepared, type Scale, type Subject } from './case.js';
import { jobOf } from './job.js';
import { watchMachine } from './watched-run.js';

const mostMs = 180_000;
/** After the last record: positions are written, memory is given back, looks become rarer. */
const settleMs = 5_000;

export interface ManyFiles {
  readonly id: string;
  readonly title: string;
  readonly how?: string;
  readonly quick?: boolean;
  readonly files: number;
  readonly bytes: number;
  /** Whether shipping the files is what counts; else it is the quiet after it. */
  readonly shipping?: boolean;
}

/** Some files, shipped and then quiet: what does an agent take that has nothing to do? */
export function manyFiles(options: ManyFiles): Case {
  return {
    id: options.id,
    title: options.title,
    how: options.how ?? '',
    quick: options.quick ?? false,
    main: options.shipping === true ? 'mbPerCpuSecond' : 'cpuPercent',
    prepare: (scale) => Promise.resolve(new PreparedFiles(options, scale)),
  };
}

class PreparedFiles implements Prepared {
  readonly #seconds: number;
  readonly #shipping: boolean;
  readonly #folder: string;
  readonly #written: Written;
  /** One file is named, so that agents for one file can take part. */
  readonly #names: string;

  constructor({ files, bytes, shipping = false }: ManyFiles, { seconds }: Scale) {
    this.#seconds = seconds;
    this.#shipping = shipping;
    this.#names = files === 1 ? nameOf(1) : '*.log';
    this.#folder = dataFolder(2 * bytes);
    const block = new Block('raw', { leastBytes: 180, mostBytes: 370, timed: false }, Math.min(bytes, 4e6), 20_261_122);
    const whole = join(this.#folder, 'whole');
    this.#written = writeData(whole, block, bytes);
    mkdirSync(join(this.#folder, 'logs'));
    spread(readFileSync(whole), files, join(this.#folder, 'logs'));
    rmSync(whole);
  }

  async run({ agent, found }: Subject): Promise<Outcome | string> {
    await using sink = await Sink.start();
    sink.run(this.#written.records);
    const folder = stateFolder();
    try {
      const quiet = watchMachine();
      const running = startAgent(
        agent,
        found,
        await jobOf({
          folder,
          logs: join(this.#folder, 'logs'),
          names: this.#names,
          format: 'raw',
          ports: [sink.port],
        }),
      );
      if (!(running instanceof RunningAgent)) return running;
      await using ending = running;
      const end = await withAgent(ending, sink.complete(), mostMs);
      const shipped = ending.meter.read();
      await withAgent(ending, wait(settleMs), 2 * settleMs);
      const before = ending.meter.read();
      await withAgent(ending, wait(this.#seconds * 1_000), 2_000 * this.#seconds);
      const after = ending.meter.read();
      const stats = await sink.stats();
      const seconds = Number(after.atNs - before.atNs) / 1e9;
      return {
        figures: {
          ...(this.#shipping
            ? {
                mbPerCpuSecond: MB(this.#written.bytes) / shipped.cpuSeconds,
                mbPerSecond: (MB(this.#written.bytes) / (end - Number(ending.startedNs))) * 1e9,
                peakRssMiB: MiB(after.peakRss),
                peakAnonymousMiB: MiB(after.peakAnonymous),
              }
            : {}),
          cpuPercent: ((after.cpuSeconds - before.cpuSeconds) / seconds) * 100,
          rssMiB: MiB(after.memory.rss),
          anonymousMiB: MiB(after.memory.anonymous),
        },
        problems: problemsOf(stats),
        disturbance: quiet(after.cpuSeconds + stats.cpuSeconds),
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.#folder, { recursive: true, force: true });
    return Promise.resolve();
  }
}

/** Cuts `bytes` at line ends into `count` files of about the same size. */
function spread(bytes: Buffer, count: number, folder: string): void {
  let start = 0;
  for (let file = 1; file <= count; file++) {
    const end = file === count ? bytes.length : bytes.indexOf(10, Math.floor((bytes.length * file) / count)) + 1;
    writeFileSync(join(folder, nameOf(file)), bytes.subarray(start, end));
    start = end;
  }
}

const nameOf = (file: number): string => `app-${String(file).padStart(4, '0')}.log`;
