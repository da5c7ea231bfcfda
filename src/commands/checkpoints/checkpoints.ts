import picomatch from 'picomatch';
import { suggestion } from '../../../config/did-you-mean.js';
import { readConfiguration } from '../../../config/load.js';
import { readConfigurationFile } from '../../../config/read-file.js';
import type { Configuration } from '../../types/configuration.js';
import { AgentError, ConfigError } from '../../types/errors.js';
import type { Position, Positions } from '../../types/positions.js';
import type { Env, Program } from '../cli.js';
import { stateDirOf } from '../state-dir.js';
import { askPositions, AskError } from './asked-positions.js';
import { movesTo } from './moves.js';
import { showMoves, showPositions } from './shown.js';
import { readTarget, type Target } from './target.js';
import { stderrLog } from './stderr-log.js';

export type Action = 'list' | 'reset' | 'rewind';

export interface CheckpointsOptions {
  readonly output?: string;
  readonly file?: string;
  readonly to?: string;
  readonly json?: boolean;
}

const code = { ok: 0, fault: 1, usage: 64, configuration: 78 } as const;

/** What is wrong with a command line, for a person. */
class UsageError extends Error {}

/**
 * `pannier checkpoints`: shows how far each output is in each file, or moves it back, through the running agent or, where none runs, in its state directory.
 * 0: done; 1: it could not be done, or not for each file; 64: the command line; 78: the configuration. Never rejects but by a bug.
 */
export async function checkpoints(
  action: Action,
  options: CheckpointsOptions,
  env: Env,
  program: Program,
  nowMs = Date.now(),
): Promise<number> {
  const { err } = program;
  const fail = (message: string, exitCode: number): number => {
    err(`pannier: ${message}\n`);
    return exitCode;
  };
  try {
    const target = targetOf(action, options, nowMs);
    return await perform(action, options, target, env, program);
  } catch (error) {
    if (error instanceof UsageError) return fail(error.message, code.usage);
    if (error instanceof ConfigError) return fail(error.message, code.configuration);
    if (error instanceof AskError) return fail(error.message, code.fault);
    if (!(error instanceof AgentError)) throw error;
    const noSocket = 'it has no control socket (see CONTROL_FAILED in its log), so stop it first';
    return fail(error.code === 'STATE_LOCKED' ? `${error.message}; ${noSocket}` : error.message, code.fault);
  }
}

function targetOf(action: Action, { to, file }: CheckpointsOptions, nowMs: number): Target {
  if (action !== 'rewind') return { kind: 'offset', offset: 0 };
  if (to === undefined)
    throw new UsageError(
      'rewind needs --to OFFSET, --to TIME or --to -2h; `checkpoints reset` goes back to the beginning',
    );
  const target = readTarget(to, nowMs);
  if (typeof target === 'string') throw new UsageError(target);
  if (target.kind === 'offset' && file === undefined)
    throw new UsageError('an offset means nothing in most files: name the one that you mean with --file');
  return target;
}

async function perform(
  action: Action,
  options: CheckpointsOptions,
  target: Target,
  env: Env,
  program: Program,
): Promise<number> {
  const { catalogue, cwd, out, err } = program;
  let read: Promise<Configuration> | undefined;
  /** Read only where it is needed: it costs memory that the agent may lack. */
  const configuration = (): Promise<Configuration> =>
    (read ??= readConfiguration({ env, catalogue, cwd, readFile: readConfigurationFile }).then((reading) => {
      if (reading.configuration === undefined) throw new ConfigError(reading.problems);
      return reading.configuration;
    }));
  const stateDir = await stateDirOf(env, cwd, async () => (await configuration()).stateDir);
  const asked = await askPositions(stateDir);
  if (asked !== undefined) return await work(asked);
  const { StoredPositions } = await import('./stored-positions.js');
  const stored = await StoredPositions.open(await configuration(), stderrLog(err)).catch((error: unknown) => {
    if (error instanceof AgentError) throw error;
    throw new AskError(`${stateDir} can't be used: ${error instanceof Error ? error.message : String(error)}`);
  });
  if (stored === undefined) {
    err(`pannier: no agent runs, and ${stateDir} holds no positions; is PANNIER_STATE_DIR the agent's?\n`);
    return code.fault;
  }
  try {
    return await work(stored);
  } finally {
    await stored[Symbol.asyncDispose]();
  }

  async function work(positions: Positions): Promise<number> {
    const chosen = choose(positions, options);
    if (action === 'list') {
      await showPositions(chosen, options.json === true, program);
      return code.ok;
    }
    const rows: Position[] = [];
    for await (const position of chosen) rows.push(position);
    if (rows.length === 0) {
      err(`pannier: no file that Pannier knows matches${options.file === undefined ? '' : ` ${options.file}`}\n`);
      return code.fault;
    }
    const results = await movesTo(positions, rows, target);
    showMoves(results, options.json === true, out);
    if (!results.durable)
      err('pannier: the new positions are in memory only: the state directory can not be written\n');
    return results.rows.some(({ problem }) => problem !== '') ? code.fault : code.ok;
  }
}

/** @throws UsageError where there is no such output */
async function* choose(positions: Positions, { output, file }: CheckpointsOptions): AsyncIterable<Position> {
  if (output !== undefined && !positions.outputs.includes(output)) {
    const closest = suggestion(output, positions.outputs);
    const all = positions.outputs.join(', ');
    throw new UsageError(
      `there is no output ${output}${closest === undefined ? '' : `; ${closest}`}; there are ${all}`,
    );
  }
  // A name without a folder means that file wherever it is.
  const glob = file === undefined || file.includes('/') ? file : `**/${file}`;
  const matches = glob === undefined ? () => true : picomatch(glob, { dot: true });
  for await (const position of positions.positions())
    if (
      (output === undefined || position.output === output) &&
      (matches(position.path) || matches(position.currentPath))
    )
      yield position;
}
