import { existsSync } from 'node:fs';
import pino from 'pino';
import { readConfiguration, type Reading } from '../../config/load.js';
import { readConfigurationFile } from '../../config/read-file.js';
import { outputs } from '../../outputs/registry.js';
import { Agent } from '../agent.js';
import { openCheckpoints } from '../checkpoints/checkpoints.js';
import { drain, shipOnce, shortfalls } from '../drain.js';
import { beNice } from '../niceness.js';
import type { Listener } from '../health/listener.js';
import type { Requests } from '../requests.js';
import { collectStartGarbage } from '../start-garbage.js';
import { Surroundings } from '../surroundings.js';
import { systemClock as clock } from '../types/clock.js';
import type { Configuration } from '../types/configuration.js';
import { memoryLimit } from '../memory-limit.js';
import { AgentError, ConfigError } from '../types/errors.js';
import type { Log } from '../types/log.js';
import type { AgentStatus, Reason } from '../types/stats.js';
import type { Checkpoints } from '../types/stored.js';
import { exit, hasLost, report } from './ending.js';
import { openControl } from './control-routes.js';
import { listen, note, Survivor } from './listening.js';
import { changed, watch } from './watched-files.js';

export interface RunOptions {
  readonly once: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly version: string;
  /** What was done about V8's heap limit, for the log. */
  readonly heap: string;
  readonly requests: Requests;
}

const lookForExitMs = 500;

/** What stands between the program and its work: a configuration with problems, or a state directory that another agent has. */
interface Fatal {
  readonly code: number;
  readonly reason: Reason;
}

/**
 * `pannier run`: the agent until it is told to stop, or with `once` until what is there was shipped. Resolves with the exit code.
 *
 * A fatal problem ends it, or with PANNIER_ON_FATAL=stay shows itself in `/health` (probes answer 200, so that the pod is not taken down for its
 * sidecar) and is tried again when a file changes and every 30 s.
 */
export async function run(options: RunOptions): Promise<number> {
  const { requests } = options;
  const survivor = new Survivor(options);
  try {
    for (;;) {
      const reading = await read(options);
      const log = pino(
        { level: reading.survival.logLevel, base: { service: 'pannier' } },
        pino.destination({ dest: 2, sync: true }),
      );
      const outcome = await attempt(options, reading, log, survivor);
      if (typeof outcome === 'number') return outcome;
      if (reading.survival.onFatal !== 'stay' || options.once) {
        process.stderr.write(`pannier: ${outcome.reason.message}\n`);
        return outcome.code;
      }
      log.error(
        { code: outcome.reason.code },
        `${outcome.reason.message}\nwaiting, because PANNIER_ON_FATAL=stay; tried again when a file changes and every 30 s`,
      );
      await survivor.show(reading.survival, outcome.reason, log);
      await changed(reading.watchFiles, requests);
      if (requests.stopReason !== undefined) return exit.ok;
    }
  } finally {
    await survivor.close();
  }
}

const read = ({ env, cwd }: RunOptions): Promise<Reading> =>
  readConfiguration({
    env,
    cwd,
    catalogue: outputs,
    readFile: readConfigurationFile,
    memoryLimit: memoryLimit(),
  });

/** One try to run: the exit code, or what is in the way. */
async function attempt(options: RunOptions, reading: Reading, log: Log, survivor: Survivor): Promise<number | Fatal> {
  const { configuration } = reading;
  if (configuration === undefined) return fatal(new ConfigError(reading.problems));
  log.debug({ heap: options.heap }, 'heap limit');
  for (const note of reading.notes) log.warn({}, note);
  const refusal = beNice(configuration.nice, 0);
  if (refusal !== undefined) log.warn({}, refusal);
  let checkpoints: Checkpoints;
  try {
    checkpoints = await openCheckpoints({
      stateDir: configuration.stateDir,
      commitIntervalMs: configuration.commitIntervalMs,
      log,
      clock,
    });
  } catch (error) {
    return fatal(error);
  }
  try {
    await using surroundings = await Surroundings.open(options.env, log, (what) => options.requests.reload(what));
    await using agent = new Agent({
      configuration,
      surroundings,
      checkpoints,
      clock,
      log,
      version: options.version,
    });
    await survivor.close();
    let configValid = true;
    const status = (): AgentStatus => agent.status(configValid);
    const listener = await listen(configuration, options, log, { probes: () => agent.probes, status });
    const control = await openControl({ agent, checkpoints, stateDir: configuration.stateDir, status, log });
    try {
      await agent.start();
      if (options.once) return await once(agent, configuration, options, listener, log);
      const callOff = collectStartGarbage();
      const ended = await serve(agent, reading, options, listener, log, (valid) => (configValid = valid));
      callOff();
      return ended;
    } finally {
      await control[Symbol.asyncDispose]();
      await listener?.[Symbol.asyncDispose]();
    }
  } catch (error) {
    if (error instanceof ConfigError) return fatal(error);
    throw error;
  } finally {
    await checkpoints[Symbol.asyncDispose]();
  }
}

function fatal(error: unknown): Fatal {
  if (!(error instanceof AgentError)) throw error;
  const isConfiguration = error instanceof ConfigError;
  return {
    code: isConfiguration ? exit.configuration : exit.fault,
    reason: {
      code: error.code,
      output: '',
      message: error.message,
      action: isConfiguration
        ? 'correct the settings named here; `pannier validate` checks them'
        : 'stop the other agent, or give this one a state directory of its own',
    },
  };
}

// ── the agent at work ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Runs until something asks it to end. */
async function serve(
  agent: Agent,
  reading: Reading & { readonly configuration?: Configuration | undefined },
  options: RunOptions,
  listener: Listener | undefined,
  log: Log,
  setValid: (valid: boolean) => void,
): Promise<number> {
  const { requests } = options;
  const begun = clock.monotonic();
  let current = reading;
  let configuration = reading.configuration!;
  agent.onClosed = () => requests.stop('an output ended');
  let unwatch = watch(current.watchFiles, () => requests.reload('a file of the configuration changed'));
  for (;;) {
    const request = await requests.next(lookForExitMs);
    note(agent, listener);
    if (request === 'stop') break;
    if (request === 'reload') {
      current = await read(options);
      unwatch();
      unwatch = watch(current.watchFiles, () => requests.reload('a file of the configuration changed'));
      const next = await reload(agent, current, log);
      const refusal = next && beNice(next.nice, configuration.nice);
      if (refusal !== undefined) log.warn({}, refusal);
      setValid(next !== undefined);
      configuration = next ?? configuration;
    }
    if (wantsExit(agent, configuration, clock.monotonic() - begun)) requests.stop('the work is done');
  }
  unwatch();
  return finish(agent, configuration, options, log);
}

async function reload(agent: Agent, reading: Reading, log: Log): Promise<Configuration | undefined> {
  try {
    if (reading.configuration === undefined) throw new ConfigError(reading.problems);
    await agent.reload(reading.configuration);
    agent.notices.delete('CONFIG_INVALID');
    return reading.configuration;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    log.error({ code: error.code }, `${error.message}\nthe former configuration stays in force`);
    agent.notices.set('CONFIG_INVALID', {
      code: 'CONFIG_INVALID',
      output: '',
      message: error.message,
      action: 'correct the settings and reload again; the former configuration is in force',
    });
    return undefined;
  }
}

/** A Job's sidecar ends when a file appears, or when nothing was written for long and all is shipped. */
function wantsExit(agent: Agent, { exitOnFile, exitWhenIdleMs }: Configuration, runningMs: number): boolean {
  if (exitOnFile !== undefined && existsSync(exitOnFile)) return true;
  return (
    exitWhenIdleMs !== undefined &&
    // The application may start later than its sidecar: as long as there is no file at all, the agent's own age counts.
    Math.min(agent.table.quietMs(), runningMs) >= exitWhenIdleMs &&
    agent.lanes.every((lane) => lane.isDrained)
  );
}

async function finish(agent: Agent, configuration: Configuration, { requests }: RunOptions, log: Log): Promise<number> {
  if (agent.closed !== undefined) {
    log.info({ output: agent.closed.output, reason: agent.closed.error.message }, 'the reader of the output went away');
    if (agent.lanes.length === 0) {
      await agent.stop(0);
      return exit.ok;
    }
  }
  log.info({ reason: requests.stopReason, timeoutMs: configuration.drainTimeoutMs }, 'draining');
  const left = await drain(agent, configuration, clock, requests.cut.signal);
  const code = report(left, hasLost(agent), configuration, log);
  return agent.failed ? exit.fault : code;
}

async function once(
  agent: Agent,
  configuration: Configuration,
  { requests }: RunOptions,
  listener: Listener | undefined,
  log: Log,
): Promise<number> {
  agent.onClosed = () => requests.stop('an output ended');
  note(agent, listener);
  const complete = await shipOnce(agent, configuration, clock, requests.stopping.signal);
  if (agent.closed !== undefined) {
    await agent.stop(0);
    return exit.ok;
  }
  await agent.stop(complete ? configuration.drainTimeoutMs : 0);
  const lost = hasLost(agent);
  const code = report(complete ? [] : shortfalls(agent), lost, configuration, log);
  if (agent.failed) return exit.fault;
  return code !== exit.ok || !lost ? code : exit.undelivered;
}
