import { accessSync, constants } from 'node:fs';

/**
 * The part of a memory limit, in percent, that V8's old space may grow to. The image's ENTRYPOINT says the same to Node itself.
 *
 * Of 128 MiB, the least that two outputs are run in, that leaves:
 *
 *     44  old space: 10 to 15 are alive, the rest is garbage that V8 lets gather, and a destination's reply of some MiB
 *     10  young generation (three times the semi space), compiled code
 *     32  two lanes of about 16: three slots of 2 MiB, their columns, what gzip makes of them
 *     15  Node and LevelDB themselves
 *     15  `pannier health`, which a HEALTHCHECK starts beside the agent
 *     12  pages of the program's own text, so that they need not be read again and again
 *
 * Left alone, V8 takes 259 MiB for its limit where 64 to 512 MiB are allowed (Node 20 and 24, measured): the kernel would end the agent before
 * V8 thought of collecting.
 */
export const oldSpacePercent = 35;

/** MiB. The young generation holds what lives as long as one batch; more of it is only more resident memory. */
export const semiSpaceMib = 2;

/** Where so much is allowed, V8's own choice (about half of it) leaves room enough. It also says that 2^64 is no limit. */
const roomyBytes = 1024 ** 3;
/** Below this the heap would run over with nothing but the program in it, MiB. */
const leastOldSpaceMib = 20;

/** Any of V8's own limits, in the spellings it knows. Whoever sets one has decided. */
const heapFlag = /(^|\s)--(max|min|initial)[-_](old|semi|heap)([-_]space)?[-_]size/;

/**
 * The flags that fit V8's heap to a memory limit of `constrainedBytes` (`process.constrainedMemory()`: cgroup v1 or v2, 0 or 2^64 when there
 * is none). Undefined: leave it as it is, because nothing limits it, or because a flag in `execArgv` or NODE_OPTIONS does already.
 */
export function heapFlags(
  constrainedBytes: number,
  execArgv: readonly string[],
  nodeOptions: string,
): readonly string[] | undefined {
  if (!(constrainedBytes > 0 && constrainedBytes < roomyBytes)) return undefined;
  if ([...execArgv, nodeOptions].some((options) => heapFlag.test(options))) return undefined;
  const oldSpaceMib = Math.floor((constrainedBytes / 1024 ** 2) * (oldSpacePercent / 100));
  const oldSpace = `--max-old-space-size=${Math.max(leastOldSpaceMib, oldSpaceMib)}`;
  // For src/start-garbage.ts.
  return [`--max-semi-space-size=${semiSpaceMib}`, oldSpace, '--expose-gc'];
}

/** What `fitHeap` needs of `process`. */
export interface Host {
  readonly argv: readonly string[];
  readonly argv0: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly execArgv: readonly string[];
  readonly execPath: string;
  /** Whether a parent holds a channel to it, which would be cut. */
  readonly connected?: boolean;
  constrainedMemory(): number;
  /** Node 22.15 and newer, and no Windows. */
  execve?: ((file: string, args: readonly string[]) => never) | undefined;
}

/**
 * Fits V8's heap to the memory that the cgroup allows. V8 takes its limits at its start and never again, so the process replaces itself by the same
 * program with the flags (same pid, same standard streams, 20 to 30 ms), and this does not return. Where it does, it resolves with why nothing was
 * changed, for the log. Never rejects.
 *
 * Call it before anything is opened, after signal handlers are installed: a stop that has come by then is seen (`stopped`), and the process, which
 * would forget it, stays. In the image the flags are in ENTRYPOINT, so nothing is replaced there.
 */
export async function fitHeap(stopped: () => boolean, host: Host = process): Promise<string> {
  const flags = heapFlags(host.constrainedMemory(), host.execArgv, host.env.NODE_OPTIONS ?? '');
  if (flags === undefined) return 'nothing limits memory, or a flag limits the heap already';
  const { argv, argv0, execArgv, execPath } = host;
  const wanted = `memory is limited; start with node ${flags.join(' ')}`;
  if (host.execve === undefined) return `${wanted}: this version of Node can't do so by itself`;
  if (host.connected === true) return `${wanted}: a parent process holds a channel to this one`;
  if (argv[1] === undefined) return `${wanted}: the program was not started from a file`;
  // Signals reach handlers when the event loop turns; one turn takes all that came so far.
  await new Promise((resolve) => setImmediate(resolve));
  if (stopped()) return 'asked to stop';
  try {
    // Node 24 aborts where the system call fails, so what can make it fail is looked at before.
    accessSync(execPath, constants.X_OK);
    return host.execve(execPath, [argv0, ...flags, ...execArgv, ...argv.slice(1)]);
  } catch (error) {
    return `${wanted}: ${error instanceof Error ? error.message : String(error)}`;
  }
}
