import type { Parsed } from './members/mapping.js';

/** Where a reader puts what it finds, before it found anything. */
export const newFinding = (): Parsed => ({
  timeMs: Number.NaN,
  timeText: '',
  level: undefined,
  logger: undefined,
  message: undefined,
  members: [],
  errorMessage: undefined,
});
