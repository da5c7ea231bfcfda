import { isUtf8 } from 'node:buffer';
import { AgentError, type ErrorCode } from '../types/errors.js';

/** A record that was given up on, and why. */
export interface DeadLetter {
  readonly timeMs: number;
  readonly id: string;
  readonly path: string;
  readonly offset: number;
  /** Attempts that carried it. */
  readonly tries: number;
  readonly code: ErrorCode;
  /** What the destination said; its own words, not to be trusted. */
  readonly reason: string;
  /** The line's raw bytes without its line end. */
  readonly text: Buffer;
}

export interface DeadLetterSink {
  /**
   * Resolves with the number of letters, from the front and at least one, that are on disk, synced: as many as there was room for.
   * @throws DeadLettersBlockedError when none could be written now.
   */
  append(letters: readonly DeadLetter[]): Promise<number>;
  /** Resolves when there may be room again, or `signal` is aborted. */
  whenRoom?(signal: AbortSignal): Promise<void>;
}

/** Dead letters cannot be written: their file is full or cannot be written. The lane waits and tries again. */
export class DeadLettersBlockedError extends AgentError {
  constructor(message: string, options: ErrorOptions = {}) {
    super('DEAD_LETTERS_BLOCKED', message, options);
  }
}

/** A server's words are kept up to this length, in UTF-16 units. */
const longestReason = 2_000;

/** The letter as one line of the dead-letter file, line end included (contract, "Records"). */
export function formatLetter(output: string, letter: DeadLetter): string {
  const { timeMs, id, path, offset, tries, code, reason, text } = letter;
  const line = {
    time: new Date(timeMs).toISOString(),
    output,
    id,
    path,
    offset,
    tries,
    code,
    reason: reason.length > longestReason ? `${reason.slice(0, longestReason)}…` : reason,
    message: text.toString('utf8'),
    ...(isUtf8(text) ? {} : { bytes: text.toString('base64') }),
  };
  return `${JSON.stringify(line)}\n`;
}

/** The id of a line of the dead-letter file; undefined when it is no whole letter. */
export function letterId(line: string): string | undefined {
  try {
    const letter: unknown = JSON.parse(line);
    if (typeof letter !== 'object' || letter === null || !('id' in letter)) return undefined;
    return typeof letter.id === 'string' ? letter.id : undefined;
  } catch {
    return undefined;
  }
}
