import type { Clock } from '../types/clock.js';
import type { Fingerprint } from '../types/stored.js';
import type { Content } from './content.js';
import { fingerprintBytes } from './identity.js';
import type { SourceFile } from './source-file.js';
import type { Candidate } from './walk.js';

/** A new file that equals the beginning of a live one waits this long, ms, to turn out as copytruncate's copy; then it is a file of its own. */
const waitMs = 5000;

/** New files that may be the copy that copytruncate is just making: the copy appears first, then the original is truncated. */
export class CopyWatch {
  /** By key: since when (monotonic ms), and whose beginning it was seen to equal; undefined: that was not looked at yet. */
  private readonly waiting = new Map<string, { readonly since: number; readonly original: SourceFile | undefined }>();

  constructor(private readonly clock: Clock) {}

  get size(): number {
    return this.waiting.size;
  }

  /** True while the candidate should wait. `originals` are the files that were known before it. @throws system errors */
  async mayBeCopy(
    { key }: Candidate,
    content: Content,
    fingerprint: Fingerprint,
    originals: Iterable<SourceFile>,
  ): Promise<boolean> {
    if (fingerprint.length < fingerprintBytes) return false;
    const now = this.clock.monotonic();
    const since = this.waiting.get(key)?.since ?? now;
    if (now - since >= waitMs) return false;
    const { size } = content.look();
    const end = await tailOf(content, size);
    for (const original of originals) {
      if (!original.readable || original.content === undefined || original.size < size) continue;
      if (original.fingerprint.hash !== fingerprint.hash || !(await tailOf(original.content, size)).equals(end))
        continue;
      this.waiting.set(key, { since, original });
      return true;
    }
    return false;
  }

  /**
   * True while a candidate should wait that can't be told from a known file yet: it grew since they were compared, as it was being copied then, or that
   * file can't be read just now. It is compared again.
   */
  mayBeTold({ key }: Candidate): boolean {
    const now = this.clock.monotonic();
    const { since = now, original } = this.waiting.get(key) ?? {};
    if (now - since >= waitMs) return false;
    this.waiting.set(key, { since, original });
    return true;
  }

  /** True when the candidate was seen to equal the beginning of `original`. */
  compared({ key }: Candidate, original: SourceFile): boolean {
    return this.waiting.get(key)?.original === original;
  }

  decided({ key }: Candidate): void {
    this.waiting.delete(key);
  }

  /** Forgets candidates that are there no more. */
  keepOnly(free: ReadonlyMap<string, Candidate>): void {
    for (const key of this.waiting.keys()) if (!free.has(key)) this.waiting.delete(key);
  }
}

/** The last 1 KiB before `end`. */
async function tailOf(content: Content, end: number): Promise<Buffer> {
  const length = Math.min(end, fingerprintBytes);
  const bytes = Buffer.alloc(length);
  await content.read(bytes, 0, length, end - length);
  return bytes;
}
