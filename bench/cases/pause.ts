import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Block } from '../data/block.js';
import { dataFolder, stateFolder } from '../folders.js';
import { Sink } from '../sink/sink.js';
import { problemsOf } from '../sink/verify.js';
import { RunningAgent, startAgent, withAgent } from '../start.js';
import type { Case, Outcome, Prepared, Scale, Subject } from './case.js';
import { arrived } from './live.js';
import { jobOf } from './job.js';
import { watchMachine } from './watched-run.js';

/** Different ones, so that no agent's rhythm is met by chance. */
const pausesMs = [2_000, 2_730, 3_410, 2_290, 3_870, 2_610] as const;
const mostMsToBegin = 30_000;

/** A line after a pause: how long until it is at the sink? */
export const pause: Case = {
  id: 'pause',
  title: 'first JSON line after a pause',
  how: 'One line, pauses of 2 to 4 s before each, default settings (Pannier) and those of the live cases (peers).',
  quick: false,
  main: 'p50Ms',
  prepare: (scale) => Promise.resolve(new PreparedPause(scale)),
};

class PreparedPause implements Prepared {
  readonly #folder = dataFolder(1e6);
  readonly #block = new Block('json', { leastBytes: 300, mostBytes: 300, timed: true }, 20_000, 20_261_123);
  readonly #lines: number;

  constructor({ seconds }: Scale) {
    this.#lines = Math.max(4, Math.round((seconds * 2) / 3));
  }

  async run({ agent, found }: Subject): Promise<Outcome | string> {
    await using sink = await Sink.start();
    // One more: the line that is there from the beginning, and does not count.
    sink.run(this.#lines + 1);
    const logs = join(this.#folder, 'logs');
    mkdirSync(logs);
    const folder = stateFolder();
    const write = (n: number) => {
      const sent = process.hrtime.bigint().toString().padStart(19, '0');
      appendFileSync(join(logs, 'app.log'), `${this.#block.text(n, sent)}\n`);
    };
    try {
      write(0);
      const quiet = watchMachine();
      const running = startAgent(
        agent,
        found,
        await jobOf({
          folder,
          logs,
          names: 'app.log',
          format: 'json',
          hurry: true,
          ports: [sink.port],
        }),
      );
      if (!(running instanceof RunningAgent)) return running;
      await using ending = running;
      await withAgent(ending, sink.first(), mostMsToBegin);
      sink.since(process.hrtime.bigint());
      for (let n = 1; n <= this.#lines; n++) {
        await withAgent(ending, wait(pausesMs[n % pausesMs.length]), 2 * mostMsToBegin);
        write(n);
      }
      const stats = await arrived(sink, this.#lines + 1);
      const { cpuSeconds } = ending.meter.read();
      return {
        figures: { p50Ms: stats.latency.p50, maxMs: stats.latency.max },
        problems: problemsOf(stats),
        disturbance: quiet(cpuSeconds + stats.cpuSeconds),
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
}
