import { Command, CommanderError } from 'commander';
import type { Catalogue, Reading } from '../../config/load.js';
import type { AgentPlace } from './agent-report.js';
import type { ConfiguredListen } from './ask-agent.js';
import { addCheckpoints } from './checkpoints/options.js';
import { addDeadLetters } from './dead-letters/options.js';
import type { ParseOptions } from './parse/parse.js';

declare const PANNIER_VERSION: string;

/** Where commands write; each text ends with its line end. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

export type Env = Readonly<Record<string, string | undefined>>;

/** What a command that stays on the screen needs. */
export interface Terminal {
  /** Hands each key on, as it is typed and unseen; returns how to end that. */
  readonly onKey: (take: (key: string) => void) => () => void;
  readonly size: () => { readonly columns: number; readonly rows: number };
  /** Aborted by the first signal that asks the program to end. */
  readonly stopping: AbortSignal;
}

/** What the commands need of the program that holds them. */
export interface Program extends Io {
  /** The agent itself; resolves with its exit code. */
  readonly run: (options: { readonly once: boolean }) => Promise<number>;
  readonly catalogue: Catalogue;
  /** What relative paths begin at. */
  readonly cwd: string;
  readonly stdin: () => AsyncIterable<Buffer>;
  /** Standard input, and output, are a terminal. */
  readonly isInputTerminal: boolean;
  readonly isTerminal: boolean;
  readonly terminal: Terminal;
  /** Resolves when what was written to `out` has gone out: a command that writes much waits for it now and then. */
  readonly drained: () => Promise<void>;
}

/** Exit code of a command line that can't be understood (design, section 3). */
const usage = 64;

/**
 * Runs the command that `argv` (without node and script) names, `run` when it names none, and resolves with the exit code. Commands are
 * loaded when used.
 */
export async function cli(argv: readonly string[], env: Env, program: Program): Promise<number> {
  let exitCode = 0;
  const commander = commands(env, program, (code) => (exitCode = code));
  try {
    await commander.parseAsync(withDefaultCommand(argv), { from: 'user' });
    return exitCode;
  } catch (error) {
    // Help and version end the same way as mistakes do, but with 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usage;
    throw error;
  }
}

function commands(env: Env, program: Program, end: (exitCode: number) => void): Command {
  const { out, err } = program;
  const commander = new Command('pannier')
    .description('Ships the lines of log files to Elasticsearch, CloudWatch Logs and others.')
    .version(PANNIER_VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .showHelpAfterError('Try: pannier --help')
    .configureOutput({
      writeOut: out,
      writeErr: err,
      outputError: (text, write) => write(text.replace(/^error:/, 'pannier:')),
    })
    .addHelpText('after', examples);

  commander
    .command('run')
    .description('read the files and ship them until SIGTERM (the default)')
    .option('--once', 'ship what is there, then exit: 0 all was delivered, 65 not all, 75 no progress')
    .action(async ({ once = false }: { once?: boolean }) => end(await program.run({ once })));
  commander
    .command('validate')
    .description('check the configuration: exit 0, or 78 with every problem')
    .action(async () => {
      const { validate } = await import('./validate.js');
      end(await validate(env, program));
    });
  commander
    .command('doctor')
    .description(
      'check all that shipping needs (folders, rights, room, state, limits, destinations) and say what to do: exit 0, or 1 when a check failed',
    )
    .option('--json', 'as JSON')
    .action(async ({ json = false }: { json?: boolean }) => {
      const { doctor } = await import('./doctor/doctor.js');
      end(await doctor({ json }, env, program));
    });
  commander
    .command('config')
    .description('print every setting, its value and where it came from; secrets are masked')
    .option('--json', 'as JSON')
    .action(async ({ json = false }: { json?: boolean }) => {
      const { config } = await import('./config.js');
      end(await config({ json }, env, program));
    });
  commander
    .command('health')
    .description('ask the running agent: exit 0 when it is well, else 1')
    .option('--ready', 'ask whether it is ready')
    .option('--strict', 'also fail when it is degraded, as when an output does not answer')
    .action(async ({ ready = false, strict = false }: { ready?: boolean; strict?: boolean }) => {
      const { health } = await import('./health.js');
      end(await health({ ready, strict }, env, { out, err }, () => configuredListen(env, program)));
    });
  commander
    .command('status')
    .description('show what the running agent does: outputs, files, their format and the share that was parsed, lag')
    .option('--json', 'as JSON: the answer of /health')
    .action(async ({ json = false }: { json?: boolean }) => {
      const { status } = await import('./status.js');
      end(await status({ json }, await placeOf(env, program), { out, err }));
    });
  commander
    .command('top')
    .description(
      'watch the running agent in the terminal: rates, lag and errors of outputs, the files with most lag; q ends it',
    )
    .option('--json', 'one JSON object a second, until it is ended; elsewhere than on a terminal it prints one page')
    .action(async ({ json = false }: { json?: boolean }) => {
      const { top } = await import('./top/top.js');
      end(await top({ json }, await placeOf(env, program), program));
    });
  addCheckpoints(commander, async (action, options) => {
    const { checkpoints } = await import('./checkpoints/checkpoints.js');
    end(await checkpoints(action, options, env, program));
  });
  commander
    .command('parse')
    .description('show how lines are read: format, record, and time taken. Lines are piped, pasted, or in a file')
    .argument('[file]', 'a file; left out or -: standard input')
    .option('--format <format>', 'as PANNIER_FORMAT')
    .option('--multiline <mode>', 'as PANNIER_MULTILINE')
    .option('--explain', 'say why the format was chosen, and what processing changed')
    .option('--json', 'one JSON object for each record, also on a terminal; elsewhere it is so anyway')
    .action(async (file: string | undefined, options: Omit<ParseOptions, 'file'>) => {
      const { parse } = await import('./parse/parse.js');
      end(await parse({ ...options, file }, env, program));
    });
  addDeadLetters(commander, async (action, options) => {
    const { deadLetters } = await import('./dead-letters/dead-letters.js');
    end(await deadLetters(action, options, env, program));
  });
  return commander;
}

/** Where the agent can be asked. */
async function placeOf(env: Env, program: Program): Promise<AgentPlace> {
  const { stateDirOf } = await import('./state-dir.js');
  const stateDir = await stateDirOf(env, program.cwd, async () => (await survivalOf(env, program)).stateDir);
  return { env, stateDir, listen: () => configuredListen(env, program) };
}

const configuredListen: (env: Env, program: Program) => ReturnType<ConfiguredListen> = async (env, program) =>
  (await survivalOf(env, program)).listen;

/** Where a YAML file may say where the agent is: what is well of the configuration suffices to find it. */
async function survivalOf(env: Env, { catalogue, cwd }: Program): Promise<Reading['survival']> {
  const [{ readConfiguration }, { readConfigurationFile }] = await Promise.all([
    import('../../config/load.js'),
    import('../../config/read-file.js'),
  ]);
  return (await readConfiguration({ env, catalogue, cwd, readFile: readConfigurationFile })).survival;
}

/** `pannier` and `pannier --once` run; `--help` and `--version` are the program's own. */
function withDefaultCommand(argv: readonly string[]): string[] {
  const [first] = argv;
  const own = ['-h', '--help', '-V', '--version'];
  return first === undefined || (first.startsWith('-') && !own.includes(first)) ? ['run', ...argv] : [...argv];
}

const examples = `
Settings come from the environment (PANNIER_…) and, when PANNIER_CONFIG names one, a YAML file.

Examples:
  Print the records of all logs in a folder:
    PANNIER_PATHS='/var/log/app/*.log' pannier
  Ship to Elasticsearch what is there, then exit:
    PANNIER_OUTPUTS=elasticsearch PANNIER_ELASTICSEARCH_URL=http://localhost:9200 pannier run --once
  See what is set, and from where:
    pannier config`;
