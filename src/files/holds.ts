import type { DropReason } from './reader.js';
import type { SourceFile } from './source-file.js';

export interface HoldLimits {
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  /** Bytes the volume may hold, and what its files and the held ones take now; no limit where the first is undefined. */
  readonly volumeLimit: number | undefined;
  readonly volumeUsed: number;
}

/** Holds stop at this share of the volume's limit, so that a sidecar never gets its pod evicted. */
const volumeShare = 0.8;

/**
 * Which deleted files are given up and why, so that those that are left keep within the limits: first those that are `isDone` (open for late writes
 * only), then the oldest. `held` are the deleted files; `now` is monotonic ms, as their `deletedAt`. Pure.
 */
export function overLimits(
  held: readonly SourceFile[],
  limits: HoldLimits,
  now: number,
  isDone: (file: SourceFile) => boolean,
): { readonly file: SourceFile; readonly reason: DropReason }[] {
  const given: { file: SourceFile; reason: DropReason }[] = [];
  let bytes = held.reduce((sum, { size }) => sum + size, 0);
  let used = limits.volumeUsed;
  const order = held.map((file) => ({ file, done: isDone(file), since: file.deletedAt ?? now }));
  order.sort((a, b) => Number(b.done) - Number(a.done) || a.since - b.since);
  for (const { file, since } of order) {
    const reason = reasonFor(now - since, bytes, used, limits);
    if (reason === undefined) continue;
    given.push({ file, reason });
    bytes -= file.size;
    used -= file.size;
  }
  return given;
}

function reasonFor(ageMs: number, bytes: number, used: number, limits: HoldLimits): DropReason | undefined {
  if (ageMs > limits.maxAgeMs) return 'hold_age';
  if (bytes > limits.maxBytes) return 'hold_bytes';
  if (limits.volumeLimit !== undefined && used > volumeShare * limits.volumeLimit) return 'volume';
  return undefined;
}
