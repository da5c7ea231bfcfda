import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { endWithUs, projectRoot } from '../../support/agent-process.js';
import { asObject } from '../../support/bulk-api.js';
import { until } from '../../support/until.js';

/** Where a writer's own files are, whatever the tests were built into. */
export const writersFolder = join(projectRoot, 'test/faults/writers');

/**
 * A program that writes lines `<writer-id> <serial> <payload>`, serials from 0 on, and tells on its standard output what it did, one JSON object a
 * line: `wrote` with a serial now and then, `rotated`, and last `done` with the last serial. SIGTERM: it finishes its line and ends with 0.
 */
export class ExternalWriter implements AsyncDisposable {
  /** The last serial it told of; -1 before the first. */
  serial = -1;
  rotations = 0;
  /** How often it was told to hold its lines back, and did. */
  holds = 0;
  /** The last serial of all, once it has ended by itself or by SIGTERM. */
  last: number | undefined;
  readonly #child: ChildProcess;
  #ended: number | string | undefined;
  #errors = '';

  constructor(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    endWithUs(this.#child);
    let rest = '';
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#tell(line);
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-4_000);
    });
    this.#child.once('error', (error) => (this.#ended = String(error)));
    this.#child.once('close', (code, signal) => (this.#ended ??= code ?? signal ?? 'unknown'));
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Waits until it told of this serial, or of its end. */
  async wrote(serial: number, deadlineMs?: number): Promise<void> {
    await this.#waits(`line ${serial} is written`, () => this.serial >= serial, deadlineMs);
  }

  async rotated(times: number, deadlineMs?: number): Promise<void> {
    await this.#waits(`${times} rotations`, () => this.rotations >= times, deadlineMs);
  }

  async held(times: number, deadlineMs?: number): Promise<void> {
    await this.#waits(`${times} times held`, () => this.holds >= times, deadlineMs);
  }

  /** Waits for its end. @returns the last serial. */
  async done(deadlineMs?: number): Promise<number> {
    await this.#waits('the writer is done', () => this.#ended !== undefined, deadlineMs);
    if (this.#ended !== 0 || this.last === undefined)
      throw new Error(`the writer ended with ${String(this.#ended)}\n${this.#errors}`);
    return this.last;
  }

  /** SIGTERM, then its end. @returns the last serial. */
  async stop(): Promise<number> {
    this.signal('SIGTERM');
    return await this.done();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended !== undefined) return;
    this.signal('SIGKILL');
    await this.#waits('the writer is gone', () => this.#ended !== undefined);
  }

  async #waits(what: string, fact: () => boolean, deadlineMs?: number): Promise<void> {
    await until(() => fact() || (this.#ended !== undefined && 'ended'), {
      what,
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
      instead: () => `serial ${this.serial}, ${this.rotations} rotations, ended: ${this.#ended}\n${this.#errors}`,
    });
    if (!fact()) throw new Error(`the writer ended (${this.#ended}) before: ${what}\n${this.#errors}`);
  }

  #tell(line: string): void {
    const { event, serial, last } = asObject(JSON.parse(line)) ?? {};
    if (event === 'wrote') this.serial = Number(serial);
    else if (event === 'rotated') this.rotations += 1;
    else if (event === 'held') this.holds += 1;
    else if (event === 'done') this.serial = this.last = Number(last);
    else throw new Error(`a writer said what is no event: ${line}`);
  }
}
