import type { Clock } from '../types/clock.js';

/**
 * When a lane may start a batch that is not full (contract, `BATCH_MAX_WAIT`): the first record after a pause at once, then one each time the
 * wait has passed since the last start. The wait is jittered by 20 %, so that a fleet does not beat in time.
 */
export class Pace {
  private nextStart = -Infinity;
  private hurried = false;

  constructor(
    private readonly maxWaitMs: number,
    private readonly clock: Clock,
    private readonly random: () => number = Math.random,
  ) {}

  /** ms until a batch that is not full may start; 0 or less: now. */
  get remainingMs(): number {
    return this.hurried ? 0 : this.nextStart - this.clock.monotonic();
  }

  /** A batch was started at `atMs` of the monotonic clock. */
  started(atMs = this.clock.monotonic()): void {
    this.nextStart = atMs + this.maxWaitMs * (0.8 + 0.4 * this.random());
  }

  /** The process is about to end: no batch waits any more. */
  hurry(): void {
    this.hurried = true;
  }
}
