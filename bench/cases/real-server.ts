import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { endWithUs } from '../cleanup.js';
import { Block, type Written, writeData } from '../data/block.js';
import { dataFolder, root, stateFolder } from '../folders.js';
import { freePort } from '../ports.js';
import { RunningAgent, startAgent, withAgent } from '../start.js';
import { type Case, MB, MiB, type Outcome, type Prepared, type Scale, type Subject } from './case.js';
import { jobOf } from './job.js';
import { watchMachine } from './watched-run.js';

const script = join(root, 'test/services/provision/elasticsearch.sh');
const mostMsToStart = 120_000;
const mostMs = 120_000;

/** The server is what takes long here: an agent's CPU, and memory while it waits, are what differs. */
export const realServer: Case = {
  id: 'elasticsearch',
  title: 'catch-up, JSON, a real Elasticsearch',
  how: 'One node with a heap of 1 GiB on the same cores; the server sets the pace. A run counts when the server holds as many documents as there are lines.',
  quick: false,
  main: 'mbPerCpuSecond',
  prepare: async (scale) => PreparedServer.start(scale),
};

class PreparedServer implements Prepared {
  readonly #server: ChildProcess;
  readonly #port: number;
  readonly #folder: string;
  readonly #store: string;
  readonly #data: Written;

  private constructor(server: ChildProcess, port: number, store: string, bytes: number) {
    this.#server = server;
    this.#port = port;
    this.#store = store;
    this.#folder = dataFolder(bytes);
    mkdirSync(join(this.#folder, 'logs'));
    const block = new Block(
      'json',
      { leastBytes: 180, mostBytes: 370, timed: false },
      Math.min(bytes, 16e6),
      20_261_124,
    );
    this.#data = writeData(join(this.#folder, 'logs/app.log'), block, bytes);
  }

  /** @throws Error with the script's words where the server cannot be had */
  static async start({ bytes }: Scale): Promise<PreparedServer> {
    const { status, stderr } = spawnSync(script, ['prepare'], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`no Elasticsearch: ${stderr.trim()}`);
    const port = await freePort();
    const store = stateFolder();
    const server = endWithUs(
      spawn(script, ['serve', String(port), store], {
        stdio: 'ignore',
        env: { ...process.env, ES_HEAP: '1g' },
      }),
    );
    const begun = Date.now();
    while (!(await healthy(port))) {
      if (server.exitCode !== null || Date.now() - begun > mostMsToStart) {
        server.kill('SIGKILL');
        throw new Error('Elasticsearch does not start');
      }
      await wait(200);
    }
    return new PreparedServer(server, port, store, bytes / 8);
  }

  async run({ agent, found }: Subject): Promise<Outcome | string> {
    await this.#empty();
    const folder = stateFolder();
    try {
      const quiet = watchMachine();
      const running = startAgent(
        agent,
        found,
        await jobOf({
          folder,
          logs: join(this.#folder, 'logs'),
          names: 'app.log',
          format: 'json',
          ports: [this.#port],
          realServer: true,
        }),
      );
      if (!(running instanceof RunningAgent)) return running;
      await using ending = running;
      await withAgent(ending, this.#indexed(this.#data.records), mostMs);
      const reading = ending.meter.read();
      const disturbed = quiet(reading.cpuSeconds);
      // What is sent twice comes later.
      await wait(1_000);
      const count = await this.#count();
      const seconds = Number(reading.atNs - ending.startedNs) / 1e9;
      return {
        figures: {
          mbPerCpuSecond: MB(this.#data.bytes) / reading.cpuSeconds,
          mbPerSecond: MB(this.#data.bytes) / seconds,
          peakRssMiB: MiB(reading.peakRss),
          peakAnonymousMiB: MiB(reading.peakAnonymous),
        },
        problems:
          count === this.#data.records ? [] : [`the server holds ${count} documents of ${this.#data.records} lines`],
        disturbance: disturbed,
        megabytes: MB(this.#data.bytes),
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exit = once(this.#server, 'exit');
    this.#server.kill('SIGKILL');
    await exit;
    for (const folder of [this.#folder, this.#store]) rmSync(folder, { recursive: true, force: true });
  }

  /** Waits until the server has taken this many documents; asks a counter, which costs it nothing, and no search. */
  async #indexed(records: number): Promise<void> {
    for (;;) {
      const stats = (await ask(this.#port, 'GET', '/_stats/indexing')) as {
        _all?: { primaries?: { indexing?: { index_total?: number } } };
      };
      if ((stats._all?.primaries?.indexing?.index_total ?? 0) >= records) return;
      await wait(100);
    }
  }

  async #count(): Promise<number> {
    await ask(this.#port, 'POST', '/_refresh');
    return ((await ask(this.#port, 'GET', '/_count')) as { count: number }).count;
  }

  async #empty(): Promise<void> {
    const indices = (await ask(this.#port, 'GET', '/_cat/indices?format=json')) as { index: string }[];
    for (const { index } of indices) await ask(this.#port, 'DELETE', `/${index}`);
  }
}

async function healthy(port: number): Promise<boolean> {
  return ask(port, 'GET', '/_cluster/health?wait_for_status=yellow&timeout=1s').then(
    () => true,
    () => false,
  );
}

async function ask(port: number, method: string, path: string): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, signal: AbortSignal.timeout(30_000) });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.json();
}
