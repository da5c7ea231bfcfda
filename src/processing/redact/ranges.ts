/** A secret's place: [from, to). */
export interface Range {
  readonly from: number;
  readonly to: number;
  readonly kind: string;
  /** What makes equal secrets equal; undefined: the text of the place. */
  readonly value: string | undefined;
  /** It stands in JSON outside of a string. */
  readonly bare: boolean;
}

/** Joins what overlaps: the longest of them gives its kind, the first found of equals. What lies in `spared` stays out. In order. */
export function settle(ranges: readonly Range[], spared: readonly (readonly [number, number])[]): readonly Range[] {
  const sorted = ranges.toSorted((a, b) => a.from - b.from);
  const joined: Range[] = [];
  for (const range of sorted) {
    const last = joined.at(-1);
    if (last === undefined || range.from >= last.to) joined.push(range);
    else joined[joined.length - 1] = join(last, range);
  }
  return spared.length === 0 ? joined : subtract(joined, spared);
}

function join(a: Range, b: Range): Range {
  // user:password@host: without its name an address says no more than the host.
  if (a.kind === 'auth' && b.kind === 'email') return a;
  const to = Math.max(a.to, b.to);
  const longer = b.to - b.from > a.to - a.from ? b : a;
  return {
    from: a.from,
    to,
    kind: longer.kind,
    value: longer.from === a.from && longer.to === to ? longer.value : undefined,
    bare: a.bare,
  };
}

function subtract(ranges: readonly Range[], spared: readonly (readonly [number, number])[]): readonly Range[] {
  const rest: Range[] = [];
  let next = 0;
  for (const range of ranges) {
    let from = range.from;
    while (next < spared.length && spared[next]![1] <= from) next++;
    for (let place = next; place < spared.length && spared[place]![0] < range.to; place++) {
      const [start, end] = spared[place]!;
      if (start > from) rest.push({ ...range, from, to: start, value: undefined });
      from = Math.max(from, end);
    }
    if (from === range.from) rest.push(range);
    else if (from < range.to) rest.push({ ...range, from, value: undefined });
  }
  return rest;
}
