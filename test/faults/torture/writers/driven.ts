import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { endWithUs, projectRoot } from '../../../support/agent-process.js';
import { asObject } from '../../../support/bulk-api.js';
import { scriptOf } from '../programs.js';
import type { Desk } from '../writer.js';

const kept = 4;
const script = join(projectRoot, 'test/faults/writers/python-handlers.py');

/** Python's RotatingFileHandler; `gzip`: with the namer and the rotator of Python's cookbook. */
export const python = (desk: Desk, how: 'plain' | 'gzip'): Promise<void> =>
  driven(desk, 'python3', [
    ...[script, how === 'gzip' ? 'rotating-gzip' : 'rotating', desk.folder, desk.plan.id],
    ...['--backups', String(kept), '--driven'],
  ]);

/** The RollingFile appender of log4j2, which packs in a thread of its own. */
export const log4j2 = (desk: Desk): Promise<void> =>
  driven(desk, scriptOf('log4j2'), [
    ...['run', desk.folder, desk.plan.id, '--max-bytes', String(2 ** 40), '--driven', 'true'],
    ...['--pattern', desk.random.oneIn(2) ? '.%i' : '.%i.gz', '--file-index', 'min', '--keep', String(kept)],
  ]);

/** A program that writes and rotates with its own means, when it is told to. */
async function driven(desk: Desk, command: string, args: readonly string[]): Promise<void> {
  await using program = new DrivenProgram(command, args);
  while (!desk.stop.aborted) {
    await desk.writeBy(program, await desk.due());
    if (!desk.isRotationDue(kept)) continue;
    await program.rotate();
    desk.nextFile();
  }
}

/** Told by its standard input, a line each: `=TEXT` to write, `!` to rotate, `?` to say when it has done all that. */
class DrivenProgram implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  /** Called with its next answer, or its end. */
  #answered: (error?: Error) => void = () => {};
  #errors = '';

  constructor(command: string, args: readonly string[]) {
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    endWithUs(this.#child);
    let rest = '';
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (asObject(JSON.parse(line))?.event === 'here') this.#answered();
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-2_000);
    });
    this.#child.stdin?.on('error', () => {}); // its end says more
    this.#ended = new Promise((resolve) => {
      const end = (how: string): void => {
        this.#answered(new Error(`${command} ended (${how}): ${this.#errors}`));
        resolve();
      };
      this.#child.once('error', (error) => end(error.message));
      this.#child.once('close', (code, signal) => end(String(code ?? signal)));
    });
  }

  /** Resolves when it has written them. */
  write(lines: readonly string[]): Promise<void> {
    return this.#tell(lines.map((line) => `=${line}\n`).join(''));
  }

  rotate(): Promise<void> {
    return this.#tell('!\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin?.end();
    await this.#ended;
    const { exitCode } = this.#child;
    if (exitCode !== 0) throw new Error(`it ended with ${exitCode}: ${this.#errors}`);
  }

  #tell(commands: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#answered = (error) => (error === undefined ? resolve() : reject(error));
      this.#child.stdin?.write(`${commands}?\n`);
    });
  }
}
