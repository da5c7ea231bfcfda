/**
 * What a line is to the group of lines before it.
 *
 *     continues   it belongs to the group, whatever else it looks like
 *     ends        the same, and nothing can follow it
 *     asks        it belongs to the group unless it is a line of some format
 *     attaches    it begins something (a stack trace) that belongs to the group when the group began with a line of a text format
 *     stands      it begins a record of its own, whatever is before it: what a runtime says when it gives up
 *     waits       it belongs to the group if one that `continues` comes later, and is a line of its own if not
 *     begins      nothing shows that it belongs to the group
 */
export type Verdict = 'continues' | 'ends' | 'asks' | 'attaches' | 'stands' | 'waits' | 'begins';

/**
 * Decides which lines belong together. Knows one group at a time, and of that a state of a few words: never bytes of a line. Never throws, and takes
 * time linear in the line. What it decides depends on the group's own lines alone, so a group that is read again is found again.
 */
export interface Joiner {
  /** Lines that come after one of a text format belong to it, unless they are of a format themselves. */
  readonly undatedContinue: boolean;
  /** The line `text[from, to)`, which is not blank, begins a group. */
  begin(text: Buffer, from: number, to: number): void;
  /** What the line is to the group; `blanks` blank lines were between them. Changes nothing. */
  judge(text: Buffer, from: number, to: number, blanks: number): Verdict;
  /** The line that was judged last was taken into the group. */
  accept(): void;
}
