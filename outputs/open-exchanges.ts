/** An exchange under way. */
export interface OpenExchange {
  readonly signal: AbortSignal | undefined;
  /** Ends it with this error, at once. */
  fail(reason: unknown): void;
}

/**
 * The exchanges of one client that are under way; each is ended when its signal is aborted.
 *
 * Kept so that none that is over points to a later one, as a signal's listeners do (each to the next) and a Set's outgrown tables: with always one
 * more under way when one ends, that chain never breaks, and the collector, which looks at what has grown old only now and then, keeps all of it till then.
 */
export class OpenExchanges {
  readonly #open: OpenExchange[] = [];
  /** One function for all of them: however often it is added to a signal, that has it once. */
  readonly #onAbort = (): void => {
    for (const exchange of [...this.#open])
      if (exchange.signal?.aborted === true) exchange.fail(exchange.signal.reason);
  };

  add(exchange: OpenExchange): void {
    this.#open.push(exchange);
    exchange.signal?.addEventListener('abort', this.#onAbort);
  }

  /** For one that is over; a second time does nothing. */
  remove(exchange: OpenExchange): void {
    const place = this.#open.indexOf(exchange);
    if (place < 0) return;
    const last = this.#open.pop();
    if (last !== undefined && last !== exchange) this.#open[place] = last;
    const { signal } = exchange;
    if (!this.#open.some((other) => other.signal === signal)) signal?.removeEventListener('abort', this.#onAbort);
  }

  failAll(reason: unknown): void {
    for (const exchange of [...this.#open]) exchange.fail(reason);
  }
}
