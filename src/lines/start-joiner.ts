import type { Joiner, Verdict } from '../types/joiner.js';
import type { LinearRegex } from '../types/linear-regex.js';

/** The pattern is asked of so many bytes of a line. */
const lookBytes = 4096;

/** A line in which the pattern occurs begins a group, all others go on with it: what a person configured says it all. */
export class StartJoiner implements Joiner {
  readonly undatedContinue = false;

  constructor(private readonly pattern: LinearRegex) {}

  begin(): void {}

  judge(text: Buffer, from: number, to: number): Verdict {
    return this.pattern.test(text.toString('utf8', from, Math.min(to, from + lookBytes))) ? 'begins' : 'continues';
  }

  accept(): void {}
}
