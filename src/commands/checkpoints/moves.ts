import type { Found, Move, Position, Positions } from '../../types/positions.js';
import type { Target } from './target.js';

/** What came of it for one file and output. Offsets in bytes; `problem` is '' where there was none. */
export interface MoveRow {
  readonly output: string;
  readonly path: string;
  readonly from: number;
  readonly to: number;
  readonly problem: string;
}

/** Moves these positions back to what is wanted. */
export async function movesTo(
  positions: Positions,
  rows: readonly Position[],
  wanted: Target,
): Promise<{ readonly rows: readonly MoveRow[]; readonly durable: boolean }> {
  const targets = await targetsOf(positions, rows, wanted);
  const results: MoveRow[] = [];
  let durable = true;
  for (const output of new Set(rows.map((row) => row.output))) {
    const own = rows.filter((row) => row.output === output);
    const moves: Move[] = [];
    for (const { fileId } of own) {
      const target = targets.get(fileId);
      if (target !== undefined && 'offset' in target && target.offset !== undefined)
        moves.push({ fileId, offset: target.offset });
    }
    const outcome = moves.length === 0 ? undefined : await positions.rewind(output, moves);
    durable &&= outcome?.durable ?? true;
    const moved = new Map(outcome?.moved.map((move) => [move.fileId, move]));
    for (const { fileId, path, offset } of own) {
      const { from, to, problem } = moved.get(fileId) ?? {
        from: offset,
        to: offset,
        problem: problemOf(targets.get(fileId)),
      };
      results.push({ output, path, from, to, problem });
    }
  }
  return { rows: results, durable };
}

const problemOf = (found: Found | undefined): string =>
  found !== undefined && 'problem' in found ? found.problem : '';

/** By file: where to, nowhere, or why that can't be told. A file is read once for all outputs. */
async function targetsOf(
  positions: Positions,
  rows: readonly Position[],
  wanted: Target,
): Promise<ReadonlyMap<string, Found>> {
  if (wanted.kind === 'offset') return new Map(rows.map(({ fileId }) => [fileId, { offset: wanted.offset }]));
  const furthest = new Map<string, number>();
  for (const { fileId, offset } of rows) if (offset > (furthest.get(fileId) ?? 0)) furthest.set(fileId, offset);
  return await positions.find(
    wanted.ms,
    [...furthest].map(([fileId, upTo]) => ({ fileId, upTo })),
  );
}
