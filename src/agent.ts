import { agentStatus } from './agent-status.js';
import { assembleLane, type RunningOutput } from './assemble-lane.js';
import { FileTable } from './files/file-table.js';
import type { SourceFile } from './files/source-file.js';
import type { Lane } from './lane/lane.js';
import { LogCounts } from './lane/log-counts.js';
import { systemFiles } from './files/file-system.js';
import type { OutputLetters } from './output-letters.js';
import { pinTagOf } from './files/pins/pin-name.js';
import { staticMembers } from './processing/static-members.js';
import { ownStreams } from './own-streams.js';
import { endJourneys, replacedGraceMs, type Journey } from './journey.js';
import { restartLane } from './restart-lane.js';
import type { Surroundings } from './surroundings.js';
import { Turns } from './turns.js';
import type { Clock } from './types/clock.js';
import type { Configuration, OutputConfiguration } from './types/configuration.js';
import type { OutputClosedError } from './types/errors.js';
import type { Log } from './types/log.js';
import type { AgentStatus, ProbeStatus, Reason } from './types/stats.js';
import { ControlError } from './types/control.js';
import type { Checkpoints, StoredCursor } from './types/stored.js';

export interface AgentOptions {
  readonly configuration: Configuration;
  readonly surroundings: Surroundings;
  readonly checkpoints: Checkpoints;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
}

/** How often it is noted that the outputs are still in use, ms. */
const nameEveryMs = 60 * 60_000;

/**
 * The agent as a whole: the file table, and a lane for each output. `start` → (`reload` …) → `stop`, and then it is disposed of; checkpoints
 * and listener belong to the caller and outlive it.
 */
export class Agent {
  ready = false;
  /** Set when an output is over for good (the reader of stdout went away). */
  closed: { readonly error: OutputClosedError; readonly output: string } | undefined;
  /** A lane ended by a bug: its output ships no more. */
  failed = false;
  /** Called when `closed` or `failed` is set. */
  onClosed: () => void = () => {};
  readonly table: FileTable;
  private configuration: Configuration;
  private journeys: Journey[] = [];
  private namer: NodeJS.Timeout | undefined;
  private readonly startedAtMs: number;
  private readonly logCounts = new LogCounts();
  private readonly turns = new Turns();
  /** What concerns no output: the listener, a refused reload. By code. */
  readonly notices = new Map<string, Reason>();

  constructor(private readonly options: AgentOptions) {
    const { configuration, checkpoints, clock, log } = options;
    this.configuration = configuration;
    this.startedAtMs = clock.now();
    this.table = new FileTable({
      paths: configuration.paths,
      exclude: configuration.exclude,
      ownFolders: [configuration.stateDir],
      ownFiles: () => this.ownFiles(),
      fs: systemFiles,
      clock,
      log,
      holdMaxBytes: configuration.holdMaxBytes,
      holdMaxAgeMs: configuration.holdMaxAgeMs,
      holdGraceMs: configuration.holdGraceMs,
      forgetAfterMs: configuration.forgetAfterMs,
      pin: configuration.pin,
      volumeLimit: configuration.volumeLimit,
      deleteShipped: configuration.deleteShipped,
      pinTag: pinTagOf(configuration),
      stored: checkpoints.state.files,
      store: checkpoints,
    });
  }

  /** What is in force. */
  get settings(): Configuration {
    return this.configuration;
  }

  /** The lanes at work: not that of an output that is over. */
  get lanes(): readonly Lane[] {
    return this.journeys.map(({ running }) => running.lane).filter(({ name }) => name !== this.closed?.output);
  }

  /** The dead letters of an output; undefined: there is no such output. */
  lettersOf(output: string): OutputLetters | undefined {
    return this.journeys.find(({ running }) => running.name === output)?.running.letters;
  }

  /** Finds the files and starts the lanes. Resolves when it is ready: positions known, first scan done, folders watched. */
  async start(): Promise<void> {
    const { cursors } = this.options.checkpoints.state;
    await this.assemble((output) => cursors.get(output) ?? new Map<string, StoredCursor>());
    await this.table.start();
    // Taken at once: what is written, or made, while positions are set is not left out.
    await this.applyStartAt(this.sizes());
    this.run();
    this.namer = setInterval(() => this.nameOutputs(), nameEveryMs);
    await this.table.watching();
    this.ready = true;
    const outputs = this.journeys.map(({ running }) => running.name);
    this.options.log.info({ outputs, paths: this.configuration.paths, files: [...this.table.files].length }, 'started');
  }

  /** Applies another configuration: all of it but the state directory and the listener. Positions go on. */
  reload(configuration: Configuration): Promise<void> {
    return this.turns.take(() => this.reloadNow(configuration));
  }

  /**
   * Ends one output's lane and starts it again with the cursors that `change` makes of some of its own; they are on the disk, or could not be written,
   * before the first read. Nobody else notices: until the new lane is there, the old one tells the file table what it still needs.
   * @throws ControlError when the agent is about to end, or has no such lane
   */
  restartLane(
    name: string,
    change: (cursors: ReadonlyMap<string, StoredCursor>) => Promise<ReadonlyMap<string, StoredCursor>>,
  ): Promise<void> {
    return this.turns.take(async () => {
      const former = this.journeys.find(({ running }) => running.name === name);
      if (this.turns.closed) throw new ControlError(409, 'the agent is about to end; try again when it has');
      if (former === undefined || name === this.closed?.output)
        throw new ControlError(404, `there is no output ${name}`);
      const { checkpoints } = this.options;
      this.runOne(
        await restartLane({ former, change, checkpoints, replace: (cursors) => this.replace(former, cursors) }),
      );
    });
  }

  /** No lane is replaced from now on; resolves when none is being replaced. */
  settle(): Promise<void> {
    return this.turns.close();
  }

  private async reloadNow(configuration: Configuration): Promise<void> {
    const former = this.journeys;
    const cursors = new Map(former.map(({ running }) => [running.name, running.lane.storedCursors()] as const));
    await endJourneys(former, replacedGraceMs);
    const formerConfiguration = this.configuration;
    this.configuration = configuration;
    const stored = this.options.checkpoints.state.cursors;
    const assemble = (): Promise<void> =>
      this.assemble(
        (output) => cursors.get(output) ?? stored.get(output) ?? new Map<string, StoredCursor>(),
        former.map(({ running }) => running.lane),
      );
    const exchange = async (): Promise<void> => {
      for (const { running } of former) {
        cursors.set(running.name, running.lane.handOver());
        this.table.removeReader(running.lane);
        await running[Symbol.asyncDispose]();
      }
      try {
        await assemble();
      } catch (error) {
        this.configuration = formerConfiguration;
        await assemble().catch((again: unknown) => {
          throw new Error('neither the new nor the former outputs can be made', { cause: again });
        });
        throw error;
      }
    };
    try {
      await this.table.betweenScans(exchange);
    } catch (error) {
      this.meetFiles(this.journeys);
      this.run();
      throw error;
    }
    const known = new Set(former.map(({ running }) => running.name));
    await this.table.reconfigure(configuration);
    this.meetFiles(this.journeys);
    const sizes = this.sizes();
    for (const { running } of this.journeys) {
      if (!known.has(running.name) && !stored.has(running.name)) await this.skipWhereAsked(running, undefined, sizes);
    }
    this.run();
    this.options.log.info({ outputs: this.journeys.map(({ running }) => running.name) }, 'reloaded the configuration');
  }

  /** Stops filling batches, waits up to `graceMs` for those under way, commits. */
  async stop(graceMs: number): Promise<void> {
    await endJourneys(this.journeys, graceMs);
    await this.options.checkpoints.commit();
  }

  /** Stops at once: what is under way is given up and read again at the next start. */
  abandon(): void {
    for (const { stop, abandon } of this.journeys) {
      stop.abort();
      abandon.abort();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.namer);
    this.abandon();
    await Promise.all(this.journeys.map(({ done }) => done));
    await this.table[Symbol.asyncDispose]();
    for (const { running } of this.journeys) await running[Symbol.asyncDispose]();
  }

  get probes(): ProbeStatus {
    return { ready: this.ready, live: this.journeys.every(({ running }) => !running.lane.isWedged) };
  }

  status(configValid: boolean): AgentStatus {
    const { checkpoints, clock, version } = this.options;
    this.table.lookNow();
    return agentStatus({
      version,
      configuration: this.configuration,
      startedAtMs: this.startedAtMs,
      probes: this.probes,
      outputs: this.journeys.map(({ running }) => running),
      table: this.table,
      checkpoints,
      notices: [...this.notices.values()],
      configValid,
      logCounts: this.configuration.logMetrics ? this.logCounts.counts : [],
      clock,
    });
  }

  // ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  private async assemble(
    cursorsOf: (output: string) => ReadonlyMap<string, StoredCursor>,
    former: readonly Lane[] = [],
  ): Promise<void> {
    const { configuration } = this;
    const journeys: Journey[] = [];
    this.journeys = journeys;
    try {
      for (const output of configuration.outputs) {
        const own = former.find(({ name }) => name === output.name);
        journeys.push(await this.assembleOne(output, () => cursorsOf(output.name), own));
      }
    } catch (error) {
      this.journeys = [];
      for (const { running } of journeys) await running[Symbol.asyncDispose]();
      throw error;
    }
    for (const { running } of journeys) this.table.addReader(running.lane);
    this.nameOutputs();
  }

  private async assembleOne(
    output: OutputConfiguration,
    cursors: () => ReadonlyMap<string, StoredCursor>,
    former: Lane | undefined,
  ): Promise<Journey> {
    const { configuration, table } = this;
    const { surroundings, checkpoints, clock, log, version } = this.options;
    const origin = await surroundings.origin(configuration);
    const running = await assembleLane({
      configuration,
      output,
      origin,
      statics: staticMembers(origin, configuration.fields),
      checkpoints,
      cursors,
      former,
      table,
      // Once per record: the first output reads for all.
      logCounts: configuration.logMetrics && output === configuration.outputs[0] ? this.logCounts : undefined,
      clock,
      log,
      version,
      onClosed: (error) => {
        this.closed = { error, output: output.name };
        this.onClosed();
      },
    });
    return { running, stop: new AbortController(), abandon: new AbortController(), done: Promise.resolve() };
  }

  /** Puts a new lane in the place of one that has ended. When it can't be made, the agent ends: nothing would ship for that output any more. */
  private async replace(former: Journey, cursors: () => ReadonlyMap<string, StoredCursor>): Promise<Journey> {
    const { name, lane } = former.running;
    const output = this.configuration.outputs.find((other) => other.name === name)!;
    try {
      const journey = await this.assembleOne(output, cursors, lane).catch(() =>
        this.assembleOne(output, cursors, lane),
      );
      this.journeys = this.journeys.map((other) => (other === former ? journey : other));
      this.table.removeReader(lane);
      this.table.addReader(journey.running.lane);
      this.meetFiles([journey]);
      return journey;
    } catch (error) {
      this.fail(name, error, 'an output could not be started again');
      throw error;
    }
  }

  /**
   * START_AT=end: at the very first start, what the files hold now is left out, in one synced batch before anything is read. An output that is added later
   * follows only its own setting. A store that was set aside starts at the beginning: in doubt, ship.
   */
  private async applyStartAt(sizes: ReadonlyMap<SourceFile, number>): Promise<void> {
    const { state } = this.options.checkpoints;
    for (const { running } of this.journeys) {
      if (state.fresh === 'new') await this.skipWhereAsked(running, this.configuration.startAt, sizes);
      else if (state.fresh === 'found' && !state.outputs.has(running.name))
        await this.skipWhereAsked(running, undefined, sizes);
    }
    await this.options.checkpoints.commit();
  }

  /** Says which outputs are in use; what a removed one left behind is forgotten some time after the last call that named it. */
  private nameOutputs(): void {
    const { outputs, forgetAfterMs } = this.configuration;
    this.options.checkpoints.nameOutputs(
      outputs.map(({ name }) => name),
      forgetAfterMs,
    );
  }

  private sizes(): ReadonlyMap<SourceFile, number> {
    return new Map([...this.table.files].filter((file) => file.readable).map((file) => [file, file.size]));
  }

  /** New lanes are told of the files that are known. */
  private meetFiles(journeys: readonly Journey[]): void {
    for (const { running } of journeys)
      for (const file of this.table.files) if (file.state !== 'gone') running.lane.added(file);
  }

  private async skipWhereAsked(
    running: RunningOutput,
    otherwise: 'beginning' | 'end' | undefined,
    sizes: ReadonlyMap<SourceFile, number>,
  ): Promise<void> {
    const own = this.configuration.outputs.find(({ name }) => name === running.name)?.startAt;
    if ((own ?? otherwise) !== 'end') return;
    for (const [file, size] of sizes) await running.lane.skipTo(file, size);
  }

  private run(): void {
    for (const journey of this.journeys) this.runOne(journey);
  }

  private runOne(journey: Journey): void {
    const { lane } = journey.running;
    journey.done = lane
      .run(journey.stop.signal, journey.abandon.signal)
      .catch((error: unknown) => this.fail(lane.name, error, 'a lane ended by a bug; please report it'));
  }

  private fail(output: string, error: unknown, message: string): void {
    this.options.log.error({ code: 'INTERNAL', output, err: error }, message);
    this.failed = true;
    this.onClosed();
  }

  /** Files Pannier writes: those of its outputs, and its own streams where they are files. */
  private async ownFiles(): Promise<readonly { readonly device: string; readonly inode: string }[]> {
    const own = await Promise.all(this.journeys.map(async ({ running }) => (await running.output.ownFiles?.()) ?? []));
    return [...own.flat(), ...ownStreams()];
  }
}
