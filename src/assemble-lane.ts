import type { Output } from '../outputs/output.js';
import { outputs } from '../outputs/registry.js';
import { DeadLetters } from './delivery/dead-letters.js';
import { assembleProcessing } from './assemble-processing.js';
import { configuredFormat } from './configured-format.js';
import { Delivery } from './delivery/delivery.js';
import { pacedBatchBytes } from './delivery/rate-limit.js';
import { redactedDestination } from './delivery/redacted-destination.js';
import { takingTurns } from './delivery/taking-turns.js';
import { DocumentWriter } from './kernel/document.js';
import { Lane } from './lane/lane.js';
import type { LaneBatch } from './lane/lane-batch.js';
import type { LogCounts } from './lane/log-counts.js';
import { LaneMemory } from './lane/memory.js';
import { joiningOf } from './joining.js';
import { lineNames } from './line-names.js';
import type { FileTable } from './files/file-table.js';
import { outputLetters, type OutputLetters } from './output-letters.js';
import { parsersOf } from './parsers-of.js';
import type { Clock } from './types/clock.js';
import type { Configuration, OutputConfiguration } from './types/configuration.js';
import type { OutputClosedError } from './types/errors.js';
import type { Log } from './types/log.js';
import { mostRecords, slotSize } from './types/lane-size.js';
import type { Origin } from './types/record.js';
import type { Checkpoints, StoredCursor } from './types/stored.js';

export interface LaneParts {
  readonly configuration: Configuration;
  readonly output: OutputConfiguration;
  readonly origin: Origin;
  readonly statics: Readonly<Record<string, unknown>>;
  readonly checkpoints: Checkpoints;
  /** The output's cursors as they are now; asked when the lane is made. */
  readonly cursors: () => ReadonlyMap<string, StoredCursor>;
  readonly table: FileTable;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** Counts the records that this lane reads. */
  readonly logCounts: LogCounts | undefined;
  readonly onClosed: (error: OutputClosedError) => void;
  /** The lane that this one takes over from after a reload: its counters go on. */
  readonly former: Lane | undefined;
}

/** An output at work: its lane, its destination, its dead letters. Disposed of when its lane has ended. */
export interface RunningOutput extends AsyncDisposable {
  readonly name: string;
  readonly type: string;
  readonly lane: Lane;
  readonly output: Output;
  readonly letters: OutputLetters;
}

/**
 * Builds the lane of one output. Memory, all of it allocated here: one read area (256 KiB or the longest line), one slot for each request in
 * flight and one more to fill, and one for the plain forms of refused records.
 */
export async function assembleLane(parts: LaneParts): Promise<RunningOutput> {
  const { configuration, output: settings, origin, clock, log, checkpoints, logCounts } = parts;
  const type = outputs[settings.type];
  if (type === undefined) throw new RangeError(`unknown output type ${settings.type}`);
  const { name, batchMaxBytes, batchMaxWaitMs } = settings;
  const output = await type.create({
    name,
    settings: settings.settings,
    batchMaxBytes,
    origin,
    version: parts.version,
  });
  const deadLetters = new DeadLetters({
    stateDir: configuration.stateDir,
    output: name,
    maxBytes: configuration.deadLetterMaxBytes,
  });

  const sendsLine = output.item.parts.includes('line');
  const { pipeline, redactor, statics } = await assembleProcessing(settings.processing, parts.statics, sendsLine);
  const document = new DocumentWriter(statics);
  const records = Math.min(mostRecords, output.limits.batchRecords);
  const batchBytes = Math.min(batchMaxBytes, output.limits.batchBytes);
  const bytes = slotSize(batchBytes, output.limits.recordBytes, configuration.maxLineBytes);
  const limits = { ...output.limits, batchRecords: records };
  const memory = new LaneMemory({
    item: output.item,
    document,
    names: lineNames,
    limits,
    maxLineBytes: configuration.maxLineBytes,
    slotBytes: bytes,
    inFlight: output.ordered ? 1 : output.concurrency,
  });

  const own = takingTurns(output);
  const destination = redactor === undefined ? own : redactedDestination(own, (text) => redactor.any(text));
  const letters = outputLetters({
    configuration,
    settings,
    letters: deadLetters,
    destination,
    item: output.item,
    statics: parts.statics,
    birthMsOf: (fileId) => [...parts.table.files].find((file) => file.fileId === fileId)?.birthMs,
    clock,
    log,
  });

  const lane = new Lane({
    name,
    type: settings.type,
    limits,
    memory,
    makeParser: parsersOf(
      configuration,
      bytes,
      await joiningOf(configuration),
      await configuredFormat(configuration.format),
    ),
    batchMaxBytes: pacedBatchBytes(batchMaxBytes, settings.rateLimit),
    batchMaxWaitMs,
    maxLineBytes: configuration.maxLineBytes,
    partialLineTimeoutMs: configuration.partialLineTimeoutMs,
    groupTimeoutMs: configuration.multilineTimeoutMs,
    catchUp: settings.catchUp,
    cursors: parts.cursors(),
    former: parts.former,
    putCursor: (fileId, cursor) => checkpoints.putCursor(name, fileId, cursor),
    learned: (file) => parts.table.touch(file),
    looks: parts.table,
    levelsOf: logCounts && ((path) => logCounts.levelsOf(path)),
    pipeline,
    clock,
    log,
    delivery: (owner) =>
      new Delivery<LaneBatch>({
        name,
        destination,
        deadLetters,
        redactLine: redactor && ((line) => redactor.bytes(line) ?? line),
        fallback: memory.fallback,
        rateLimit: settings.rateLimit,
        ...(parts.former === undefined ? {} : { stats: parts.former.delivery.stats }),
        clock,
        random: Math.random,
        log,
        onSettled: (batch) => owner.settled(batch),
        onAbandoned: () => owner.abandoned(),
        onBatchLimit: (limit) => owner.lowerBatchBytes(limit),
        onClosed: parts.onClosed,
      }),
  });
  return {
    name,
    type: settings.type,
    lane,
    output,
    letters,
    [Symbol.asyncDispose]: async () => {
      await letters[Symbol.asyncDispose]();
      await deadLetters[Symbol.asyncDispose]();
      await output[Symbol.asyncDispose]();
    },
  };
}
