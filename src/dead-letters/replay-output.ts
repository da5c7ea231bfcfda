import { assembleProcessing } from '../assemble-processing.js';
import { configuredFormat } from '../configured-format.js';
import type { DeadLetters } from '../delivery/dead-letters.js';
import type { Destination } from '../delivery/destination.js';
import { joiningOf } from '../joining.js';
import { parsersOf } from '../parsers-of.js';
import type { ItemLayout } from '../types/batch.js';
import type { Clock } from '../types/clock.js';
import type { Configuration, OutputConfiguration } from '../types/configuration.js';
import { slotSize } from '../types/lane-size.js';
import type { Log } from '../types/log.js';
import type { LetterChoice } from './choice.js';
import { LetterReader } from './letter-reader.js';
import { replay, type Replayed } from './replay.js';

/** An output as its letters are sent to it. */
export interface OutputOfLetters {
  readonly configuration: Configuration;
  readonly settings: OutputConfiguration;
  readonly letters: DeadLetters;
  /** Its words hold no secrets, and requests take their turns with the lane's where they must. */
  readonly destination: Destination;
  readonly item: ItemLayout;
  /** The agent's own root members. */
  readonly statics: Readonly<Record<string, unknown>>;
  readonly birthMsOf: (fileId: string) => number | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** Replays letters of an output by the configuration as it is now. */
export async function replayOutput(of: OutputOfLetters, choice: LetterChoice, signal: AbortSignal): Promise<Replayed> {
  const { configuration, settings, letters, destination, item, birthMsOf, clock, log } = of;
  const { pipeline, statics } = await assembleProcessing(settings.processing, of.statics, item.parts.includes('line'));
  const { maxLineBytes, timezone, drainTimeoutMs } = configuration;
  const slotBytes = slotSize(settings.batchMaxBytes, destination.limits.recordBytes, maxLineBytes);
  const own = await configuredFormat(configuration.format);
  const makeParser = parsersOf(configuration, slotBytes, await joiningOf(configuration), own);
  const reader = new LetterReader({ item, makeParser, pipeline, statics, timezone, birthMsOf });
  const { name: output, batchMaxBytes } = settings;
  return replay(
    {
      output,
      letters,
      destination,
      item,
      reader,
      statics,
      batchMaxBytes,
      maxLineBytes,
      patienceMs: drainTimeoutMs,
      clock,
      log,
    },
    choice,
    signal,
  );
}
