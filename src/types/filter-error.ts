/** What is wrong with a filter, and where: `column 12: expected a value, not the end`. */
export class FilterError extends Error {
  constructor(
    readonly problem: string,
    /** Of the first character in question, from 1. */
    readonly column: number,
  ) {
    super(`column ${column}: ${problem}`);
    this.name = 'FilterError';
  }
}
