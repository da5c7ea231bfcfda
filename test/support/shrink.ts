import type { TwinFile } from './twin-lanes.js';

/** Leaves out as many lines as possible such that the files still fail: all first, then halves and smaller pieces, down to single lines. */
export async function withFewestLines(
  files: readonly TwinFile[],
  fails: (files: readonly TwinFile[]) => Promise<boolean>,
): Promise<readonly TwinFile[]> {
  let best = files;
  for (const [i, { lines }] of files.entries()) {
    for (let size = lines.length; size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let from = 0; from < best[i]!.lines.length;) {
        const fewer = best.map((file, k) => (k === i ? { ...file, lines: file.lines.toSpliced(from, size) } : file));
        if (await fails(fewer)) best = fewer;
        else from += size;
      }
    }
  }
  const filled = best.filter(({ lines }) => lines.length > 0);
  return filled.length > 0 && (await fails(filled)) ? filled : best;
}
