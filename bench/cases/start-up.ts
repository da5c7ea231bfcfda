import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Block, writeData } from '../data/block.js';
import { dataFolder, stateFolder } from '../folders.js';
import { median } from '../measure/median.js';
import { Sink } from '../sink/sink.js';
import { problemsOf } from '../sink/verify.js';
import { RunningAgent, startAgent, withAgent } from '../start.js';
import type { Case, Figures, Outcome, Prepared, Subject } from './case.js';
import { jobOf } from './job.js';
import { watchMachine } from './watched-run.js';

const starts = 5;
const mostMs = 30_000;

/** From the start of the process, on a fresh state directory, to ready and to the first event at the sink; the median of some starts. */
export const startUp: Case = {
  id: 'start',
  title: 'start to ready, and to the first event',
  how: `A file with one JSON line is there. Median of ${starts} starts on a fresh state directory; ready is asked for every 2 ms, where an agent can say so. CPU s: until the first event.`,
  quick: true,
  main: 'firstMs',
  prepare: () => Promise.resolve(new PreparedStart()),
};

class PreparedStart implements Prepared {
  readonly #folder = dataFolder(1e6);

  constructor() {
    mkdirSync(join(this.#folder, 'logs'));
    const block = new Block('json', { leastBytes: 300, mostBytes: 300, timed: false }, 1, 1);
    writeData(join(this.#folder, 'logs/app.log'), block, 1);
  }

  async run(subject: Subject): Promise<Outcome | string> {
    const quiet = watchMachine();
    const found: Outcome[] = [];
    for (let start = 0; start < starts; start++) {
      const one = await this.#once(subject);
      if (typeof one === 'string') return one;
      found.push(one);
    }
    const names = Object.keys(found[0]?.figures ?? {}) as (keyof Figures)[];
    const figures = Object.fromEntries(
      names.map((name) => [name, median(found.map((one) => one.figures[name] ?? NaN))]),
    );
    return {
      figures,
      problems: found.flatMap(({ problems }) => problems),
      disturbance: quiet((figures.cpuSeconds ?? 0) * starts),
    };
  }

  async #once({ agent, found }: Subject): Promise<Outcome | string> {
    await using sink = await Sink.start();
    sink.run(1);
    const folder = stateFolder();
    try {
      const running = startAgent(
        agent,
        found,
        await jobOf({
          folder,
          logs: join(this.#folder, 'logs'),
          names: 'app.log',
          format: 'json',
          hurry: true,
          ports: [sink.port],
        }),
      );
      if (!(running instanceof RunningAgent)) return running;
      await using ending = running;
      const begun = Number(ending.startedNs);
      const first = sink.complete().then((ns) => ({ ns, cpuSeconds: ending.meter.read().cpuSeconds }));
      const ready = ending.launch.ready === undefined ? undefined : readyNs(ending.launch.ready);
      const { ns, cpuSeconds } = await withAgent(ending, first, mostMs);
      const readyAt = ready === undefined ? undefined : await withAgent(ending, ready, mostMs);
      return {
        figures: {
          ...(readyAt === undefined ? {} : { readyMs: (readyAt - begun) / 1e6 }),
          firstMs: (ns - begun) / 1e6,
          cpuSeconds,
        },
        problems: problemsOf(await sink.stats()),
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

/** When `ready` first said yes, in ns of the monotonic clock. */
async function readyNs(ready: () => Promise<boolean>): Promise<number> {
  while (!(await ready())) await wait(2);
  return Number(process.hrtime.bigint());
}
