import { suggestion } from '../../../config/did-you-mean.js';
import { readConfiguration } from '../../../config/load.js';
import { readConfigurationFile } from '../../../config/read-file.js';
import { parseDuration } from '../../../config/values.js';
import { isChosen, type LetterChoice } from '../../dead-letters/choice.js';
import type { Configuration } from '../../types/configuration.js';
import { ConfigError } from '../../types/errors.js';
import type { Env, Program } from '../cli.js';
import { configurationInvalid } from '../validate.js';
import { change, type Change } from './change.js';
import { outputsWithLetters, lettersOf } from './letter-files.js';
import { list, show } from './list.js';

export interface DeadLettersOptions {
  readonly output?: string;
  readonly id?: string;
  /** RFC 3339, or an age such as 7d. */
  readonly before?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

const usage = 64;

/**
 * `pannier dead-letters list|show|replay|purge`. 0: done; 75: a replay left letters; 64 for options that are no good, 78 for the configuration, 1 for
 * anything else.
 */
export async function deadLetters(
  action: 'list' | 'show' | 'replay' | 'purge',
  options: DeadLettersOptions,
  env: Env,
  program: Program,
): Promise<number> {
  const { catalogue, cwd, err } = program;
  const { configuration, problems } = await readConfiguration({ env, catalogue, cwd, readFile: readConfigurationFile });
  if (configuration === undefined) {
    err(`pannier: ${new ConfigError(problems).message}\n`);
    return configurationInvalid;
  }
  const choice = choiceOf(options);
  if (typeof choice === 'string') return refuse(choice, program);
  const outputs = await outputsMeant(configuration, options.output, action);
  if (typeof outputs === 'string') return refuse(outputs, program);
  const { stateDir } = configuration;
  const json = options.json === true;
  if (action === 'list') {
    await list(stateDir, outputs, choice, json, program);
    return 0;
  }
  if (action === 'show') {
    if (await show(stateDir, outputs, options.id ?? '', json, program)) return 0;
    return refuse(`there is no dead letter with the id ${JSON.stringify(options.id)}; list shows their ids`, program);
  }
  if (action === 'purge' && options.yes !== true) {
    const count = await countOf(stateDir, outputs, choice);
    return refuse(`${count} letters would be removed for good: add --yes to do it`, program);
  }
  const asked: Change = { action, configuration, outputs, choice, json };
  return await change(asked, env, program);
}

function refuse(why: string, { err }: Program): number {
  err(`pannier: ${why}\n`);
  return usage;
}

/** What the options choose, or what is wrong with them. */
function choiceOf({ id, before }: DeadLettersOptions): LetterChoice | string {
  if (before === undefined) return { id };
  const age = parseDuration(before);
  const beforeMs = 'value' in age ? Date.now() - age.value : Date.parse(before);
  // `Date.parse` takes half of the world's dates; only those of RFC 3339 mean one thing.
  if ('value' in age || (/^\d{4}-\d\d-\d\d(T|$)/.test(before) && !Number.isNaN(beforeMs))) return { id, beforeMs };
  return `--before ${JSON.stringify(before)} is no time: give one as 2026-11-20T09:00:00Z, or an age as 7d`;
}

/** The outputs that are meant, or why that can't be said. Letters of an output that is configured no more can be seen and purged, not sent. */
async function outputsMeant(
  { stateDir, outputs }: Configuration,
  wanted: string | undefined,
  action: string,
): Promise<readonly string[] | string> {
  const configured = outputs.map(({ name }) => name);
  const there = await outputsWithLetters(stateDir);
  const known = action === 'replay' ? configured : [...new Set([...there, ...configured])];
  if (wanted === undefined) return there.filter((name) => known.includes(name));
  if (known.includes(wanted)) return [wanted];
  const near = suggestion(wanted, known);
  return `there is no output ${JSON.stringify(wanted)}: ${near ?? `there are ${known.join(', ')}`}`;
}

async function countOf(stateDir: string, outputs: readonly string[], choice: LetterChoice): Promise<number> {
  let count = 0;
  for (const output of outputs)
    for await (const { letter } of lettersOf(stateDir, output))
      if (letter !== undefined && isChosen(choice, letter)) count++;
  return count;
}
