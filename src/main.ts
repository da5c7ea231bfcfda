import { fitHeap } from './heap-limit.js';
import { Requests } from './requests.js';

declare const PANNIER_VERSION: string;

// Before anything else is loaded: a pod may be stopped while it starts.
const requests = new Requests();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => requests.stop(signal));
process.on('SIGHUP', () => requests.reload('SIGHUP'));

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
  return cli(argv, process.env, {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    run: agent,
    catalogue: outputs,
    cwd: process.cwd(),
  });
}

main(process.argv.slice(2)).then(
  // What was written to a pipe, a file or a terminal has gone out: on Linux, these are synchronous.
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`pannier: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
