import type { LetterChoice } from '../../dead-letters/choice.js';

/** What the command and the running agent say to each other: the requests of `routes.ts`. */
export const replayRoute = 'POST /dead-letters/replay';
export const purgeRoute = 'POST /dead-letters/purge';

/** A request is about one output. */
export type Asked = LetterChoice & { readonly output: string };

/** Reads a request; undefined: it is none. */
export function readAsked(body: unknown): Asked | undefined {
  const { output, id, beforeMs } = members(body);
  if (typeof output !== 'string' || !(id === undefined || typeof id === 'string')) return undefined;
  if (!(beforeMs === undefined || typeof beforeMs === 'number')) return undefined;
  return { output, id, beforeMs };
}

/** The members of an object, none of anything else. */
export const members = (value: unknown): Readonly<Partial<Record<string, unknown>>> =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
