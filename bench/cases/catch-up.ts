import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Block, type Written, writeData } from '../data/block.js';
import type { DataFormat } from '../data/lines.js';
import { dataFolder, stateFolder } from '../folders.js';
import { Sink } from '../sink/sink.js';
import { problemsOf, problemsOfSamples } from '../sink/verify.js';
import { RunningAgent, startAgent, withAgent } from '../start.js';
import type { Case, Outcome, Prepared, Scale, Subject } from './case.js';
import { MB, MiB } from './case.js';
import { certificate, type TlsFiles } from './certificate.js';
import { jobOf } from './job.js';
import { watchMachine } from './watched-run.js';

const mostMs = 240_000;
/** Repeats come after the last record: the agent gets this long for them. */
const settleMs = 300;
const blockBytes = 16e6;
const seed = 20_261_120;

export interface CatchUp {
  readonly id: string;
  readonly title: string;
  readonly how?: string;
  readonly format: DataFormat;
  readonly quick?: boolean;
  /** Bytes of a line; 180 to 370 without. */
  readonly lineBytes?: readonly [number, number];
  readonly gzip?: boolean;
  readonly tls?: boolean;
  readonly outputs?: 1 | 2;
  /** Part of the usual bytes. */
  readonly part?: number;
}

/** One file that is there already; from the agent's start to the last record at the sink. */
export function catchUp(options: CatchUp): Case {
  return {
    id: options.id,
    title: options.title,
    how: options.how ?? '',
    quick: options.quick ?? false,
    main: 'mbPerCpuSecond',
    // Async, so that a certificate that cannot be made is a rejection.
    prepare: async (scale) => {
      const tls = options.tls === true ? certificate() : undefined;
      return Promise.resolve(new PreparedCatchUp(options, scale, tls));
    },
  };
}

class PreparedCatchUp implements Prepared {
  readonly #options: CatchUp;
  readonly #tls: TlsFiles | undefined;
  readonly #block: Block;
  readonly #folder: string;
  readonly #bytes: Readonly<Record<'fast' | 'slow', number>>;
  readonly #written = new Map<string, Written>();

  constructor(options: CatchUp, { bytes }: Scale, tls: TlsFiles | undefined) {
    this.#tls = tls;
    this.#options = options;
    const fast = bytes * (options.part ?? 1);
    this.#bytes = { fast, slow: Math.min(fast, Math.max(fast / 4, 16e6)) };
    this.#folder = dataFolder(1.25 * fast);
    const [leastBytes, mostBytes] = options.lineBytes ?? [180, 370];
    this.#block = new Block(options.format, { leastBytes, mostBytes, timed: false }, Math.min(blockBytes, fast), seed);
  }

  async run({ agent, found }: Subject): Promise<Outcome | string> {
    const { format, gzip = false, outputs = 1 } = this.#options;
    const data = this.#data(agent.pace);
    const tls = this.#tls;
    await using first = await Sink.start(tls ? { tls } : {});
    await using second = outputs === 2 ? await Sink.start() : undefined;
    const sinks = second ? [first, second] : [first];
    for (const sink of sinks) sink.run(data.records, Math.round(data.bytes / 12));
    const folder = stateFolder();
    try {
      const job = await jobOf({
        folder,
        logs: join(this.#folder, agent.pace),
        names: 'app.log',
        format,
        ports: [first.port, ...(second ? [second.port] : [])],
        ...(tls ? { caFile: tls.cert } : {}),
        gzip,
      });
      const quiet = watchMachine();
      const running = startAgent(agent, found, job);
      if (!(running instanceof RunningAgent)) return running;
      await using ending = running;
      const ends = await withAgent(ending, Promise.all(sinks.map((sink) => sink.complete())), mostMs).catch(
        async (error: unknown) => {
          const problems = problemsOf(await first.stats());
          throw new Error(`${error instanceof Error ? error.message : String(error)}\n${problems.join('; ')}`);
        },
      );
      const reading = ending.meter.read();
      const disturbed = quiet(reading.cpuSeconds + (await cpuOf(sinks)));
      await wait(settleMs);
      const problems: string[] = [];
      for (const sink of sinks) {
        problems.push(...problemsOf(await sink.stats()));
        const samples = await sink.samples(join(folder, 'samples'));
        problems.push(...problemsOfSamples(samples, this.#block, format, running.launch.parsed));
      }
      const seconds = (Math.max(...ends) - Number(ending.startedNs)) / 1e9;
      return {
        figures: {
          mbPerCpuSecond: MB(data.bytes) / reading.cpuSeconds,
          mbPerSecond: MB(data.bytes) / seconds,
          peakRssMiB: MiB(reading.peakRss),
          peakAnonymousMiB: MiB(reading.peakAnonymous),
        },
        problems,
        disturbance: disturbed,
        megabytes: MB(data.bytes),
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.#folder, { recursive: true, force: true });
    return Promise.resolve();
  }

  /** The file for agents of a pace, written when the first one asks. */
  #data(pace: 'fast' | 'slow'): Written {
    const known = this.#written.get(pace);
    if (known) return known;
    mkdirSync(join(this.#folder, pace));
    const written = writeData(join(this.#folder, pace, 'app.log'), this.#block, this.#bytes[pace]);
    this.#written.set(pace, written);
    return written;
  }
}

async function cpuOf(sinks: readonly Sink[]): Promise<number> {
  const stats = await Promise.all(sinks.map((sink) => sink.stats()));
  return stats.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
}
