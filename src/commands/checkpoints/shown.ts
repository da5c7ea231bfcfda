import { printable } from '../../../config/mask.js';
import type { Position } from '../../types/positions.js';
import type { Program } from '../cli.js';
import type { MoveRow } from './moves.js';

/** One line for each file and output, or as JSON `{"positions": […]}`; as they come, so that many files take no memory. */
export async function showPositions(
  positions: AsyncIterable<Position>,
  json: boolean,
  { out, drained }: Pick<Program, 'out' | 'drained'>,
): Promise<void> {
  let count = 0;
  for await (const { output, path, currentPath, fileId, state, offset, size } of positions) {
    const lag = Math.max(0, size - offset);
    const row = { output, path, current_path: currentPath, file: fileId, state, offset, size, lag_bytes: lag };
    if (json) out(`${count === 0 ? '{"positions":[\n' : ',\n'}${JSON.stringify(row)}`);
    else {
      if (count === 0) out(line('OUTPUT', 'OFFSET', 'SIZE', 'LAG', 'FILE'));
      const name = path === currentPath ? path : `${path} (now ${currentPath})`;
      out(line(output, `${offset}`, `${size}`, `${lag}`, state === 'open' ? name : `${name}, ${state}`));
    }
    count += 1;
    if (count % 100 === 0) await drained();
  }
  if (json) out(count === 0 ? '{"positions":[]}\n' : '\n]}\n');
  else if (count === 0) out('no files\n');
}

const line = (output: string, offset: string, size: string, lag: string, file: string): string =>
  `${printable(output).padEnd(20)}  ${offset.padStart(14)}  ${size.padStart(14)}  ${lag.padStart(14)}  ${printable(file)}\n`;

/** What was moved, what stayed, and why. */
export function showMoves(
  { rows, durable }: { readonly rows: readonly MoveRow[]; readonly durable: boolean },
  json: boolean,
  out: (text: string) => void,
): void {
  if (json) {
    out(`${JSON.stringify({ durable, moved: rows }, undefined, 2)}\n`);
    return;
  }
  for (const { output, path, from, to, problem } of rows) {
    const where = `${printable(output)}  ${printable(path)}`;
    if (problem !== '') out(`${where}: stays at ${from}: ${printable(problem)}\n`);
    else out(to === from ? `${where}: stays at ${from}\n` : `${where}: from ${from} back to ${to}\n`);
  }
}
