import { actionFor } from './next-step.js';
import type { RunningOutput } from './assemble-lane.js';
import type { FileTable } from './files/file-table.js';
import type { SourceFile } from './files/source-file.js';
import { sumOf } from './lane/figures.js';
import type { Clock } from './types/clock.js';
import type { Configuration } from './types/configuration.js';
import type { AgentStatus, FileStatus, LogCount, OutputStatus, ProbeStatus, Reason } from './types/stats.js';
import type { Checkpoints } from './types/stored.js';
import { unverifiedOutputs } from './unverified-outputs.js';

export interface StatusParts {
  readonly version: string;
  readonly configuration: Configuration;
  readonly startedAtMs: number;
  readonly probes: ProbeStatus;
  readonly outputs: readonly RunningOutput[];
  readonly table: FileTable;
  readonly checkpoints: Checkpoints;
  readonly notices: readonly Reason[];
  readonly configValid: boolean;
  readonly logCounts: readonly LogCount[];
  readonly clock: Clock;
}

const filesShown = 100;
/** A drop is shown for this long, ms (contract, "The listener"). */
const dropShownMs = 5 * 60_000;

/** All that `/health`, `/metrics` and the status page show, gathered when asked. */
export function agentStatus(parts: StatusParts): AgentStatus {
  const { version, configuration, startedAtMs, probes, outputs, table, checkpoints, notices, configValid, logCounts } =
    parts;
  const { durable, lastCommitMs, errors } = checkpoints.status;
  // A file that was given up is shown as long as something read of it is under way.
  const files = [...table.files].filter(
    (file) => file.readable || (file.state === 'gone' && outputs.some(({ lane }) => !lane.isDone(file))),
  );
  return {
    version,
    configHash: configuration.hash,
    startedAtMs,
    ...probes,
    failing: false,
    reasons: [...reasonsOf(parts), ...unverifiedOutputs(outputs), ...table.volumes.reasons, ...notices],
    durable,
    lastCommitMs,
    checkpointErrors: errors,
    configValid,
    outputs: outputs.map((output) => outputStatus(output, checkpoints)),
    files: mostBehind(files, outputs),
    filesTotal: files.length,
    heldBytes: table.heldBytes,
    volume: table.volumes.tightest,
    removed: { files: table.shipped.removedFiles, bytes: table.shipped.removedBytes },
    pinnedBytes: table.pinnedBytes,
    logCounts,
  };
}

function outputStatus({ name, type, lane }: RunningOutput, checkpoints: Checkpoints): OutputStatus {
  return {
    name,
    type,
    delivery: lane.delivery.stats,
    lagBytes: lane.lagBytes,
    lagSeconds: lane.lagSeconds,
    ledger: sumOf([lane.ledger, checkpoints.forgottenLedger(name)]),
    pendingBytes: lane.pendingBytes,
    recordsLeftOut: lane.leftOut,
    droppedBytes: lane.dropped,
    rewound: lane.rewound,
  };
}

function mostBehind(files: readonly SourceFile[], outputs: readonly RunningOutput[]): FileStatus[] {
  const rows = files.map((file) => {
    const lags = outputs.map(({ name, lane }) => {
      const offset = lane.offsetOf(file);
      return [name, { offset, lag_bytes: Math.max(0, file.size - offset - lane.bytesAhead(file)) }] as const;
    });
    return { file, lags, worst: Math.max(0, ...lags.map(([, { lag_bytes }]) => lag_bytes)) };
  });
  rows.sort((a, b) => b.worst - a.worst);
  return rows.slice(0, filesShown).map(({ file, lags }) => ({
    path: file.currentPath,
    // What a header line said follows a blank.
    format: file.format.split(' ', 1)[0]!,
    parsedShare: parsedShare(file, outputs),
    size: file.size,
    state: file.state === 'open' || file.state === 'rotated' ? file.state : 'deleted',
    outputs: Object.fromEntries(lags.map(([name, { offset, lag_bytes }]) => [name, { offset, lagBytes: lag_bytes }])),
  }));
}

/** As the output that has read most of the file since the start saw it. */
function parsedShare(file: SourceFile, outputs: readonly RunningOutput[]): number | undefined {
  let most = { records: 0, parsed: 0 };
  for (const { lane } of outputs) {
    const readings = lane.readingsOf(file);
    if (readings.records > most.records) most = readings;
  }
  return most.records === 0 ? undefined : most.parsed / most.records;
}

function reasonsOf({ outputs, checkpoints, configuration, clock }: StatusParts): Reason[] {
  const reasons: Reason[] = [];
  if (!checkpoints.status.durable) {
    reasons.push({
      code: 'STATE_NOT_DURABLE',
      output: '',
      message: `positions are kept in memory only: ${checkpoints.status.problem}`,
      action: `make ${configuration.stateDir} writable, with free space; it is tried again every 30 s. A restart before that repeats lines`,
    });
  }
  for (const { name, lane } of outputs) {
    const { failing, lastError, state } = lane.delivery.stats;
    if ((failing || state === 'blocked') && lastError !== undefined) {
      reasons.push({
        code: lastError.code,
        output: name,
        message: lastError.message,
        action: actionFor(lastError.code) + whenNext(lane.delivery.nextProbeMs),
      });
    }
    if (lane.droppedAt !== undefined && clock.monotonic() - lane.droppedAt < dropShownMs) {
      const bytes = [...lane.dropped].map(([reason, count]) => `${count} B ${reason}`).join(', ');
      reasons.push({
        code: 'BYTES_DROPPED',
        output: name,
        message: `bytes were dropped since the start: ${bytes}`,
        action: 'see the log for the files and what to change',
      });
    }
  }
  return reasons;
}

/** When a failing output is tried again: a person who has mended it wants to know how long it takes. */
function whenNext(ms: number | undefined): string {
  if (ms === undefined) return '';
  if (ms <= 0) return '; one request is trying it now';
  return `; it waits ${Math.ceil(ms / 1000)} s, then one small request tries it (a reload tries at once)`;
}
