import { AgentError, RetryableError } from '../../src/types/errors.js';
import { classifyFailure, isAlreadyThere, isDenied, isNotFound } from './classify.js';
import type { LogsApi } from './client.js';
import type { Place } from './names.js';

/**
 * Makes what is missing, and nothing else: the stream; only when its group is missing too, the group, its retention, and the stream. So the rights
 * to create stay optional, and each is needed only where its thing does not exist.
 */
export class PlaceMaker {
  /** Groups made here whose retention could not be set yet: kept while the process lives. */
  readonly #retentionDue = new Set<string>();

  /** `retentionDays` undefined: a new group keeps its events for ever. */
  constructor(
    private readonly api: LogsApi,
    private readonly retentionDays: number | undefined,
  ) {}

  /**
   * Called when PutLogEvents said that the place does not exist. Someone else may make it at the same moment.
   * @throws RetryableError OUTPUT_NOT_FOUND naming the missing right, or what the service said
   */
  async make(place: Place, signal: AbortSignal): Promise<void> {
    if (await this.#makeStream(place, signal)) return;
    try {
      await this.api.createLogGroup(place.group, signal);
      if (this.retentionDays !== undefined) this.#retentionDue.add(place.group);
    } catch (error) {
      if (!isAlreadyThere(error)) throw notMade(error, `log group ${place.group}`, 'logs:CreateLogGroup');
    }
    await this.finish(place.group, signal);
    if (!(await this.#makeStream(place, signal)))
      throw new RetryableError(
        'OUTPUT_NOT_FOUND',
        `log group ${place.group} was made a moment ago and is not there yet`,
      );
  }

  /**
   * Sets a retention that is still due; costs nothing when none is.
   * @throws RetryableError: once when the right is missing (then records go on without), else each time
   */
  async finish(group: string, signal: AbortSignal): Promise<void> {
    if (this.retentionDays === undefined || !this.#retentionDue.has(group)) return;
    try {
      await this.api.putRetentionPolicy(group, this.retentionDays, signal);
      this.#retentionDue.delete(group);
    } catch (error) {
      if (!isDenied(error)) throw error;
      this.#retentionDue.delete(group);
      throw new RetryableError(
        'OUTPUT_AUTH',
        `log group ${group} was made, but its retention of ${this.retentionDays} days was not set: grant logs:PutRetentionPolicy, or set it by hand`,
        { cause: error },
      );
    }
  }

  /** False when the group is missing. */
  async #makeStream(place: Place, signal: AbortSignal): Promise<boolean> {
    try {
      await this.api.createLogStream(place, signal);
      return true;
    } catch (error) {
      if (isAlreadyThere(error)) return true;
      if (isNotFound(error)) return false;
      throw notMade(error, `log stream ${place.stream} of log group ${place.group}`, 'logs:CreateLogStream');
    }
  }
}

/** A refused name or right is a fault of the output here, whatever it would be for events. */
function notMade(error: unknown, what: string, right: string): unknown {
  if (isDenied(error))
    return new RetryableError(
      'OUTPUT_NOT_FOUND',
      `${what} does not exist and may not be made: make it, or grant ${right}`,
      {
        cause: error,
      },
    );
  const failure = classifyFailure(error, 0);
  if (!(failure instanceof AgentError) || failure instanceof RetryableError) return error;
  return new RetryableError('OUTPUT_NOT_FOUND', `${what} could not be made: ${failure.message}`, { cause: error });
}
