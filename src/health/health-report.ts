import type { AgentStatus, FileStatus, OutputStatus, Reason } from '../types/stats.js';

export type Health = 'ok' | 'degraded' | 'failing';

/** `/health` as the contract writes it down: all keys, always. Times are ISO 8601 in UTC, sizes and lags bytes, `lag_seconds` seconds. */
export interface HealthReport {
  readonly status: Health;
  readonly version: string;
  readonly config_hash: string;
  readonly started_at: string;
  readonly reasons: readonly Reason[];
  readonly state: { readonly durable: boolean; readonly last_commit: string | null };
  readonly outputs: Readonly<Record<string, OutputReport>>;
  readonly files: readonly FileReport[];
  readonly files_total: number;
}

export interface OutputReport {
  readonly type: string;
  readonly state: 'idle' | 'sending' | 'retrying' | 'blocked';
  readonly lag_bytes: number;
  readonly lag_seconds: number;
  readonly in_flight: { readonly requests: number; readonly bytes: number };
  readonly last_success: string | null;
  readonly last_error: {
    readonly code: string;
    readonly message: string;
    readonly at: string;
    readonly count: number;
  } | null;
  readonly ledger: {
    readonly delivered: number;
    readonly dead_lettered: number;
    readonly left_out: number;
    readonly dropped: number;
    readonly pending: number;
  };
}

export interface FileReport {
  readonly path: string;
  readonly format: string;
  /** Of the lines read since the start, the share that a format read, 0 to 1; null before the first. */
  readonly parsed_share: number | null;
  readonly size: number;
  readonly state: FileStatus['state'];
  readonly outputs: Readonly<Record<string, { readonly offset: number; readonly lag_bytes: number }>>;
}

const shownFiles = 100;

/** `full` is false for callers outside loopback: then there are no files, and texts that may hold paths or a server's words are ''. Pure. */
export function healthReport(status: AgentStatus, full: boolean): HealthReport {
  const shown = (text: string): string => (full ? text : '');
  const reasons = reasonsOf(status);
  return {
    status: healthOf(status),
    version: status.version,
    config_hash: status.configHash,
    started_at: isoTime(status.startedAtMs) ?? '',
    reasons: reasons.map(({ code, output, message, action }) => ({
      code,
      output,
      message: shown(message),
      action: shown(action),
    })),
    state: { durable: status.durable, last_commit: isoTime(status.lastCommitMs) },
    outputs: Object.fromEntries(status.outputs.map((output) => [output.name, outputReport(output, shown)])),
    files: full ? status.files.slice(0, shownFiles).map(fileReport) : [],
    files_total: status.filesTotal,
  };
}

/** `failing`: nothing can be shipped at all; `degraded`: there is a reason that a person should know. */
export function healthOf(status: AgentStatus): Health {
  if (status.failing) return 'failing';
  return reasonsOf(status).length > 0 ? 'degraded' : 'ok';
}

/**
 * The agent's reasons, and one for each trouble that its figures show and that it gave none for: `degraded` never stands there without a why.
 * An agent that is failing has said all there is to say.
 */
export function reasonsOf(status: AgentStatus): readonly Reason[] {
  if (status.failing) return status.reasons;
  const reasons = [...status.reasons];
  for (const { name, delivery } of status.outputs) {
    if (!delivery.failing) continue;
    const { code, message } = delivery.lastError ?? { code: 'OUTPUT_UNREACHABLE', message: 'the last attempt failed' };
    if (reasons.some((given) => given.output === name && given.code === code)) continue;
    reasons.push({
      code,
      output: name,
      message,
      action: 'Lines wait in their files. See docs/errors.md for the code.',
    });
  }
  if (!status.durable && !reasons.some(({ code }) => code === 'STATE_NOT_DURABLE')) {
    const message = 'positions are kept in memory only: after a restart, lines may be sent again';
    const action = 'Make PANNIER_STATE_DIR a writable directory with free space.';
    reasons.push({ code: 'STATE_NOT_DURABLE', output: '', message, action });
  }
  return reasons;
}

function outputReport(output: OutputStatus, shown: (text: string) => string): OutputReport {
  const { delivery, ledger } = output;
  const { lastError } = delivery;
  return {
    type: output.type,
    state: delivery.state,
    lag_bytes: output.lagBytes,
    lag_seconds: output.lagSeconds,
    in_flight: { requests: delivery.requestsInFlight, bytes: delivery.bytesInFlight },
    last_success: isoTime(delivery.lastSuccessMs),
    last_error:
      lastError === undefined
        ? null
        : {
            code: lastError.code,
            message: shown(lastError.message),
            at: isoTime(lastError.atMs) ?? '',
            count: lastError.count,
          },
    ledger: {
      delivered: ledger.delivered,
      dead_lettered: ledger.deadLettered,
      left_out: ledger.leftOut,
      dropped: ledger.dropped,
      pending: output.pendingBytes,
    },
  };
}

function fileReport({ path, format, parsedShare, size, state, outputs }: FileStatus): FileReport {
  const byOutput = Object.entries(outputs).map(
    ([name, { offset, lagBytes }]) => [name, { offset, lag_bytes: lagBytes }] as const,
  );
  return {
    path,
    format,
    parsed_share: parsedShare === undefined ? null : roundedShare(parsedShare),
    size,
    state,
    outputs: Object.fromEntries(byOutput),
  };
}

/** Four digits behind the point, and never 1 while a line was not parsed. */
const roundedShare = (share: number): number => Math.floor(share * 10_000) / 10_000;

const lastMs = 8.64e15;

/** null for no time, and for a number that is none. */
function isoTime(ms: number | undefined): string | null {
  return ms !== undefined && Math.abs(ms) <= lastMs ? new Date(ms).toISOString() : null;
}
