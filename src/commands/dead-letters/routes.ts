import type { LetterChoice } from '../../dead-letters/choice.js';
import type { OutputLetters } from '../../output-letters.js';
import { ControlError, type ControlRequest, type ControlRoutes } from '../../types/control.js';
import { purgeRoute, readAsked, replayRoute } from './asked.js';

/** So often it is said that the work goes on, ms: the caller takes a long silence for the agent's end. */
const stillEveryMs = 5_000;

/**
 * What the running agent does with dead letters when it is asked: it owns their files. Each answer is lines, `{"still":true}` as long as it takes, then
 * what became of them.
 */
export function letterRoutes(lettersOf: (output: string) => OutputLetters | undefined): ControlRoutes {
  type Work = (letters: OutputLetters, choice: LetterChoice, signal: AbortSignal) => Promise<object>;
  const route = (work: Work) =>
    async function* ({ body, signal }: ControlRequest): AsyncGenerator<object> {
      const asked = readAsked(body);
      if (asked === undefined) throw new ControlError(400, 'the request names no output');
      const { output, ...choice } = asked;
      const letters = lettersOf(output);
      if (letters === undefined) throw new ControlError(404, `the running agent has no output ${output}`);
      const working = work(letters, choice, signal).catch((error: unknown) => {
        throw new ControlError(409, error instanceof Error ? error.message : String(error));
      });
      for (;;) {
        const done = await Promise.race([working, still(signal)]);
        yield done ?? { still: true };
        if (done !== undefined) return;
      }
    };
  return {
    [replayRoute]: route((letters, choice, signal) => letters.replay(choice, signal)),
    [purgeRoute]: route((letters, choice, signal) => letters.purge(choice, signal)),
  };
}

const still = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    // Who gave up still gets the end of the work, which comes soon then.
    if (!signal.aborted) setTimeout(() => resolve(undefined), stillEveryMs).unref();
  });
