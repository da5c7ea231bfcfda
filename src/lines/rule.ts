import type { LineHead } from './line-head.js';

/**
 * How the stack traces of one language go on. A rule is a state machine whose state is a small number: the same lines lead to the same state. Indented
 * lines belong to a group anyway; a rule says which others do.
 */
export interface Rule {
  /** Beginnings of the lines with which a group of this language begins, or goes on behind a line that shows nothing. ASCII. */
  readonly triggers: readonly string[];
  /** The state behind a line that begins a group; 0: it begins none of this language. Asked of lines that begin with a trigger, and of indented ones. */
  begins(line: LineHead): number;
  /**
   * The state behind a line in a group at `state`, with `blanks` blank lines between; 0: it does not belong; `waiting`: it does if the group goes on
   * behind it; `asking`: it does, and the state stays, unless it is a line of some format.
   */
  goesOn(state: number, line: LineHead, blanks: number): number;
  /** True for a line that begins a trace which the runtime itself wrote, as nobody caught the error: no log line before it has to do with it. */
  stands?(line: LineHead): boolean;
  /** True for an indented line that begins a trace: it does not belong to what is before it for being indented. */
  heads?(line: LineHead): boolean;
  /** Beginnings of lines that belong to any group, be it of one line that showed nothing. They are triggers, too. */
  readonly followers?: readonly string[];
}

export const waiting = -1;
export const asking = -2;
