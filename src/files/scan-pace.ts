import type { Clock } from '../types/clock.js';

/** Events of one burst share a scan, ms. */
const scanDelayMs = 20;

/**
 * How soon a folder in constant change is scanned again. Listing takes at most a tenth of the time. What comes after it is mostly waiting (for new files to be
 * opened, unpacked and stored) and takes at most half: where it counted as much, a slow disk would keep scans away for so long that a file could be
 * made, rotated and deleted between two of them.
 */
export class ScanPace {
  private begunAt = -Infinity;
  private listedAt = -Infinity;
  private nextAt = -Infinity;

  constructor(private readonly clock: Clock) {}

  begins(): void {
    this.begunAt = this.clock.monotonic();
  }

  /** All names and sizes are known. */
  listed(): void {
    this.listedAt = this.clock.monotonic();
  }

  ends(): void {
    const now = this.clock.monotonic();
    const listingMs = this.listedAt - this.begunAt;
    const placingMs = now - this.listedAt;
    this.nextAt = now + Math.max(9 * listingMs - placingMs, placingMs);
  }

  /** In how many ms a scan may begin that an event asks for now. */
  get waitMs(): number {
    return Math.max(scanDelayMs, this.nextAt - this.clock.monotonic());
  }
}
