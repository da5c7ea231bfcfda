/** A compiled pattern whose matching takes time linear in the text, whatever the pattern is. `compileLinear` of `src/linear-regex.ts` makes it. */
export interface LinearRegex {
  /** The pattern as it was written. */
  readonly source: string;
  /** Names of its groups, in the order in which they begin. */
  readonly names: readonly string[];
  /** Whether it occurs in `text`; cheaper than `exec`. */
  test(text: string): boolean;
  /** The first, leftmost match that begins at `from` or behind it; undefined when there is none. `^` and `\b` look at what is before `from`. */
  exec(text: string, from?: number): LinearMatch | undefined;
}

export interface LinearMatch {
  /** Where it begins and ends in the text, in UTF-16 units: [index, end). */
  readonly index: number;
  readonly end: number;
  /** Texts of the named groups that took part, by name. */
  readonly groups: ReadonlyMap<string, string>;
}
