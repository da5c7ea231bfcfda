import { splitCells, type Separator } from './csv-cells.js';
import { meanings } from '../members/member-names.js';

/** What a header line says. */
export interface Columns {
  readonly line: string;
  readonly separator: Separator;
  /** No two are the same, and none is empty. */
  readonly names: readonly string[];
}

const separators: readonly Separator[] = [',', ';', '\t'];

/** Reads a header; the separator is the one that gives most names. Undefined when it breaks the rules of quotes, or has a character that can't be stored. */
export function columnsOf(line: string): Columns | undefined {
  // Control characters other than the tab, and what was no UTF-8, would not come back the same.
  if (/[\0-\x08\x0a-\x1f\x7f\ufffd]/.test(line)) return undefined;
  let best: { separator: Separator; cells: readonly string[] } | undefined;
  for (const separator of separators) {
    const cells = splitCells(line, separator);
    if (cells !== undefined && cells.length > (best?.cells.length ?? 0)) best = { separator, cells };
  }
  return best && { line, separator: best.separator, names: unique(best.cells.map(nameOf)) };
}

/** A name as members have it: one that means something only in lower case, or with `_` for blanks, is written that way (`Log Level`). */
function nameOf(cell: string, place: number): string {
  const name = cell.trim();
  if (name === '') return `column_${place + 1}`;
  if (meanings.has(name)) return name;
  const usual = name.toLowerCase().replaceAll(' ', '_');
  return meanings.has(usual) ? usual : name;
}

function unique(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let own = name;
    for (let number = 2; taken.has(own); number++) own = `${name}_${number}`;
    taken.add(own);
    return own;
  });
}
