const firstMs = 0;
const lastMs = 253_402_300_799_999;

/** Writes times as RFC 3339 in UTC with milliseconds. Remembers the last second: most records share one with the record before. */
export class IsoTime {
  #second = Number.NaN;
  #prefix = '';
  #lastMs = Number.NaN;
  #last = '';

  /** `timeMs` since the epoch; outside of the years 1970 to 9999 (or NaN) it is moved to the nearest end, since it must never throw. */
  format(timeMs: number): string {
    if (timeMs === this.#lastMs) return this.#last;
    this.#lastMs = timeMs;
    const ms = Math.min(Math.max(Math.floor(timeMs) || 0, firstMs), lastMs);
    const second = Math.floor(ms / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#prefix = new Date(second * 1000).toISOString().slice(0, 20);
    }
    const fraction = ms - second * 1000;
    this.#last = `${this.#prefix}${fraction < 10 ? '00' : fraction < 100 ? '0' : ''}${fraction}Z`;
    return this.#last;
  }
}
