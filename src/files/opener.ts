import type { Content, PlainContent } from './content.js';
import { examinePacked, type PackedEvidence } from './evidence.js';
import type { FileStat, FileSystem } from './file-system.js';
import { openChecked, RefusedError } from './open-checked.js';
import { PackedContent } from './packed-content.js';
import { isSystemError, systemReason } from './system-error.js';
import { keyOf, type Candidate } from './walk.js';
import type { Warnings } from './warnings.js';

export interface Opened<C extends Content = Content> {
  readonly content: C;
  readonly stat: FileStat;
  /** True: the content is what a compressed file unpacks to. */
  readonly packed: boolean;
}

const mostUnfinished = 1000;

/** Opens what may be read, and warns of what may not or can't be: then the result is undefined. */
export class Opener {
  /** How many names of an inode are pins. */
  pinNames: (key: string) => number = () => 0;
  private realRoots: readonly string[] = [];
  private ownKeys: ReadonlySet<string> = new Set();
  /** Compressed files that could not be unpacked to their end, by key: their size and time then. */
  private readonly unfinished = new Map<string, string>();

  constructor(
    private readonly fs: FileSystem,
    private readonly warnings: Warnings,
  ) {}

  /** What the last walk found: the real roots, and the files that Pannier itself writes. */
  within(realRoots: readonly string[], ownKeys: ReadonlySet<string>): void {
    this.realRoots = realRoots;
    this.ownKeys = ownKeys;
  }

  /** What a walk found, not what has taken its name since. */
  async plainOf(candidate: Candidate): Promise<Opened<PlainContent> | undefined> {
    const { key, stat } = candidate;
    const opened = await this.plain(nameOf(candidate), (error) => {
      if (!(error instanceof RefusedError) && !isSystemError(error, 'EACCES', 'EPERM')) candidate.doubtful = true;
    });
    if (opened === undefined) return undefined;
    if (keyOf(opened.stat) === key && opened.stat.birthNs === stat.birthNs) return opened;
    candidate.doubtful = true;
    opened.content.close();
    return undefined;
  }

  async plain(path: string, failed?: (error: unknown) => void): Promise<Opened<PlainContent> | undefined> {
    try {
      const opened = await openChecked(this.fs, path, this.realRoots, this.pinNames);
      if (opened !== undefined && this.ownKeys.has(keyOf(opened.stat))) {
        opened.content.close();
        return undefined;
      }
      if (opened === undefined) failed?.(undefined);
      else this.warnings.clear(path);
      return opened === undefined ? undefined : { ...opened, packed: false };
    } catch (error) {
      failed?.(error);
      this.warnings.warn(path, systemReason(error), error instanceof RefusedError ? 'FILE_REFUSED' : 'FILE_UNREADABLE');
      return undefined;
    }
  }

  /** A compressed file is opened unpacked once it is finished; before that, not at all. */
  async open(path: string, packed: boolean): Promise<Opened | undefined> {
    return await this.unpacked(path, await this.plain(path), packed);
  }

  async openCandidate(candidate: Candidate, packed: boolean): Promise<Opened | undefined> {
    return await this.unpacked(nameOf(candidate), await this.plainOf(candidate), packed);
  }

  private async unpacked(
    path: string,
    opened: Opened<PlainContent> | undefined,
    packed: boolean,
  ): Promise<Opened | undefined> {
    if (opened === undefined || !packed) return opened;
    const looks = `${opened.stat.size}:${opened.stat.mtimeMs}`;
    const key = keyOf(opened.stat);
    // One that is unfinished or broken is unpacked again only when it has changed.
    let evidence: PackedEvidence | undefined;
    try {
      evidence = this.unfinished.get(key) === looks ? undefined : await this.examine(path, opened.content);
    } catch (error) {
      // It may be readable with the next scan, though nothing of it changes.
      opened.content.close();
      this.warnings.warn(path, systemReason(error), 'FILE_UNREADABLE');
      return undefined;
    }
    if (evidence === undefined) {
      if (this.unfinished.size >= mostUnfinished) this.unfinished.clear();
      this.unfinished.set(key, looks);
      opened.content.close();
      return undefined;
    }
    const { size, packing } = evidence;
    return { content: new PackedContent(opened.content, size, packing), stat: opened.stat, packed: true };
  }

  private async examine(path: string, content: PlainContent): Promise<PackedEvidence | undefined> {
    try {
      return await examinePacked(content, () => []);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      this.warnings.warn(path, systemReason(error), 'FILE_REFUSED');
      return undefined;
    }
  }
}

/** The name to use of a candidate: the one that the globs match, else any. */
export const nameOf = ({ matched, paths }: Candidate): string => matched ?? paths[0]!;
