/** An answer is slow when it took more than this many times the usual time, and so many ms more. */
const slowFactor = 2;
const slackMs = 50;
/** Share of the newest answer in the usual time: about the last ten count. */
const newest = 0.1;
/** Fewer answers than these say nothing. */
const fewest = 5;

/**
 * How long answers usually take, by the size of what was sent (each class is twice the one below it): a full batch after an outage takes longer than a
 * line of a quiet day, and that is no sign of overload. What stays slow becomes the usual: a destination that was moved away is not overloaded for ever.
 */
export class UsualTime {
  readonly #classes = new Map<number, { answers: number; meanMs: number }>();

  /** Learns from an answer of `ms` to `bytes`; true when it was slow by what came before. */
  isSlow(bytes: number, ms: number): boolean {
    const size = Math.floor(Math.log2(bytes + 1));
    const known = this.#classes.get(size) ?? { answers: 0, meanMs: ms };
    const slow = known.answers >= fewest && ms > slowFactor * known.meanMs + slackMs;
    known.answers++;
    known.meanMs += newest * (ms - known.meanMs);
    this.#classes.set(size, known);
    return slow;
  }
}
