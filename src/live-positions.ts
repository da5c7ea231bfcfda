import type { Agent } from './agent.js';
import { rewound } from './lane/rewind.js';
import type { SourceFile } from './files/source-file.js';
import { ControlError } from './types/control.js';
import type { Move, Moved, Position, Positions, Rewound } from './types/positions.js';
import type { Checkpoints, StoredCursor } from './types/stored.js';

/** The positions of a running agent. A lane whose positions move is stopped for it: what is under way would move them on again. */
export class LivePositions implements Omit<Positions, 'find'> {
  constructor(
    private readonly agent: Agent,
    private readonly checkpoints: Checkpoints,
  ) {}

  get outputs(): readonly string[] {
    return this.agent.lanes.map(({ name }) => name);
  }

  async *positions(): AsyncIterable<Position> {
    this.agent.table.lookNow();
    for (const { name } of this.agent.lanes) {
      for (const file of [...this.agent.table.files]) {
        // Asked each time: a lane may have been replaced since the last row was taken.
        const lane = this.agent.lanes.find((other) => other.name === name);
        const row = lane && positionOf(name, file, lane.offsetOf(file));
        if (row !== undefined) yield await Promise.resolve(row);
      }
    }
  }

  /** A file's place, whatever the output. */
  positionOf(fileId: string): Position | undefined {
    const file = [...this.agent.table.files].find((other) => other.fileId === fileId);
    return file && positionOf('', file, 0);
  }

  /** @throws ControlError when it can't be done now */
  async rewind(output: string, moves: readonly Move[]): Promise<Rewound> {
    const { agent } = this;
    if (!agent.ready) throw new ControlError(409, 'the agent is starting; try again in a moment');
    if (!this.outputs.includes(output)) throw new ControlError(404, `this agent has no output ${output}`);
    const moved: Moved[] = [];
    await agent.restartLane(output, async (cursors) => {
      const files = new Map([...agent.table.files].map((file) => [file.fileId, file]));
      const changed = new Map<string, StoredCursor>();
      for (const move of moves) moved.push(await moveOne(move, files, cursors, changed));
      return changed;
    });
    return { moved, durable: this.checkpoints.status.durable };
  }
}

/** undefined: its bytes are not to be had any more, so there is no position to speak of. */
export function positionOf(output: string, file: SourceFile, offset: number): Position | undefined {
  const { fileId, path, currentPath, state, size, device, inode, packed, mtimeMs } = file;
  if (state === 'gone') return undefined;
  const format = file.format;
  return { output, fileId, path, currentPath, state, offset, size, device, inode, packed, format, mtimeMs };
}

/** Works out one move; a cursor that it changes is put into `changed`. */
export async function moveOne(
  { fileId, offset }: Move,
  files: ReadonlyMap<string, SourceFile>,
  cursors: ReadonlyMap<string, StoredCursor>,
  changed: Map<string, StoredCursor>,
): Promise<Moved> {
  const file = files.get(fileId);
  const cursor = cursors.get(fileId);
  const from = cursor?.offset ?? 0;
  const stays = (problem: string): Moved => ({ fileId, from, to: from, problem });
  if (cursor === undefined || offset >= from) return stays('');
  if (file?.readable !== true) return stays('its bytes can not be had any more');
  try {
    const next = await rewound(file, cursor, offset);
    if (next === undefined) return stays('');
    changed.set(fileId, next);
    return { fileId, from, to: next.offset, problem: '' };
  } catch (error) {
    return stays(error instanceof Error ? error.message : String(error));
  }
}
