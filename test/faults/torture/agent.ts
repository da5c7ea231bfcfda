import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { AgentProcess } from '../../support/agent-process.js';
import { readHealth, type Health } from '../../support/health-form.js';
import { until } from '../../support/until.js';

export interface AgentOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly port: number;
  readonly wrong: (what: string) => void;
  readonly nowMs: () => number;
  readonly happened: (what: string) => void;
}

/** What a container would give it, which the run is held to. */
export const memoryMib = 192;
/** Those of the image's ENTRYPOINT. Old space is 35 percent of the container's memory, which this process, in none, has to be told. */
const flags = ['--max-semi-space-size=2', `--max-old-space-size=${Math.floor(memoryMib * 0.35)}`, '--expose-gc'];

/** The agent under test: one process after the other, with what was seen of each. */
export class TorturedAgent implements AsyncDisposable {
  /** Number of the process that runs, or ran last; from 1. */
  run = 0;
  kills = 0;
  terms = 0;
  peakRssKb = 0;
  peakDescriptors = 0;
  /** When the process of a run ended. */
  readonly endedAtMs = new Map<number, number>();
  /** As long as somebody holds it, nobody may end it: what is open in it has no name any more. */
  holds = 0;
  /** It is being ended, or has ended: too late to hold it. */
  ending = false;
  #process: AgentProcess | undefined;
  #ready: Promise<void> | undefined;
  /** Ends and starts come one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: AgentOptions) {}

  get running(): boolean {
    return this.#process?.running === true;
  }

  async start(): Promise<void> {
    this.run++;
    this.ending = false;
    this.#process = new AgentProcess({ env: this.options.env, cwd: this.options.cwd, flags });
    this.options.happened(`run ${this.run} starts`);
    await Promise.resolve();
  }

  /** kill -9, and the next one at once. */
  kill(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#mayEnd();
      this.kills++;
      const { process } = this;
      this.look();
      this.#mustRun();
      process.signal('SIGKILL');
      await process.exit();
      this.#ended('kill -9');
      await this.start();
    });
  }

  /** SIGTERM; it ends by itself, with 0, or with 75 when its deadline passed first. */
  term(): Promise<number | string> {
    return this.#inTurn(async () => {
      // Before it has its handlers the signal would end it as any program.
      await this.ready();
      await this.#mayEnd();
      const code = await this.#end();
      this.terms++;
      await this.start();
      return code;
    });
  }

  /** SIGTERM, for good. */
  stop(): Promise<number | string> {
    return this.#inTurn(() => this.#end());
  }

  /** One asks for all who wait: there are dozens, and each answer takes time of the agent's. */
  ready(): Promise<void> {
    this.#ready ??= until(async () => !this.running || (await this.isReady()), {
      what: 'the agent is ready',
      deadlineMs: 60_000,
      everyMs: 100,
      instead: () => this.process.tail(),
    })
      .then(() => {})
      .finally(() => (this.#ready = undefined));
    return this.#ready;
  }

  async isReady(): Promise<boolean> {
    return (await this.#get('/readyz')).status === 200;
  }

  async health(): Promise<Health> {
    return readHealth((await this.#get('/health')).body);
  }

  get process(): AgentProcess {
    if (this.#process === undefined) throw new Error('the agent was not started');
    return this.#process;
  }

  /** Memory and descriptors as they are now. */
  look(): { readonly descriptors: number } | undefined {
    try {
      const status = readFileSync(`/proc/${this.process.pid}/status`, 'utf8');
      this.peakRssKb = Math.max(this.peakRssKb, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
      const descriptors = readdirSync(`/proc/${this.process.pid}/fd`).length;
      if (descriptors > this.peakDescriptors + 100) this.options.happened(`descriptors: ${this.#descriptorKinds()}`);
      this.peakDescriptors = Math.max(this.peakDescriptors, descriptors);
      return { descriptors };
    } catch {
      return undefined; // it has ended
    }
  }

  /** How many of each kind are open. */
  #descriptorKinds(): string {
    const counts = new Map<string, number>();
    const folder = `/proc/${this.process.pid}/fd`;
    for (const name of readdirSync(folder)) {
      const kind = linkOf(join(folder, name)).replaceAll(/\d+/g, 'N');
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    const most = [...counts].sort(([, a], [, b]) => b - a).slice(0, 12);
    return most.map(([kind, count]) => `${count} ${kind}`).join(', ');
  }

  /** Whether it has the file open. */
  hasOpen(path: string): boolean {
    const folder = `/proc/${this.process.pid}/fd`;
    try {
      return readdirSync(folder).some((name) => linkOf(join(folder, name)) === path);
    } catch {
      return false;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.running) return;
    this.process.signal('SIGKILL');
    await this.process.exit();
  }

  async #end(): Promise<number | string> {
    const { process, options } = this;
    this.#mustRun();
    process.signal('SIGTERM');
    let code: number | string;
    try {
      code = await process.exit(30_000);
    } catch (error) {
      code = 'killed';
      options.wrong(`the agent did not end after SIGTERM: ${String(error).slice(0, 2000)}`);
    }
    this.#ended(`${code} after SIGTERM`);
    if (code !== 0 && code !== 75) options.wrong(`the agent ended with ${code} after SIGTERM\n${process.tail()}`);
    return code;
  }

  #mustRun(): void {
    const { process } = this;
    if (process.ended !== undefined)
      this.options.wrong(`the agent ended by itself: ${process.ended}\n${process.tail()}`);
  }

  #ended(how: string): void {
    this.endedAtMs.set(this.run, this.options.nowMs());
    for (const { fields } of this.process.log)
      this.options.happened(`  log of run ${this.run}: ${JSON.stringify(fields)}`);
    this.options.happened(`run ${this.run} ended: ${how}`);
  }

  async #mayEnd(): Promise<void> {
    await until(() => this.holds === 0, { what: 'nobody needs the agent to live', deadlineMs: 180_000 });
    this.ending = true;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return await done;
  }

  async #get(path: string): Promise<{ readonly status: number; readonly body: string }> {
    const response = await fetch(`http://127.0.0.1:${this.options.port}${path}`, {
      signal: AbortSignal.timeout(5_000),
    });
    return { status: response.status, body: await response.text() };
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
