import { outputs as registry } from '../../../outputs/registry.js';
import { assembleProcessing } from '../../assemble-processing.js';
import { holding } from '../../checkpoints/hold.js';
import type { LetterChoice } from '../../dead-letters/choice.js';
import { purge, type Purged } from '../../dead-letters/purge.js';
import { replayOutput } from '../../dead-letters/replay-output.js';
import type { Replayed } from '../../dead-letters/replay.js';
import { DeadLetters } from '../../delivery/dead-letters.js';
import { redactedDestination } from '../../delivery/redacted-destination.js';
import { staticMembers } from '../../processing/static-members.js';
import { Surroundings } from '../../surroundings.js';
import { systemClock as clock } from '../../types/clock.js';
import type { Configuration } from '../../types/configuration.js';
import { silentLog } from '../../types/log.js';
import type { Env } from '../cli.js';

declare const PANNIER_VERSION: string;

/**
 * Replays the letters of an output while no agent runs: the command takes the state directory for that time.
 * @throws AgentError STATE_LOCKED when somebody has it after all
 */
export async function replayAtRest(
  configuration: Configuration,
  output: string,
  choice: LetterChoice,
  env: Env,
  signal: AbortSignal,
): Promise<Replayed> {
  const settings = configuration.outputs.find(({ name }) => name === output);
  const type = settings && registry[settings.type];
  if (settings === undefined || type === undefined) throw new RangeError(`there is no output ${output}`);
  await using surroundings = await Surroundings.open(env, silentLog, () => {});
  const origin = await surroundings.origin(configuration);
  const statics = staticMembers(origin, configuration.fields);
  await using letters = lettersAt(configuration, output);
  const { batchMaxBytes } = settings;
  const context = { name: output, settings: settings.settings, batchMaxBytes, origin, version: PANNIER_VERSION };
  await using destination = await type.create(context);
  const { redactor } = await assembleProcessing(settings.processing, statics, false);
  const of = {
    configuration,
    settings,
    letters,
    destination: redactor === undefined ? destination : redactedDestination(destination, (text) => redactor.any(text)),
    item: destination.item,
    statics,
    birthMsOf: () => undefined,
    clock,
    log: silentLog,
  };
  return await holding(configuration.stateDir, () => replayOutput(of, choice, signal));
}

/** As `replayAtRest`. */
export async function purgeAtRest(
  configuration: Configuration,
  output: string,
  choice: LetterChoice,
  signal: AbortSignal,
): Promise<Purged> {
  await using letters = lettersAt(configuration, output);
  return await holding(configuration.stateDir, () => purge(letters, choice, signal));
}

const lettersAt = ({ stateDir, deadLetterMaxBytes: maxBytes }: Configuration, output: string): DeadLetters =>
  new DeadLetters({ stateDir, output, maxBytes });
