import { execFile, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../support/agent-process.js';

const script = join(projectRoot, 'test/services/provision/container.sh');

export interface Result {
  /** Exit code, or the signal's name. */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs container.sh to its end. Never rejects for the command's own failure. */
export function container(...args: readonly string[]): Promise<Result> {
  return new Promise((resolve) => {
    execFile(script, args, { maxBuffer: 64 * 1024 ** 2, timeout: 800_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? error.signal ?? 'unknown'), stdout, stderr });
    });
  });
}

/** The same for what has to succeed; its standard output, trimmed. @throws Error with what it said */
export async function succeeds(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await container(...args);
  if (code !== 0) throw new Error(`container.sh ${args.join(' ')}: ${code}\n${stdout}\n${stderr}`);
  return stdout.trim();
}

/** Why no container can run here; undefined: they can. @throws Error when they should and don't. */
export async function whyNot(): Promise<string | undefined> {
  const unable = 77;
  const { code, stderr } = await container('prepare');
  if (code !== 0 && code !== unable) throw new Error(`container.sh prepare: ${code}\n${stderr}`);
  return code === unable ? stderr.trim() : undefined;
}

const alive = new Set<string>();
process.on('exit', () => {
  for (const id of alive) spawnSync(script, ['podman', 'rm', '--force', '--volumes', id]);
});

/** A container in the background. Gone, with its volumes, at the end. */
export class Container implements AsyncDisposable {
  private constructor(
    readonly id: string,
    /** Of its first process, as this machine sees it. */
    readonly pid: number,
    readonly cgroup: string,
  ) {}

  /** `args`: of `podman run`, then the image, then the program's. */
  static async start(...args: readonly string[]): Promise<Container> {
    const id = await succeeds('run', '--detach', ...args);
    alive.add(id);
    const state = await succeeds('podman', 'inspect', id, '--format', '{{.State.Pid}} {{.State.CgroupPath}}');
    const [pid = '0', cgroup = ''] = state.split(' ');
    return new Container(id, Number(pid), cgroup);
  }

  /** Runs a program beside the first one, in the same memory limit. */
  exec(...command: readonly string[]): Promise<Result> {
    return container('podman', 'exec', this.id, ...command);
  }

  /** SIGTERM, and SIGKILL after `graceSeconds`; the exit code (137: killed). */
  async stop(graceSeconds: number): Promise<number> {
    await succeeds('podman', 'stop', '--time', String(graceSeconds), this.id);
    return Number(await succeeds('podman', 'inspect', this.id, '--format', '{{.State.ExitCode}}'));
  }

  /** Whether its first process is still there. */
  async isRunning(): Promise<boolean> {
    return (await this.status()) !== '';
  }

  /** Highest resident memory of its first process so far, in MiB; NaN once it has ended. */
  async peakMib(): Promise<number> {
    return Number(/^VmHWM:\s*(\d+) kB/m.exec(await this.status())?.[1]) / 1024;
  }

  /** Highest use of the memory limit so far, page cache included, in MiB; NaN where the kernel does not tell. */
  async peakOfLimitMib(): Promise<number> {
    for (const file of [
      `/sys/fs/cgroup/memory${this.cgroup}/memory.max_usage_in_bytes`,
      `/sys/fs/cgroup${this.cgroup}/memory.peak`,
    ]) {
      const text = await readFile(file, 'utf8').catch(() => undefined);
      if (text !== undefined) return Number(text) / 1024 ** 2;
    }
    return Number.NaN;
  }

  /** The command line of its first process. */
  async commandLine(): Promise<readonly string[]> {
    return (await readFile(`/proc/${this.pid}/cmdline`, 'utf8')).split('\0').slice(0, -1);
  }

  /** The end of what it wrote. */
  async tail(): Promise<string> {
    const { stdout, stderr } = await container('podman', 'logs', '--tail', '25', this.id);
    return `${stdout}\n${stderr}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await succeeds('podman', 'rm', '--force', '--volumes', this.id);
    alive.delete(this.id);
  }

  private status(): Promise<string> {
    return readFile(`/proc/${this.pid}/status`, 'utf8').then(
      (status) => (/^State:\s+Z/m.test(status) ? '' : status),
      () => '',
    );
  }
}
