/** A number of places, taken in the order of asking. One place makes it a lock. */
export class Places {
  #count: number;
  #taken = 0;
  readonly #queue = new Set<() => void>();

  constructor(count: number) {
    this.#count = count;
  }

  /** True once a place is taken: it has to be freed. False when `signal` was aborted before. */
  take(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve(false);
      const settle = (taken: boolean) => {
        this.#queue.delete(taking);
        signal.removeEventListener('abort', aborting);
        resolve(taken);
      };
      const taking = () => settle(true);
      const aborting = () => settle(false);
      this.#queue.add(taking);
      signal.addEventListener('abort', aborting, { once: true });
      this.#give();
    });
  }

  /** Gives a place back: to the one who has waited longest, so that nobody can overtake. */
  free(): void {
    this.#taken--;
    this.#give();
  }

  /** Another number of places. Nobody loses one: with fewer, those that are freed are not given again until it fits. */
  resize(count: number): void {
    this.#count = count;
    this.#give();
  }

  #give(): void {
    for (const take of this.#queue) {
      if (this.#taken >= this.#count) return;
      this.#taken++;
      take();
    }
  }
}
