import { isatty } from 'node:tty';
import { fitHeap } from './heap-limit.js';
import { Requests } from './requests.js';

declare const PANNIER_VERSION: string;

// Before anything else is loaded: a pod may be stopped while it starts.
const requests = new Requests();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => requests.stop(signal));
process.on('SIGHUP', () => requests.reload('SIGHUP'));
// Else node opens its debugger on loopback, which the other containers of the pod share with us: whoever reaches that, runs what he likes.
process.on('SIGUSR1', () => {});
// Whatever is made (LevelDB's files, sockets, folders) is for its owner alone, however the container was started.
process.umask(0o077);

async function main(argv: readonly string[]): Promise<number> {
  const agent = async ({ once }: { readonly once: boolean }): Promise<number> => {
    // Where memory is limited, this does not return: the process replaces itself.
    const heap = await fitHeap(() => requests.stopReason !== undefined);
    const { run } = await import('./commands/run.js');
    return run({ once, env: process.env, cwd: process.cwd(), version: PANNIER_VERSION, heap, requests });
  };
  const plain = argv[0] === 'run' ? argv.slice(1) : argv;
  if (plain.length === 0) return agent({ once: false });
  if (plain.length === 1 && plain[0] === '--once') return agent({ once: true });
  const [{ cli }, { outputs }] = await Promise.all([import('./commands/cli.js'), import('../outputs/registry.js')]);
  // `pannier parse | head`: who reads has seen enough.
  process.stdout.on('error', () => process.exit(0));
  const code = await cli(argv, process.env, {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    run: agent,
    catalogue: outputs,
    cwd: process.cwd(),
    stdin: () => process.stdin,
    isInputTerminal: isatty(0),
    isTerminal: isatty(1),
    drained,
    terminal: {
      onKey,
      // A terminal that nobody has told its size says 0.
      size: () => ({ columns: process.stdout.columns || 80, rows: process.stdout.rows || 24 }),
      stopping: requests.stopping.signal,
    },
  });
  await drained();
  return code;
}

/** A pipe that is full takes the rest later, and an exit would cut it off. */
const drained = (): Promise<void> =>
  process.stdout.writableLength === 0
    ? Promise.resolve()
    : new Promise((resolve) => void process.stdout.write('', () => resolve()));

function onKey(take: (key: string) => void): () => void {
  process.stdin.setRawMode(true);
  process.stdin.on('data', (keys: Buffer) => keys.toString('latin1').split('').forEach(take));
  return () => {
    process.stdin.setRawMode(false);
    process.stdin.pause();
  };
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`pannier: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
