import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { variant } from '../agents/pannier.js';
import { endWithUs } from '../cleanup.js';
import { Block } from '../data/block.js';
import type { DataFormat } from '../data/lines.js';
import { dataFolder, stateFolder } from '../folders.js';
import { nativeProgram } from '../native.js';
import { freePort } from '../ports.js';
import { Sink, type SinkStats } from '../sink/sink.js';
import { problemsOf, problemsOfSamples } from '../sink/verify.js';
import { RunningAgent, startAgent, withAgent } from '../start.js';
import { type Case, MiB, type Outcome, type Prepared, type Scale, type Subject } from './case.js';
import { jobOf } from './job.js';
import { watchMachine } from './watched-run.js';

/** Nothing counts before: agents start, find the file, and reach its end. */
const warmSeconds = 5;
const mostMsToArrive = 30_000;

export interface Live {
  readonly id: string;
  readonly title: string;
  readonly how?: string;
  readonly quick?: boolean;
  readonly format: DataFormat;
  readonly bytesPerSecond: number;
  /** A second destination that does not work: nobody listens, or who listens never answers. */
  readonly second?: 'refuses' | 'silent';
}

const quickBatches = variant(
  'pannier-50ms',
  'Pannier, BATCH_MAX_WAIT=50ms',
  { PANNIER_ELASTICSEARCH_BATCH_MAX_WAIT: '50ms' },
  'As Pannier, with batches that wait 50 ms at most.',
);

/** An application writes lines at a steady rate, each with its time; the sink takes the difference when the line's request is there as a whole. */
export function live(options: Live): Case {
  return {
    id: options.id,
    title: options.title,
    how: options.how ?? '',
    quick: options.quick ?? false,
    main: 'p99Ms',
    more: [quickBatches],
    prepare: (scale) => Promise.resolve(new PreparedLive(options, scale)),
  };
}

class PreparedLive implements Prepared {
  readonly #options: Live;
  readonly #seconds: number;
  readonly #block: Block;
  readonly #folder: string;

  constructor(options: Live, { seconds }: Scale) {
    this.#options = options;
    this.#seconds = seconds;
    this.#folder = dataFolder(options.bytesPerSecond * (warmSeconds + seconds));
    this.#block = new Block(options.format, { leastBytes: 180, mostBytes: 370, timed: true }, 2e6, 20_261_121);
    writeFileSync(join(this.#folder, 'block'), this.#block.bytes);
  }

  async run({ agent, found }: Subject): Promise<Outcome | string> {
    const { format, bytesPerSecond, second } = this.#options;
    await using sink = await Sink.start();
    await using silent = second === 'silent' ? await Sink.start({ silent: true }) : undefined;
    const dead = second === undefined ? [] : [silent?.port ?? (await freePort())];
    const logs = join(this.#folder, 'logs');
    mkdirSync(logs);
    const folder = stateFolder();
    try {
      // More numbers than there will be; what is missing is told from what the writer wrote.
      sink.run(Math.ceil((bytesPerSecond * (warmSeconds + this.#seconds)) / 100), bytesPerSecond);
      const file = join(logs, 'app.log');
      // There before the agent, however late the writer begins.
      writeFileSync(file, '');
      const writer = this.#writer(file);
      const quiet = watchMachine();
      const running = startAgent(
        agent,
        found,
        await jobOf({
          folder,
          logs,
          names: 'app.log',
          format,
          hurry: true,
          ports: [sink.port, ...dead],
        }),
      );
      if (!(running instanceof RunningAgent)) {
        writer.stop();
        await writer.done.catch(() => undefined);
        return running;
      }
      await using ending = running;
      await withAgent(ending, wait(warmSeconds * 1_000), 2 * warmSeconds * 1_000);
      sink.since(process.hrtime.bigint());
      const before = ending.meter.read();
      const written = await withAgent(ending, writer.done, (this.#seconds + 60) * 1_000);
      const after = ending.meter.read();
      const stats = await arrived(sink, written.lines);
      const disturbed = quiet(after.cpuSeconds + stats.cpuSeconds);
      const samples = await sink.samples(join(folder, 'samples'));
      const seconds = Number(after.atNs - before.atNs) / 1e9;
      return {
        figures: {
          p50Ms: stats.latency.p50,
          p99Ms: stats.latency.p99,
          maxMs: stats.latency.max,
          cpuPercent: ((after.cpuSeconds - before.cpuSeconds) / seconds) * 100,
          peakRssMiB: MiB(after.peakRss),
          peakAnonymousMiB: MiB(after.peakAnonymous),
        },
        problems: [
          ...problemsOf({ ...stats, missing: written.lines - stats.distinct }),
          ...problemsOfSamples(samples, this.#block, format, running.launch.parsed),
        ],
        disturbance: disturbed,
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
      rmSync(logs, { recursive: true, force: true });
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.#folder, { recursive: true, force: true });
    return Promise.resolve();
  }

  #writer(file: string): { done: Promise<{ lines: number }>; stop: () => void } {
    const seconds = warmSeconds + this.#seconds;
    const child = endWithUs(
      spawn(
        nativeProgram('writer'),
        [join(this.#folder, 'block'), file, String(this.#options.bytesPerSecond), String(seconds)],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      ),
    );
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
    const done = new Promise<{ lines: number }>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        if (code === 0) resolve(JSON.parse(text) as { lines: number });
        else reject(new Error('the writer failed'));
      });
    });
    return { done, stop: () => void child.kill() };
  }
}

/** Waits until the sink has `records` different ones, or enough time has passed. */
export async function arrived(sink: Sink, records: number): Promise<SinkStats> {
  for (const begun = Date.now(); ; await wait(50)) {
    const stats = await sink.stats();
    if (stats.distinct >= records || Date.now() - begun > mostMsToArrive) return stats;
  }
}
