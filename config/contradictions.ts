import { join, resolve } from 'node:path';
import type { Configuration, OutputConfiguration } from '../src/types/configuration.js';
import type { ConfigProblem } from '../src/types/errors.js';
import { laneSize, mostRequests } from '../src/types/lane-size.js';
import { reads } from './globs.js';
import { outputPrefix, variablePrefix } from './schema.js';

/** Where a variable's value was given, and whether it was. */
export interface Origins {
  readonly where: (variable: string) => string;
  readonly isGiven: (variable: string) => boolean;
}

/** Values that are well each by itself, but not together. */
export function contradictions(
  configuration: Configuration,
  origins: Origins,
  memoryLimit: number | undefined,
): ConfigProblem[] {
  return [
    ...beyondMemory(configuration, origins, memoryLimit),
    ...readsItself(configuration, origins),
    ...sharedFiles(configuration.outputs, origins),
    ...lineBeyondBatches(configuration, origins),
    ...drainTooShort(configuration, origins),
    ...hashWithoutKey(configuration.outputs, origins),
    ...pinWithoutLimit(configuration, origins),
  ];
}

/**
 * What Pannier writes must not be what it reads: each record would make another. LevelDB's own log ends in `.log`, so a glob such as
 * `/data/**\/*.log` takes in a state directory below `/data`. (Contract, "Files and roots".)
 */
function readsItself({ paths, exclude, stateDir, outputs }: Configuration, { where }: Origins): ConfigProblem[] {
  const wouldRead = reads(paths, exclude);
  const problems: ConfigProblem[] = [];
  const database = ['000001.log', '000001.ldb', 'CURRENT'].map((name) => `checkpoints/${name}`);
  const letters = outputs.map(({ name }) => `dead-letters/${name}.ndjson`);
  if (['/proc', '/sys', '/dev'].some((system) => stateDir === system || stateDir.startsWith(`${system}/`))) {
    problems.push({
      where: where(`${variablePrefix}STATE_DIR`),
      problem: `${stateDir} belongs to the system and can hold no files`,
      suggestion: 'name a folder on a disk, such as /var/lib/pannier',
    });
  }
  const inState = ['', 'agent.pid', ...database, ...letters];
  if (inState.some((name) => wouldRead(join(stateDir, name)))) {
    problems.push({
      where: where(`${variablePrefix}STATE_DIR`),
      problem: `${stateDir} holds files that PANNIER_PATHS matches`,
      suggestion: `move it, or add ${stateDir}/** to PANNIER_EXCLUDE`,
    });
  }
  for (const output of outputs) {
    const path = writtenBy(output);
    if (path === undefined || ![path, `${path}.1`].some(wouldRead)) continue;
    problems.push({
      where: where(`${outputPrefix(output.name)}PATH`),
      problem: `${path} is matched by PANNIER_PATHS: Pannier would read what it writes`,
      suggestion: `choose another path, or add ${path}* to PANNIER_EXCLUDE`,
    });
  }
  return problems;
}

/** The file an output writes: by convention its setting `PATH`, and no other setting has that name. */
function writtenBy({ settings }: OutputConfiguration): string | undefined {
  return typeof settings.path === 'string' ? resolve(settings.path) : undefined;
}

function sharedFiles(outputs: readonly OutputConfiguration[], { where }: Origins): ConfigProblem[] {
  const writers = new Map<string, string>();
  const problems: ConfigProblem[] = [];
  for (const output of outputs) {
    const path = writtenBy(output);
    if (path === undefined) continue;
    const other = writers.get(path);
    if (other === undefined) writers.set(path, output.name);
    else {
      const problem = `${path} is written by the output ${other} already`;
      problems.push({
        where: where(`${outputPrefix(output.name)}PATH`),
        problem,
        suggestion: 'give each a file of its own',
      });
    }
  }
  return problems;
}

/** A line is split at the batch's size in any case: a limit above that of every output asks for what can't be had. */
function lineBeyondBatches({ maxLineBytes, outputs }: Configuration, { where, isGiven }: Origins): ConfigProblem[] {
  const variable = `${variablePrefix}MAX_LINE_BYTES`;
  const largest = outputs.reduce((most, { batchMaxBytes }) => Math.max(most, batchMaxBytes), 0);
  const standard = 1024 * 1024;
  if (!isGiven(variable) || outputs.length === 0 || maxLineBytes <= Math.max(largest, standard)) return [];
  const names = outputs.map(({ name }) => `${outputPrefix(name)}BATCH_MAX_BYTES`).join(', ');
  return [
    {
      where: where(variable),
      problem: `is larger than the batches of every output (${largest}B): such a line would be split all the same`,
      suggestion: `lower it, or raise ${names}`,
    },
  ];
}

/** Node, LevelDB and the program without a lane, in bytes: what it takes at rest, less pages of its text that the system may take back. */
const programBytes = 40 * 1024 ** 2;

/** Most requests under way: by convention an output's setting `CONCURRENCY`. */
const requestsOf = ({ settings }: OutputConfiguration): number =>
  typeof settings.concurrency === 'number' ? settings.concurrency : mostRequests;

/** The most that the agent takes with these settings, in bytes. */
export const memoryNeed = ({ outputs, maxLineBytes }: Pick<Configuration, 'outputs' | 'maxLineBytes'>): number =>
  outputs.reduce((sum, output) => sum + laneSize(output.batchMaxBytes, maxLineBytes, requestsOf(output)), programBytes);

/** Lanes that could grow past what the cgroup allows would be killed in the middle of an outage, when they are needed most. */
function beyondMemory(
  { outputs, maxLineBytes }: Configuration,
  { where, isGiven }: Origins,
  memoryLimit: number | undefined,
): ConfigProblem[] {
  const wanted = memoryNeed({ outputs, maxLineBytes });
  if (memoryLimit === undefined || wanted <= memoryLimit) return [];
  const sizes = [
    `${variablePrefix}MAX_LINE_BYTES`,
    `${variablePrefix}BATCH_MAX_BYTES`,
    ...outputs.map(({ name }) => `${outputPrefix(name)}BATCH_MAX_BYTES`),
  ];
  const variables = [...sizes, ...outputs.map(({ name }) => `${outputPrefix(name)}CONCURRENCY`)];
  const given = variables.filter((variable) => isGiven(variable));
  const mib = (bytes: number): number => Math.ceil(bytes / 1024 ** 2);
  return [
    {
      where: where(given[0] ?? `${variablePrefix}OUTPUTS`),
      problem: `needs up to ${mib(wanted)} MiB of memory, and the container's limit is ${mib(memoryLimit)} MiB`,
      suggestion: `raise the limit, or lower ${(given.length > 0 ? given : sizes).join(', ')}`,
    },
  ];
}

function drainTooShort(
  { drainTimeoutMs, drainQuietMs, drainMinMs }: Configuration,
  { where, isGiven }: Origins,
): ConfigProblem[] {
  const tooLong = (name: string, ms: number): ConfigProblem[] => {
    const variable = `${variablePrefix}${name}`;
    if (!isGiven(variable) || ms <= drainTimeoutMs) return [];
    return [
      {
        where: where(variable),
        problem: `is longer than PANNIER_DRAIN_TIMEOUT (${drainTimeoutMs}ms)`,
        suggestion: 'the drain would end before it',
      },
    ];
  };
  return [...tooLong('DRAIN_QUIET', drainQuietMs), ...tooLong('DRAIN_MIN', drainMinMs)];
}

/** Without a key of its own a hash of a card number is undone in minutes, by trying them all. */
function hashWithoutKey(outputs: readonly OutputConfiguration[], { where, isGiven }: Origins): ConfigProblem[] {
  const lacking = outputs.find(
    ({ processing }) => processing.redactMode === 'hash' && processing.redactKey === undefined,
  );
  if (lacking === undefined) return [];
  const own = `${outputPrefix(lacking.name)}REDACT_MODE`;
  const variable = isGiven(own) ? own : `${variablePrefix}REDACT_MODE`;
  const suggestion = `set ${variable.replace(/MODE$/, 'KEY')} or ${variable.replace(/MODE$/, 'KEY_FILE')}`;
  return [{ where: where(variable), problem: 'hash needs a key', suggestion }];
}

/** Pins outlive the agent, and nobody gives them up while it is down: a pod must not be evicted for them. */
function pinWithoutLimit({ pin, volumeLimit }: Configuration, { where }: Origins): ConfigProblem[] {
  if (pin === 'off' || volumeLimit !== undefined) return [];
  return [
    {
      where: where(`${variablePrefix}PIN`),
      problem: 'auto needs the limit of the log volume, so that what is kept never fills it',
      suggestion: "set PANNIER_VOLUME_LIMIT to the volume's size (sizeLimit of an emptyDir), or PANNIER_PIN=off",
    },
  ];
}
