/** A letter as it stands in its file (contract, "Records"). `tries`: attempts that carried the record, those of replays included. */
export interface StoredLetter {
  /** RFC 3339: when it was given up on. */
  readonly time: string;
  readonly output: string;
  readonly id: string;
  readonly path: string;
  readonly offset: number;
  readonly tries: number;
  readonly code: string;
  readonly reason: string;
  readonly message: string;
  /** Base64 of the line, where it was no valid UTF-8. */
  readonly bytes?: string;
}

/** Reads a line of a dead-letter file. Members that are not known are kept; undefined: it is no whole letter. Never throws. */
export function readLetter(line: string): StoredLetter | undefined {
  let letter: unknown;
  try {
    letter = JSON.parse(line);
  } catch {
    return undefined;
  }
  return isLetter(letter) ? letter : undefined;
}

function isLetter(value: unknown): value is StoredLetter {
  if (typeof value !== 'object' || value === null) return false;
  const from: Readonly<Partial<Record<string, unknown>>> = Object.fromEntries(Object.entries(value));
  const texts = [from.time, from.output, from.id, from.path, from.code, from.reason, from.message];
  return (
    texts.every((text) => typeof text === 'string') &&
    !Number.isNaN(Date.parse(String(from.time))) &&
    [from.offset, from.tries].every((count) => Number.isSafeInteger(count) && Number(count) >= 0) &&
    (from.bytes === undefined || typeof from.bytes === 'string')
  );
}

/** The line that was given up on, without its line end. */
export const letterText = ({ message, bytes }: StoredLetter): Buffer =>
  bytes === undefined ? Buffer.from(message) : Buffer.from(bytes, 'base64');

/** What a destination said when it refused the record again. */
export type RefusedAgain = Pick<StoredLetter, 'tries' | 'code' | 'reason'>;

/** The line of a letter that was refused again, line end included: its attempts are added, and what was said last is what it says. */
export function restated(letter: StoredLetter, { tries, code, reason }: RefusedAgain): Buffer {
  return Buffer.from(`${JSON.stringify({ ...letter, tries: letter.tries + tries, code, reason })}\n`);
}
