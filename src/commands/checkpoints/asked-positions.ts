import {
  mostSearched,
  type Found,
  type Move,
  type Moved,
  type Position,
  type Positions,
  type Rewound,
  type Search,
} from '../../types/positions.js';
import { askSocket, refusalOf } from '../ask-socket.js';
import { mostMoves } from './position-routes.js';

/** Waits for batches under way to be answered, for a busy disk, for the other work of a lane. */
const idleMs = 60_000;

/** A running agent could not be asked, or would not do it; the message is for a person. */
export class AskError extends Error {}

/**
 * The positions of the running agent, asked through its control socket. undefined: nobody listens there.
 * @throws AskError when there is an agent that does not answer as one does
 */
export async function askPositions(stateDir: string): Promise<Positions | undefined> {
  const rows: Position[] = [];
  let outputs: readonly string[] | undefined;
  let failure: string | undefined;
  const answer = await askSocket(stateDir, {
    route: 'POST /checkpoints/list',
    idleMs,
    // The first line names the outputs; a last one may say why there are no more.
    onLine: (line) => {
      if (!isObject(line)) return;
      if (Array.isArray(line['outputs'])) outputs = line['outputs'].filter((name) => typeof name === 'string');
      else if ('error' in line) failure = refusalOf(line);
      else rows.push(line as unknown as Position);
    },
  });
  if (answer.kind === 'nobody') return undefined;
  if (answer.kind === 'barred') throw new AskError(answer.why);
  if (answer.code !== 200 || outputs === undefined || failure !== undefined)
    throw new AskError(failure ?? refusalOf(answer.value));
  return new AskedPositions(stateDir, outputs, rows);
}

class AskedPositions implements Positions {
  constructor(
    private readonly stateDir: string,
    readonly outputs: readonly string[],
    private readonly rows: readonly Position[],
  ) {}

  async *positions(): AsyncIterable<Position> {
    for (const row of this.rows) yield await Promise.resolve(row);
  }

  async find(ms: number, files: readonly Search[]): Promise<ReadonlyMap<string, Found>> {
    const found = new Map<string, Found>();
    for (let at = 0; at < files.length; at += mostSearched) {
      let failure: string | undefined;
      const answer = await askSocket(this.stateDir, {
        route: 'POST /checkpoints/find',
        body: { ms, files: files.slice(at, at + mostSearched) },
        idleMs,
        onLine: (line) => {
          if (!isObject(line)) return;
          const { fileId, offset, problem } = line;
          if ('error' in line) failure = refusalOf(line);
          else if (typeof fileId !== 'string')
            return; // it is still at work
          else if (typeof problem === 'string') found.set(fileId, { problem });
          else found.set(fileId, { offset: typeof offset === 'number' ? offset : undefined });
        },
      });
      if (answer.kind !== 'answered') throw new AskError(answer.why);
      if (answer.code !== 200 || failure !== undefined) throw new AskError(failure ?? refusalOf(answer.value));
    }
    return found;
  }

  async rewind(output: string, moves: readonly Move[]): Promise<Rewound> {
    const moved: Moved[] = [];
    let durable = true;
    for (let at = 0; at < moves.length; at += mostMoves) {
      const body = { output, moves: moves.slice(at, at + mostMoves) };
      const answer = await askSocket(this.stateDir, { route: 'POST /checkpoints/rewind', body, idleMs });
      if (answer.kind !== 'answered') throw new AskError(answer.why);
      const { value } = answer;
      if (answer.code !== 200 || !isObject(value) || !Array.isArray(value['moved']))
        throw new AskError(refusalOf(value));
      moved.push(...(value['moved'] as Moved[]));
      durable &&= value['durable'] === true;
    }
    return { moved, durable };
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
