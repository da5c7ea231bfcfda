export type Separator = ',' | ';' | '\t';

/**
 * Splits a line into values. One that begins with a double quote ends with one; within it two of them are one (RFC 4180). Undefined when a quote is not
 * closed, or something else than a separator follows it. Linear.
 */
export function splitCells(line: string, separator: Separator): string[] | undefined {
  const cells: string[] = [];
  for (let at = 0; ;) {
    if (line.charCodeAt(at) === quote) {
      const end = closingQuote(line, at);
      if (end === -1) return undefined;
      const text = line.slice(at + 1, end);
      cells.push(text.includes('"') ? text.replaceAll('""', '"') : text);
      if (end + 1 === line.length) return cells;
      if (line[end + 1] !== separator) return undefined;
      at = end + 2;
    } else {
      const end = line.indexOf(separator, at);
      if (end === -1) {
        cells.push(line.slice(at));
        return cells;
      }
      cells.push(line.slice(at, end));
      at = end + 1;
    }
  }
}

/** Place of the quote that closes the one at `from`, or -1. */
function closingQuote(line: string, from: number): number {
  for (let at = from + 1; ; at += 2) {
    at = line.indexOf('"', at);
    if (at === -1) return -1;
    if (line.charCodeAt(at + 1) !== quote) return at;
  }
}

const quote = 0x22;
