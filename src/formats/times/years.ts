const dayMs = 86_400_000;

/**
 * The year of a date that was written without one: the latest in which the date exists and is at most a day in the future of `nowMs` (ms since the
 * epoch). A day, because the clock of the writer may be ahead by its time zone. So on 1 January a line of 31 December is of the year before, and
 * on 31 December one of 1 January is of the next. `month`: 1 is January. A date that no year has (30 February) gets this year.
 */
export function guessYear(month: number, day: number, nowMs: number): number {
  const next = new Date(nowMs).getUTCFullYear() + 1;
  // 29 February may be eight years back (1896 to 1904, 2096 to 2104).
  for (let year = next; year > next - 10; year--) {
    const ms = Date.UTC(year, month - 1, day);
    if (ms <= nowMs + dayMs && new Date(ms).getUTCDate() === day) return year;
  }
  return next - 1;
}
