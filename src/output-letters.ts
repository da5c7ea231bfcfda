import type { LetterChoice } from './dead-letters/choice.js';
import type { Purged } from './dead-letters/purge.js';
import type { OutputOfLetters } from './dead-letters/replay-output.js';
import type { Replayed } from './dead-letters/replay.js';

/** What can be done with the dead letters of an output at work. */
export interface OutputLetters extends AsyncDisposable {
  /** @throws Error when its letters are at work already */
  replay(choice: LetterChoice, signal: AbortSignal): Promise<Replayed>;
  purge(choice: LetterChoice, signal: AbortSignal): Promise<Purged>;
}

/** Their code is loaded when it is used. Disposed of, it gives up what is under way; the letters and the output belong to the caller. */
export function outputLetters(of: OutputOfLetters): OutputLetters {
  const end = new AbortController();
  const atWork = new Set<Promise<unknown>>();
  const tracked = <T>(work: Promise<T>): Promise<T> => {
    const ended: Promise<unknown> = work.catch(() => {}).finally(() => atWork.delete(ended));
    atWork.add(ended);
    return work;
  };
  return {
    replay: (choice, signal) =>
      tracked(
        import('./dead-letters/at-work.js').then(({ replayOutput }) =>
          replayOutput(of, choice, AbortSignal.any([signal, end.signal])),
        ),
      ),
    purge: (choice, signal) =>
      tracked(
        import('./dead-letters/at-work.js').then(({ purge }) =>
          purge(of.letters, choice, AbortSignal.any([signal, end.signal])),
        ),
      ),
    [Symbol.asyncDispose]: async () => {
      end.abort();
      await Promise.all(atWork);
    },
  };
}
