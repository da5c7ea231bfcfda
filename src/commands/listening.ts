import type { Agent } from '../agent.js';
import { startListener, type Listener, type ListenerOptions } from '../health/listener.js';
import { systemClock as clock } from '../types/clock.js';
import type { Configuration } from '../types/configuration.js';
import type { Log } from '../types/log.js';
import type { AgentStatus, Reason } from '../types/stats.js';
import type { RunOptions } from './run.js';

type ListenerSettings = Pick<Configuration, 'listen' | 'statusPublic' | 'control'>;

/** Serves health and metrics, and takes `/quit` and `/reload`; undefined where PANNIER_LISTEN is off. */
export async function listen(
  configuration: ListenerSettings,
  { requests }: RunOptions,
  log: Log,
  told: Pick<ListenerOptions, 'probes' | 'status'>,
): Promise<Listener | undefined> {
  if (configuration.listen === undefined) return undefined;
  return startListener({
    listen: configuration.listen,
    statusPublic: configuration.statusPublic,
    control: configuration.control,
    ...told,
    onQuit: () => requests.stop('POST /quit'),
    onReload: () => requests.reload('POST /reload'),
    log,
    clock,
  });
}

/** A port that is taken never stops shipping; it is shown. */
export function note(agent: Agent, listener: Listener | undefined): void {
  const problem = listener?.problem ?? '';
  if (problem === '') agent.notices.delete('LISTEN_FAILED');
  else {
    agent.notices.set('LISTEN_FAILED', {
      code: 'LISTEN_FAILED',
      output: '',
      message: problem,
      action: 'free the port or set PANNIER_LISTEN to another; it is tried again every 10 s',
    });
  }
}

/** Shows a fatal problem in `/health` while the program waits for it to be mended. */
export class Survivor {
  private listener: Listener | undefined;
  private reason: Reason | undefined;
  private readonly startedAtMs = clock.now();

  constructor(private readonly options: RunOptions) {}

  async show(survival: ListenerSettings, reason: Reason, log: Log): Promise<void> {
    this.reason = reason;
    this.listener ??= await listen(survival, this.options, log, {
      probes: () => this.status(),
      status: () => this.status(),
    });
  }

  async close(): Promise<void> {
    await this.listener?.[Symbol.asyncDispose]();
    this.listener = undefined;
  }

  private status(): AgentStatus {
    return {
      version: this.options.version,
      configHash: '',
      startedAtMs: this.startedAtMs,
      ready: true,
      live: true,
      failing: true,
      reasons: this.reason === undefined ? [] : [this.reason],
      durable: false,
      lastCommitMs: undefined,
      checkpointErrors: 0,
      configValid: false,
      outputs: [],
      files: [],
      filesTotal: 0,
      heldBytes: 0,
      volume: undefined,
      removed: { files: 0, bytes: 0 },
      pinnedBytes: 0,
      logCounts: [],
    };
  }
}
