import { basename } from 'node:path';
import type { LogCount } from '../types/stats.js';
import { markedLevels } from './marks.js';

/** Names beyond these are counted together: a metric's labels must not grow without end. */
const mostNames = 100;
const others = 'other';

/**
 * Log-derived metrics: records by file name and level, since the start. One lane adds to them, as records are read; what a reload reads again counts
 * again.
 */
export class LogCounts {
  private readonly byName = new Map<string, Float64Array>();

  /** The counts, by the numbers of `markedLevels`, that a file at this path adds to. */
  levelsOf(path: string): Float64Array {
    const name = fileLabel(path);
    const known = this.byName.get(name);
    if (known !== undefined) return known;
    if (this.byName.size >= mostNames && name !== others) return this.levelsOf(others);
    const levels = new Float64Array(markedLevels.length);
    this.byName.set(name, levels);
    return levels;
  }

  /** What was counted, without levels that did not occur. */
  get counts(): readonly LogCount[] {
    return [...this.byName].flatMap(([file, levels]) =>
      markedLevels.map((level, number) => ({ file, level, count: levels[number]! })).filter(({ count }) => count > 0),
    );
  }
}

const packed = /\.(?:gz|bz2|xz|zst|zip)$/;
/** `-2026-11-20`, `.20261120`, with an hour or more behind it, and the number that follows it. */
const date =
  /[._-]\d{4}[-.]?(?:0[1-9]|1[0-2])[-.]?(?:0[1-9]|[12]\d|3[01])(?:[T_.-]\d\d(?:[\d.:-]{0,16}\d)?)?(?:\.\d{1,4})?(?=\.|$)/;
const number = /\.\d{1,4}$/;

/** A file's own name, without what a rotation adds to it: `app.log` for `app.log.1`, `app.log.2.gz`, `app-2026-11-20.0.log`. */
export function fileLabel(path: string): string {
  const name = basename(path);
  const label = name.replace(packed, '').replace(number, '').replace(date, '').replace(number, '');
  return label === '' ? name : label;
}
