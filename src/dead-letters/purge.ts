import type { DeadLetters } from '../delivery/dead-letters.js';
import type { LetterLine } from '../delivery/letter-lines.js';
import { choosesAll, isChosen, type LetterChoice } from './choice.js';

export interface Purged {
  readonly removed: number;
  /** Letters that were not chosen, and lines that can't be read. */
  readonly kept: number;
  /** There was no room to shorten the file: what was removed takes its room as blanks. */
  readonly noRoom: boolean;
}

/** So many letters are taken out with one sync. */
const together = 1_000;

/** Takes letters out for good: those that were chosen, or with no choice all lines there are. A lane that waits for room goes on at once. */
export async function purge(letters: DeadLetters, choice: LetterChoice, signal: AbortSignal): Promise<Purged> {
  await using pass = await letters.pass();
  if (pass === undefined) return { removed: 0, kept: 0, noRoom: false };
  let removed = 0;
  let kept = 0;
  const taken: Pick<LetterLine, 'start' | 'end'>[] = [];
  for await (const { start, end, letter } of pass.lines()) {
    if (signal.aborted) break;
    // A line that can't be read goes only where everything does.
    const isMeant = letter === undefined ? choosesAll(choice) : isChosen(choice, letter);
    if (isMeant) {
      taken.push({ start, end });
      removed++;
    } else kept++;
    if (!isMeant || taken.length >= together) await pass.take(taken.splice(0));
    if (!isMeant) await pass.keep({ start, end });
  }
  await pass.take(taken);
  return { removed, kept, noRoom: (await pass.finish()) === 'no-room' };
}
