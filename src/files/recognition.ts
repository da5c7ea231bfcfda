import { examine, examinePacked, isCopy, isSame, isSameElsewhere, type Evidence } from './evidence.js';
import { beginsWith, fingerprintBytes, fingerprintOf, type Anchor } from './identity.js';
import { nameOf, type Opened, type Opener } from './opener.js';
import { RefusedError } from './open-checked.js';
import { isPackedName } from './packed-content.js';
import { oneByOne, severalAtOnce } from './several-at-once.js';
import type { SourceFile } from './source-file.js';
import { systemReason } from './system-error.js';
import type { Candidate } from './walk.js';
import type { Warnings } from './warnings.js';

export interface FoundByInode {
  readonly file: SourceFile;
  readonly candidate: Candidate;
  readonly opened: Opened;
  readonly evidence: Evidence;
}

/** A copy, opened. */
export interface Copy {
  readonly candidate: Candidate;
  readonly opened: Opened;
  readonly evidence: Evidence;
}

export interface FoundElsewhere {
  readonly file: SourceFile;
  readonly candidate: Candidate;
  readonly packed: boolean;
  readonly evidence: Evidence;
}

interface Comparison {
  readonly candidate: Candidate;
  readonly packed: boolean;
  readonly wanted: WantedFiles;
  /** All that the verdict depends on. */
  readonly looks: string;
}

/** Whether files can be told from others by content: a whole fingerprint, which a shorter file never has. */
export const isTellable = ({ fingerprint }: SourceFile): boolean => fingerprint.length === fingerprintBytes;

/**
 * Says which candidates are files that are known already, by the matching order of the design (section 6). It only looks: what follows from a
 * match is the file table's to do. In doubt nothing matches: a repeat is a nuisance, a skipped line is a loss.
 */
export class Recognition {
  /** Candidates that matched nothing, as they were then, so that they are not read with every scan. By key. */
  private readonly strangers = new Map<string, string>();
  /** Packed candidates that could not be compared: they are being written still, or broken. By key, as they were then. */
  private readonly undecided = new Map<string, string>();
  private readonly lost = new WantedFiles();
  private readonly known = new WantedFiles();

  constructor(
    private readonly opener: Opener,
    private readonly warnings: Warnings,
    private readonly anchorsOf: (file: SourceFile) => readonly Anchor[],
  ) {}

  /** Rules 1 and 2: the inode is the known one, and nothing of its content speaks against it. */
  async byInode(lost: readonly SourceFile[], free: ReadonlyMap<string, Candidate>): Promise<FoundByInode[]> {
    const find = async (file: SourceFile): Promise<FoundByInode | undefined> => {
      const candidate = free.get(file.key);
      const opened = candidate && (await this.opener.openCandidate(candidate, file.packed));
      if (candidate === undefined || opened === undefined) return undefined;
      const anchors = this.anchorsOf(file);
      const evidence = await this.look(candidate, () => examine(opened.content, anchors));
      if (evidence !== undefined && isSame(file, anchors, evidence)) return { file, candidate, opened, evidence };
      opened.content.close();
      return undefined;
    };
    const plain = await severalAtOnce(
      lost.filter(({ packed }) => !packed),
      find,
    );
    const packed = await oneByOne(
      lost.filter((file) => file.packed),
      find,
    );
    return [...plain, ...packed].filter((found) => found !== undefined);
  }

  /**
   * Rule 3: any inode with the whole fingerprint and the anchors, unique on both sides; then finished compressed files, only where no plain one matched.
   * A compressed file that the globs match is compared with all of `known`, since it is the same file as its plain form whatever that one's state.
   */
  async elsewhere(
    lost: readonly SourceFile[],
    known: readonly SourceFile[],
    free: ReadonlyMap<string, Candidate>,
  ): Promise<FoundElsewhere[]> {
    this.lost.are(lost);
    this.known.are(known);
    const due: Comparison[] = [];
    for (const candidate of free.values()) {
      const packed = isPackedName(nameOf(candidate));
      const wanted = packed && candidate.matched !== undefined ? this.known : this.lost;
      if (wanted.size === 0) this.undecided.delete(candidate.key);
      if (wanted.size === 0 || (!packed && candidate.stat.size < fingerprintBytes)) continue;
      // By another name it may be read in another way.
      const looks = `${packed}:${candidate.stat.size}:${candidate.stat.mtimeMs}:${wanted === this.known}:${wanted.joined}`;
      if (this.strangers.get(candidate.key) === looks || this.undecided.get(candidate.key) === looks) continue;
      due.push({ candidate, packed, wanted, looks });
    }
    const hits = [
      ...(await severalAtOnce(
        due.filter(({ packed }) => !packed),
        (one) => this.compare(one),
      )),
      ...(await oneByOne(
        due.filter(({ packed }) => packed),
        (one) => this.compare(one),
      )),
    ].flat();
    const plain = hits.filter(({ packed }) => !packed);
    const packed = hits.filter((hit) => hit.packed && !plain.some(({ file }) => file === hit.file));
    return [...plain.filter((hit) => isUnique(hit, plain)), ...packed.filter((hit) => isUnique(hit, packed))];
  }

  /** The copy that copytruncate made of a file that was just truncated; undefined when there is none, or more than one could be it. */
  async copyOf(
    file: SourceFile,
    free: ReadonlyMap<string, Candidate>,
    comparedBefore: (candidate: Candidate) => boolean,
  ): Promise<Copy | undefined> {
    const anchors = this.anchorsOf(file);
    const compare = async (candidate: Candidate): Promise<Copy | undefined> => {
      const opened = await this.opener.plainOf(candidate);
      if (opened === undefined) return undefined;
      const evidence = await this.look(candidate, () =>
        examine(opened.content, (first, length) => (beginsWith(file.fingerprint, first, length) ? anchors : [])),
      );
      if (evidence !== undefined && isCopy(file, anchors, evidence, comparedBefore(candidate)))
        return { candidate, opened, evidence };
      opened.content.close();
      return undefined;
    };
    const candidates = [...free.values()].filter(({ stat }) => stat.size >= fingerprintBytes);
    const hits = (await severalAtOnce(candidates, compare)).filter((copy) => copy !== undefined);
    if (hits.length === 1) return hits[0];
    for (const { opened } of hits) opened.content.close();
    return undefined;
  }

  /** True for a packed file that may turn out as one that is known: it is nobody new until it could be compared, however finished it is by now. */
  isUndecided({ key }: Candidate): boolean {
    return this.undecided.has(key);
  }

  /** True while some packed file may still turn out as one that is lost. */
  get isAnyUndecided(): boolean {
    return this.undecided.size > 0;
  }

  /** Forgets what is known of candidates that are there no more. */
  keepOnly(free: ReadonlyMap<string, Candidate>): void {
    for (const key of this.strangers.keys()) if (!free.has(key)) this.strangers.delete(key);
    for (const key of this.undecided.keys()) if (!free.has(key)) this.undecided.delete(key);
  }

  private async compare(comparison: Comparison): Promise<FoundElsewhere[]> {
    const { candidate, packed, looks } = comparison;
    const matching = await this.matchesOf(comparison);
    // What could not be read may be readable with the next scan, though nothing of it changes.
    if (packed && matching === undefined) this.undecided.set(candidate.key, candidate.doubtful === true ? '' : looks);
    else this.undecided.delete(candidate.key);
    if (matching?.length === 0) this.strangers.set(candidate.key, looks);
    return matching ?? [];
  }

  /** undefined: it can't be read, or not to its end yet. */
  private async matchesOf({ candidate, packed, wanted }: Comparison): Promise<FoundElsewhere[] | undefined> {
    const opened = await this.opener.plainOf(candidate);
    if (opened === undefined) return undefined;
    // Anchors as they are when they are asked for: a file that is still read has others when all is compared.
    let alike: readonly { readonly file: SourceFile; readonly anchors: readonly Anchor[] }[] | undefined;
    const anchorsFor = (first: Buffer, firstLength: number): readonly Anchor[] => {
      alike = wanted.beginningWith(first, firstLength).map((file) => ({ file, anchors: this.anchorsOf(file) }));
      return alike.flatMap(({ anchors }) => anchors);
    };
    const evidence = await this.look(candidate, () =>
      packed
        ? examinePacked(opened.content, (first, firstLength) => {
            const anchors = anchorsFor(first, firstLength);
            return alike?.length === 0 ? undefined : anchors;
          })
        : examine(opened.content, anchorsFor),
    );
    opened.content.close();
    if (evidence === undefined) return alike?.length === 0 ? [] : undefined;
    return alike
      ?.filter(({ file, anchors }) => isSameElsewhere(file, anchors, evidence))
      .map(({ file }) => ({ file, candidate, packed, evidence }));
  }

  private async look<T>(candidate: Candidate, read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      const isRefused = error instanceof RefusedError;
      if (!isRefused) candidate.doubtful = true;
      const code = isRefused ? 'FILE_REFUSED' : 'FILE_UNREADABLE';
      this.warnings.warn(nameOf(candidate), systemReason(error), code);
      return undefined;
    }
  }
}

const isUnique = (hit: FoundElsewhere, among: readonly FoundElsewhere[]): boolean =>
  among.filter(({ file, candidate }) => file === hit.file || candidate === hit.candidate).length === 1;

/** Files with whole fingerprints that candidates are compared with. There may be thousands of both, so neither a comparison nor its verdict takes all of them. */
class WantedFiles {
  /** Grows with each file that joins: a verdict over all of them holds until then. */
  joined = 0;
  private ids = new Set<string>();
  private byBeginning = new Map<string, SourceFile[]>();

  get size(): number {
    return this.ids.size;
  }

  are(files: readonly SourceFile[]): void {
    const ids = new Set<string>();
    this.byBeginning = new Map();
    for (const file of files) {
      ids.add(file.fileId);
      if (!this.ids.has(file.fileId)) this.joined += 1;
      const alike = this.byBeginning.get(file.fingerprint.hash);
      if (alike === undefined) this.byBeginning.set(file.fingerprint.hash, [file]);
      else alike.push(file);
    }
    this.ids = ids;
  }

  beginningWith(first: Buffer, firstLength: number): readonly SourceFile[] {
    const { length, hash } = fingerprintOf(first, firstLength);
    return length < fingerprintBytes ? [] : (this.byBeginning.get(hash) ?? []);
  }
}
