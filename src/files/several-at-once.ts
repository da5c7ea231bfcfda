/** A look at a file is a few calls one after the other, each of which may wait for its turn longer than it takes: thousands one by one take a minute on a busy machine. */
export const atOnce = 16;

/** Does the work for each item, for a few of them at once. @returns the results in the items' order. @throws what the first work that fails throws */
export async function severalAtOnce<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const at = next;
      next += 1;
      results[at] = await work(items[at]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return results;
}

/** The same, one by one: for what takes memory or a thread. */
export async function oneByOne<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
