import type { StoredLetter } from '../delivery/stored-letter.js';

/** Which letters of an output are meant; what is undefined does not matter. */
export interface LetterChoice {
  readonly id?: string | undefined;
  /** Given up on before this time, ms since the epoch. */
  readonly beforeMs?: number | undefined;
}

export const isChosen = ({ id, beforeMs }: LetterChoice, letter: StoredLetter): boolean =>
  (id === undefined || letter.id === id) && (beforeMs === undefined || Date.parse(letter.time) < beforeMs);

export const choosesAll = ({ id, beforeMs }: LetterChoice): boolean => id === undefined && beforeMs === undefined;
