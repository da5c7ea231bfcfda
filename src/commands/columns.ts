/** A longer value does not push the columns of all others away. */
const widestMax = 60;

/** Lines of a table for a terminal. A title that begins with `-` is of numbers: its column is set to the right. */
export function columns(titles: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const head = titles.map((title) => title.replace(/^-/, ''));
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.min(widestMax, Math.max(...all.map((row) => row[column]?.length ?? 0))));
  return all.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column]!;
        return titles[column]!.startsWith('-') ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}
