import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Writer extends AsyncDisposable {
  readonly pid: number;
  /** The next line that the writer says; undefined: it has ended. */
  say(): Promise<string | undefined>;
  /** kill -9. Resolves with the lines it said that nobody had asked for yet. */
  kill(): Promise<readonly string[]>;
}

/** Starts `checkpoints-writer` on a directory and waits until it has the lock. @throws Error with its stderr when it does not get it. */
export async function startWriter(stateDir: string, mode: 'rounds' | 'hold' = 'rounds'): Promise<Writer> {
  const program = fileURLToPath(new URL('./checkpoints-writer.js', import.meta.url));
  const child = spawn(process.execPath, [program, stateDir, mode], { stdio: ['ignore', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-4000)));
  const closed = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const say = async (): Promise<string | undefined> => {
    const line = await lines.next();
    return line.done === true ? undefined : line.value;
  };
  const kill = async (): Promise<readonly string[]> => {
    child.kill('SIGKILL');
    const rest: string[] = [];
    for (let line = await say(); line !== undefined; line = await say()) rest.push(line);
    await closed;
    return rest;
  };
  if ((await say()) !== 'open') {
    await closed;
    throw new Error(`the writer did not open ${stateDir}: ${complaint}`);
  }
  return {
    pid: child.pid ?? 0,
    say,
    kill,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) await kill();
    },
  };
}
