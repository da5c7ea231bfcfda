import { ControlError, type ControlRoutes } from '../../types/control.js';
import type { Move, Positions } from '../../types/positions.js';

/** One list is read and one move made at a time by most; a request names at most so many files. */
export const mostMoves = 500;

/** What `pannier checkpoints` asks of the running agent. */
export const positionRoutes = (positions: Omit<Positions, 'find'>): ControlRoutes => ({
  'POST /checkpoints/list': async function* () {
    yield { outputs: positions.outputs };
    yield* positions.positions();
  },
  'POST /checkpoints/rewind': async ({ body }) => {
    const { output, moves } = asMoves(body);
    return await positions.rewind(output, moves);
  },
});

/** @throws ControlError 400 for what is no such request */
export function asMoves(body: unknown): { readonly output: string; readonly moves: readonly Move[] } {
  const wrong = (what: string): ControlError => new ControlError(400, `a rewind takes {output, moves}: ${what}`);
  if (typeof body !== 'object' || body === null || !('output' in body) || !('moves' in body))
    throw wrong('a member is missing');
  const { output, moves } = body;
  if (typeof output !== 'string') throw wrong('output is no text');
  if (!Array.isArray(moves) || moves.length > mostMoves) throw wrong(`moves is no list of at most ${mostMoves}`);
  return { output, moves: moves.map((move) => asMove(move, wrong)) };
}

function asMove(move: unknown, wrong: (what: string) => ControlError): Move {
  if (typeof move !== 'object' || move === null || !('fileId' in move) || !('offset' in move))
    throw wrong('a move has fileId and offset');
  const { fileId, offset } = move;
  if (typeof fileId !== 'string' || !Number.isSafeInteger(offset) || Number(offset) < 0)
    throw wrong('fileId is a text, and offset a number of bytes');
  return { fileId, offset: Number(offset) };
}
