/** A number of places, taken in the order of asking. One place makes it a lock. */
export class Places {
  #free: number;
  readonly #queue = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /** True once a place is taken: it has to be freed. False when `signal` was aborted before. */
  take(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve(false);
      if (this.#free > 0) {
        this.#free--;
        return resolve(true);
      }
      const settle = (taken: boolean) => {
        this.#queue.delete(taking);
        signal.removeEventListener('abort', aborting);
        resolve(taken);
      };
      const taking = () => settle(true);
      const aborting = () => settle(false);
      this.#queue.add(taking);
      signal.addEventListener('abort', aborting, { once: true });
    });
  }

  /** Gives a place back: to the one who has waited longest, so that nobody can overtake. */
  free(): void {
    for (const take of this.#queue) return take();
    this.#free++;
  }
}
