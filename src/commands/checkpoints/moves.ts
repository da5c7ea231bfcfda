import type { Configuration } from '../../types/configuration.js';
import type { Move, Position, Positions } from '../../types/positions.js';
import type { Target } from './target.js';

export type Wanted =
  | Extract<Target, { kind: 'offset' }>
  | (Extract<Target, { kind: 'time' }> & { readonly configuration: () => Promise<Configuration> });

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
  wanted: Wanted,
): Promise<{ readonly rows: readonly MoveRow[]; readonly durable: boolean }> {
  const targets = await targetsOf(rows, wanted);
  const results: MoveRow[] = [];
  let durable = true;
  for (const output of new Set(rows.map((row) => row.output))) {
    const own = rows.filter((row) => row.output === output);
    const moves: Move[] = [];
    for (const { fileId } of own) {
      const target = targets.get(fileId);
      if (target?.offset !== undefined) moves.push({ fileId, offset: target.offset });
    }
    const outcome = moves.length === 0 ? undefined : await positions.rewind(output, moves);
    durable &&= outcome?.durable ?? true;
    const moved = new Map(outcome?.moved.map((move) => [move.fileId, move]));
    for (const { fileId, path, offset } of own) {
      const { from, to, problem } = moved.get(fileId) ?? {
        from: offset,
        to: offset,
        problem: targets.get(fileId)?.problem,
      };
      results.push({ output, path, from, to, problem: problem ?? '' });
    }
  }
  return { rows: results, durable };
}

/** By file: where to, nowhere, or why that can't be told. A file is read once for all outputs. */
async function targetsOf(
  rows: readonly Position[],
  wanted: Wanted,
): Promise<ReadonlyMap<string, { readonly offset?: number | undefined; readonly problem?: string }>> {
  if (wanted.kind === 'offset') return new Map(rows.map(({ fileId }) => [fileId, { offset: wanted.offset }]));
  const { TimeFinder } = await import('./find-time.js');
  const finder = await TimeFinder.open(await wanted.configuration());
  const furthest = new Map<string, Position>();
  for (const row of rows) if (row.offset > (furthest.get(row.fileId)?.offset ?? 0)) furthest.set(row.fileId, row);
  const targets = new Map<string, { offset?: number | undefined; problem?: string }>();
  for (const [fileId, row] of furthest) targets.set(fileId, await finder.find(row, row.offset, wanted.ms));
  return targets;
}
