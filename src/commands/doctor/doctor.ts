import { readConfiguration, type Reading } from '../../../config/load.js';
import { readConfigurationFile } from '../../../config/read-file.js';
import { outputs } from '../../../outputs/registry.js';
import { systemFiles } from '../../files/file-system.js';
import { memoryLimit } from '../../memory-limit.js';
import { Surroundings } from '../../surroundings.js';
import type { Configuration } from '../../types/configuration.js';
import { silentLog } from '../../types/log.js';
import { askSocket } from '../ask-socket.js';
import type { Env, Program } from '../cli.js';
import { asReport } from '../status-report.js';
import { checkDestination, type CreateOutput } from './destinations.js';
import { fail, ok, warn, type Finding } from './finding.js';
import { checkListener } from './listener.js';
import { checkLogFolders } from './log-folders.js';
import { checkLogVolume } from './log-volume.js';
import { shownJson, shownText } from './shown.js';
import { checkStateDirectory } from './state-directory.js';
import { checkClock, checkLimits } from './system-limits.js';

declare const PANNIER_VERSION: string;

/**
 * `pannier doctor`: looks at all that shipping needs, and says what to do where something is wrong. Takes neither lock nor port, sends no record and writes
 * nothing, so it may run beside the agent. Exit 0, or 1 when a check failed; warnings do not count.
 */
export async function doctor({ json }: { readonly json: boolean }, env: Env, program: Program): Promise<number> {
  const { catalogue, cwd, out } = program;
  const limit = memoryLimit();
  const reading = await readConfiguration({ env, catalogue, cwd, readFile: readConfigurationFile, memoryLimit: limit });
  const findings = [...configurationFindings(reading)];
  const { configuration } = reading;
  if (configuration !== undefined) findings.push(...(await examine(configuration, env, limit)));
  out(json ? shownJson(findings) : shownText(findings));
  return findings.some(({ level }) => level === 'fail') ? 1 : 0;
}

function configurationFindings({ configuration, problems, notes }: Reading): readonly Finding[] {
  return [
    ...(configuration === undefined ? [] : [ok('configuration', `is valid, hash ${configuration.hash}`)]),
    ...problems.map(({ where, problem, suggestion = 'pannier config shows every setting and where it came from' }) =>
      fail(`configuration ${where}`, problem, suggestion),
    ),
    ...notes.map((text) => warn('configuration', text, '')),
  ];
}

async function examine(configuration: Configuration, env: Env, limit: number | undefined): Promise<readonly Finding[]> {
  const nowMs = Date.now();
  const { stateDir } = configuration;
  // Destinations may take seconds: they are asked while we look around here.
  const destinations = askDestinations(configuration, env, nowMs);
  const [logs, state, agent] = await Promise.all([
    checkLogFolders(systemFiles, configuration, nowMs),
    checkStateDirectory(systemFiles, stateDir),
    runningAgent(stateDir),
  ]);
  return [
    ...agent,
    ...logs.findings,
    ...checkLogVolume(systemFiles, configuration, logs),
    ...state,
    await checkListener(configuration.listen, agent.length > 0),
    ...checkLimits(systemFiles, configuration, logs, limit),
    checkClock(logs, process.argv[1], nowMs),
    ...(await destinations),
  ];
}

const createOutput: CreateOutput = (type, context) => outputs[type]!.create(context);

async function askDestinations(configuration: Configuration, env: Env, nowMs: number): Promise<readonly Finding[]> {
  await using surroundings = await Surroundings.open(env, silentLog, () => {});
  const origin = await surroundings.origin(configuration);
  const context = { origin, version: PANNIER_VERSION };
  const found = configuration.outputs.map((output) => checkDestination(output, createOutput, context, { env, nowMs }));
  return (await Promise.all(found)).flat();
}

/** What a running agent says of itself; nothing where none answers. */
async function runningAgent(stateDir: string): Promise<readonly Finding[]> {
  const answer = await askSocket(stateDir, { route: 'GET /health', idleMs: 3000 });
  if (answer.kind !== 'answered' || answer.code !== 200) return [];
  const report = asReport(JSON.stringify(answer.value));
  if (report === undefined) return [];
  const reasons = report.reasons.map(({ code, output, message, action }) =>
    warn(`running agent ${code}${output === '' ? '' : ` ${output}`}`, message, action),
  );
  return [ok('running agent', `version ${report.version} says it is ${report.status}`), ...reasons];
}
