import type { Plan } from './plan.js';

export interface ShrinkOptions {
  /** Carries out a plan; true when it fails as well. */
  readonly fails: (plan: Plan) => Promise<boolean>;
  /** Plans that may be tried. */
  readonly attempts: number;
  /** Told of each plan that failed with less. */
  readonly found?: (plan: Plan) => void;
}

/**
 * The smallest plan found that still fails: shorter, with fewer kinds of faults, fewer writers, fewer faults. Delta debugging: of each list half is left
 * out, then a quarter, down to single ones. What fails only now and then may seem to need less than it does.
 */
export async function shrink(plan: Plan, { fails, attempts, found }: ShrinkOptions): Promise<Plan> {
  let best = plan;
  let left = attempts;
  const isSmaller = async (smaller: Plan): Promise<boolean> => {
    if (left <= 0) return false;
    left--;
    if (!(await fails(smaller))) return false;
    best = smaller;
    found?.(smaller);
    return true;
  };
  while (best.seconds > 10 && (await isSmaller(cut(best, Math.ceil(best.seconds / 2)))));
  await reduce(
    () => [...new Set(best.faults.map(({ kind }) => kind))],
    (kinds) => isSmaller({ ...best, faults: best.faults.filter(({ kind }) => kinds.includes(kind)) }),
  );
  await reduce(
    () => best.writers,
    (writers) => (writers.length === 0 ? Promise.resolve(false) : isSmaller({ ...best, writers })),
  );
  await reduce(
    () => best.faults,
    (faults) => isSmaller({ ...best, faults }),
  );
  return best;
}

/** The beginning of a plan. */
const cut = (plan: Plan, seconds: number): Plan => ({
  ...plan,
  seconds,
  faults: plan.faults.filter(({ atMs }) => atMs < seconds * 1000 - 1_000),
});

/** Leaves out as much of a list as `keep` can do without. `list` gives what is there now. */
async function reduce<T>(list: () => readonly T[], keep: (rest: readonly T[]) => Promise<boolean>): Promise<void> {
  for (let size = Math.ceil(list().length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let from = 0; from < list().length;) {
      const rest = list().filter((_, at) => at < from || at >= from + size);
      // What was behind it has moved to its place.
      if (!(await keep(rest))) from += size;
    }
}
