import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { asObject } from './bulk-api.js';
import { until } from './until.js';

export const projectRoot = process.env.PANNIER_ROOT ?? process.cwd();
export const program = join(projectRoot, 'dist/pannier.js');

export interface LaunchOptions {
  readonly env: Readonly<Record<string, string>>;
  /** After the program's name; none: the default command. */
  readonly args?: readonly string[];
  readonly cwd?: string;
  /** Flags of node itself. */
  readonly flags?: readonly string[];
  /** Default: the built program. */
  readonly program?: string;
  /** Drops root's rights, where the tests run as root: permissions mean nothing to root. */
  readonly unprivileged?: boolean;
  /** `ignored`: nobody reads standard output, so a pipe fills up. A number: a descriptor that it is. Default: collected. */
  readonly stdout?: 'collected' | 'ignored' | number;
}

export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const alive = new Set<ChildProcess>();

/** A child that ends with this process at the latest, also when the test runner stops a file that took too long. */
export function endWithUs(child: ChildProcess): void {
  if (process.listenerCount('SIGTERM') === 0) process.once('SIGTERM', () => process.exit(143));
  alive.add(child);
  child.once('exit', () => alive.delete(child));
}
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

const keptLogLines = 5_000;
/** Debian's nobody. */
const nobody = 65_534;

/** One run of the built program, its log and its standard output. Ends with the test at the latest. */
export class AgentProcess {
  readonly log: LogLine[] = [];
  /** Lines of standard error that are no JSON. */
  readonly stray: string[] = [];
  stdout = '';
  /** Exit code, or the signal's name. Set once the process has ended and all it wrote is here. */
  ended: number | string | undefined;
  readonly #child: ChildProcess;
  readonly #end: Promise<number | string>;

  constructor(options: LaunchOptions) {
    const { env, args = [], flags = [], cwd = projectRoot, unprivileged = false, stdout = 'collected' } = options;
    const user = unprivileged && process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
    this.#child = spawn(process.execPath, [...flags, options.program ?? program, ...args], {
      // Nothing of the test's own environment: an unknown PANNIER_ variable is an error.
      env: { PATH: process.env.PATH ?? '', TZ: 'UTC', ...env },
      cwd,
      stdio: ['ignore', typeof stdout === 'number' ? stdout : 'pipe', 'pipe'],
      ...user,
    });
    endWithUs(this.#child);
    if (stdout === 'collected')
      this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    let rest = '';
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#keep(line);
    });
    this.#end = new Promise((resolve) => {
      // `close` waits for the pipes; one that nobody reads never ends.
      this.#child.once(stdout === 'ignored' ? 'exit' : 'close', (code: number | null, signal: string | null) => {
        if (rest !== '') this.#keep(rest);
        const ended = code ?? signal ?? 'unknown';
        this.ended = ended;
        resolve(ended);
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get running(): boolean {
    return this.ended === undefined;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Closes the reading end of standard output, as a reader that went away does. */
  closeStdout(): void {
    this.#child.stdout?.destroy();
  }

  /** Exit code, or the signal's name. @throws Error when it does not end in time; it is killed then. */
  async exit(deadlineMs = 20_000): Promise<number | string> {
    try {
      return await until(() => this.ended, {
        what: `process ${this.pid} ends`,
        deadlineMs,
        instead: () => this.tail(),
      });
    } catch (error) {
      this.#child.kill('SIGKILL');
      await this.#end;
      throw error;
    }
  }

  /** Waits for a line of the log. */
  logged(what: string, matches: (line: LogLine) => boolean): Promise<LogLine> {
    return until(() => this.log.find(matches), { what: `the log says: ${what}`, instead: () => this.tail() });
  }

  /** The end of the log, for a failure's text. */
  tail(lines = 25): string {
    const log = this.log.slice(-lines).map(({ fields }) => JSON.stringify(fields));
    return [`log of process ${this.pid} (${this.ended ?? 'running'}):`, ...log, ...this.stray.slice(-lines)].join(
      '\n  ',
    );
  }

  #keep(line: string): void {
    let fields: Readonly<Record<string, unknown>> | undefined;
    try {
      fields = asObject(JSON.parse(line));
    } catch {
      fields = undefined;
    }
    if (fields === undefined) this.stray.push(line);
    else this.log.push({ level: Number(fields.level), msg: typeof fields.msg === 'string' ? fields.msg : '', fields });
    if (this.log.length > keptLogLines) this.log.splice(0, keptLogLines / 2);
  }
}

/** Runs a command of the program to its end. */
export async function runCommand(options: LaunchOptions & { readonly deadlineMs?: number }): Promise<{
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
  readonly agent: AgentProcess;
}> {
  const agent = new AgentProcess(options);
  const code = await agent.exit(options.deadlineMs);
  const stderr = [...agent.stray, ...agent.log.map(({ fields }) => JSON.stringify(fields))].join('\n');
  return { code, stdout: agent.stdout, stderr, agent };
}
