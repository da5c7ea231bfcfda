import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Agent, Found, Job, Launch } from './agents/agent.js';
import { endWithUs } from './cleanup.js';
import { Meter } from './measure/meter.js';

const mostMsToStop = 15_000;

/** An agent that runs. Disposing it ends it, by its pid. */
export class RunningAgent implements AsyncDisposable {
  readonly meter: Meter;
  readonly startedNs: bigint;
  readonly launch: Launch;
  readonly #child: ChildProcess;
  readonly #log: string;
  readonly #exit: Promise<unknown>;
  #ended = false;

  constructor(launch: Launch, job: Job) {
    this.launch = launch;
    this.#log = join(job.folder, 'agent.log');
    const log = openSync(this.#log, 'a');
    this.startedNs = process.hrtime.bigint();
    // Nothing of our own environment but what any program needs: an agent is configured by its launch alone.
    this.#child = endWithUs(
      spawn(launch.command, launch.args, {
        cwd: job.folder,
        stdio: ['ignore', log, log],
        env: { PATH: process.env.PATH, HOME: job.folder, ...launch.env },
      }),
    );
    closeSync(log);
    if (this.#child.pid === undefined) throw new Error(`${launch.command} does not start`);
    this.#exit = once(this.#child, 'exit').then(() => {
      this.#ended = true;
    });
    this.meter = new Meter(this.#child.pid);
  }

  /** Rejects when the agent ends: raced against what is waited for. @throws Error with the end of its log */
  async endedEarly(): Promise<never> {
    await this.#exit;
    throw new Error(`it ended by itself: ${this.logEnd()}`);
  }

  logEnd(): string {
    return readFileSync(this.#log, 'utf8').trim().slice(-600);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.meter[Symbol.dispose]();
    if (this.#ended) return;
    this.#child.kill('SIGTERM');
    const force = setTimeout(() => this.#child.kill('SIGKILL'), mostMsToStop);
    await this.#exit;
    clearTimeout(force);
  }
}

/** Starts an agent for a job. @returns a reason when it can't do it */
export function startAgent(agent: Agent, found: Found, job: Job): RunningAgent | string {
  const launch = agent.plan(found, job);
  return typeof launch === 'string' ? launch : new RunningAgent(launch, job);
}

/** What `wait` gives, unless the agent ends or `mostMs` pass before. @throws Error that says which */
export async function withAgent<T>(agent: RunningAgent, wait: Promise<T>, mostMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${mostMs / 1_000} s: ${agent.logEnd()}`)), mostMs);
  });
  try {
    return await Promise.race([wait, agent.endedEarly(), late]);
  } finally {
    clearTimeout(timer);
  }
}
