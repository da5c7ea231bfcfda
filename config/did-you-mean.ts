import { distance } from 'fastest-levenshtein';

/** The candidate closest to what was written, when it is close enough to be a slip of the hand; undefined otherwise. */
export function closest(written: string, candidates: Iterable<string>): string | undefined {
  // A quarter of the letters may be wrong, and always two: further apart, a suggestion misleads.
  let best = Math.max(2, Math.floor(written.length / 4)) + 1;
  let found: string | undefined;
  for (const candidate of candidates) {
    const apart = distance(written, candidate);
    if (apart >= best) continue;
    best = apart;
    found = candidate;
  }
  return found;
}

/** The closest candidate as a sentence for a problem's suggestion. */
export function suggestion(written: string, candidates: Iterable<string>): string | undefined {
  const found = closest(written, candidates);
  return found === undefined ? undefined : `did you mean ${found}?`;
}
