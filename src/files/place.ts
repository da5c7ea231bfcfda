import type { StoredCursor } from '../types/stored.js';
import type { Anchor } from './identity.js';

/** How far a lane has come in a file. */
export interface Place extends Anchor {
  /** A range above the anchor's offset, [start, offset), that has its outcome too (`PANNIER_CATCH_UP=newest-first`). */
  readonly ahead?: { readonly start: number; readonly offset: number } | undefined;
}

/** As it is stored. */
export const placeOf = ({ offset, anchor, anchorLength, ahead }: StoredCursor): Place => ({
  offset,
  hash: anchor,
  length: anchorLength,
  ahead,
});

/** Bytes in [from, to) without a final outcome. `place` undefined: nothing of the file has one. Pure. */
export function unsettledBytes(place: Place | undefined, from: number, to: number): number {
  const settled = [{ start: 0, offset: place?.offset ?? 0 }, ...(place?.ahead === undefined ? [] : [place.ahead])];
  return settled.reduce(
    (bytes, range) => bytes - Math.max(0, Math.min(to, range.offset) - Math.max(from, range.start)),
    Math.max(0, to - from),
  );
}
