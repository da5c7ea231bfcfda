import { lookInto, storeDir } from '../../checkpoints/state-dir.js';
import { openCheckpoints } from '../../checkpoints/checkpoints.js';
import { FileTable } from '../../files/file-table.js';
import { systemFiles } from '../../files/file-system.js';
import { pinTagOf } from '../../files/pins/pin-name.js';
import { restingPins } from '../../files/pins/pin-system.js';
import { placeOf } from '../../files/place.js';
import type { Reader } from '../../files/reader.js';
import { moveOne, positionOf } from '../../live-positions.js';
import { systemClock as clock } from '../../types/clock.js';
import type { Configuration } from '../../types/configuration.js';
import type { Log } from '../../types/log.js';
import type { Found, Move, Moved, Position, Positions, Rewound, Search } from '../../types/positions.js';
import type { Checkpoints, StoredCursor } from '../../types/stored.js';

/**
 * The positions in a state directory that no agent has now. Files are found again as an agent would find them, by the same code, but only cursors
 * are written. It holds the directory's lock until it is disposed of, so that no agent starts in between.
 */
export class StoredPositions implements Positions, AsyncDisposable {
  readonly outputs: readonly string[];

  private constructor(
    private readonly checkpoints: Checkpoints,
    private readonly table: FileTable,
    private readonly configuration: Configuration,
  ) {
    this.outputs = configuration.outputs.map(({ name }) => name);
  }

  /**
   * undefined: there are no positions, and nothing is made; an agent's first start is to stay that.
   * @throws AgentError STATE_LOCKED; an Error when the directory can't be used
   */
  static async open(configuration: Configuration, log: Log): Promise<StoredPositions | undefined> {
    const { stateDir } = configuration;
    const found = await lookInto(storeDir(stateDir)).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'none' as const;
      throw error;
    });
    if (found === 'none') return undefined;
    const checkpoints = await openCheckpoints({
      stateDir,
      commitIntervalMs: configuration.commitIntervalMs,
      log,
      clock,
    });
    try {
      if (!checkpoints.status.durable) throw new Error(checkpoints.status.problem);
      const table = new FileTable({
        ...configuration,
        ownFolders: [stateDir],
        ownFiles: () => Promise.resolve([]),
        fs: systemFiles,
        pin: 'off',
        pinTag: pinTagOf(configuration),
        pinSystem: restingPins(),
        clock,
        log,
        stored: checkpoints.state.files,
        // What is found now the next agent finds by itself.
        store: { putFiles: () => Promise.resolve(), forget: () => {} },
      });
      for (const { name } of configuration.outputs)
        table.addReader(new RestingLane(name, checkpoints.state.cursors.get(name) ?? new Map<string, StoredCursor>()));
      await table.start();
      return new StoredPositions(checkpoints, table, configuration);
    } catch (error) {
      await checkpoints[Symbol.asyncDispose]();
      throw error;
    }
  }

  async *positions(): AsyncIterable<Position> {
    for (const output of this.outputs) {
      const cursors = this.checkpoints.state.cursors.get(output);
      for (const file of this.table.files) {
        const row = positionOf(output, file, cursors?.get(file.fileId)?.offset ?? 0);
        if (row !== undefined) yield await Promise.resolve(row);
      }
    }
  }

  async find(ms: number, files: readonly Search[]): Promise<ReadonlyMap<string, Found>> {
    const { TimeFinder } = await import('./find-time.js');
    const finder = await TimeFinder.open(this.configuration);
    const known = new Map([...this.table.files].map((file) => [file.fileId, positionOf('', file, 0)]));
    const found = new Map<string, Found>();
    for (const { fileId, upTo } of files) {
      const position = known.get(fileId);
      if (position !== undefined) found.set(fileId, await finder.find(position, upTo, ms));
    }
    return found;
  }

  async rewind(output: string, moves: readonly Move[]): Promise<Rewound> {
    const files = new Map([...this.table.files].map((file) => [file.fileId, file]));
    const cursors = this.checkpoints.state.cursors.get(output) ?? new Map<string, StoredCursor>();
    const changed = new Map<string, StoredCursor>();
    const moved: Moved[] = [];
    for (const move of moves) moved.push(await moveOne(move, files, cursors, changed));
    for (const [fileId, cursor] of changed) this.checkpoints.putCursor(output, fileId, cursor);
    await this.checkpoints.commit();
    return { moved, durable: this.checkpoints.status.durable };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.table[Symbol.asyncDispose]();
    await this.checkpoints[Symbol.asyncDispose]();
  }
}

/** What the file table hears of an output that does not run: how far it has come. */
class RestingLane implements Reader {
  constructor(
    readonly name: string,
    private readonly cursors: ReadonlyMap<string, StoredCursor>,
  ) {}

  position(fileId: string) {
    const cursor = this.cursors.get(fileId);
    return cursor && placeOf(cursor);
  }

  /** Never: nothing is to be let go while it is looked at. */
  isDone(): boolean {
    return false;
  }

  added(): void {}
  changed(): void {}
  drop(): void {}
  lost(): void {}
  forgotten(): void {}
}
