import type { CopyWatch } from './copy-watch.js';
import { beginsAsKnown, type EarlyRenames } from './early-renames.js';
import { examine, type Evidence } from './evidence.js';
import { fingerprintOf } from './identity.js';
import type { KnownFiles } from './known-files.js';
import { nameOf, type Opened, type Opener } from './opener.js';
import { isPackedName } from './packed-content.js';
import type { PinnedFiles } from './pins/pinned-files.js';
import { isTellable, type FoundElsewhere, type Recognition } from './recognition.js';
import { atOnce, severalAtOnce } from './several-at-once.js';
import type { SourceFile } from './source-file.js';
import { systemReason } from './system-error.js';
import type { Truncation } from './truncation.js';
import { isAnyDoubtful, isReused, type Candidate, type WalkResult } from './walk.js';
import type { Warnings } from './warnings.js';

export interface AdoptionParts {
  readonly warnings: Warnings;
  readonly opener: Opener;
  readonly recognition: Recognition;
  readonly copies: CopyWatch;
  readonly earlyRenames: EarlyRenames;
  readonly truncation: Truncation;
  readonly pinned: PinnedFiles;
  readonly isClosed: () => boolean;
}

/**
 * What becomes of the candidates that a scan found and that are no open file: they are known files found again, or new ones. `free` holds those that
 * are still nobody; each step takes out the ones it placed. Times are those of the scan: `now` since the epoch, `begun` monotonic, ms.
 */
export class Adoption {
  /**
   * Lost files whose inode was seen with another content by the scan before this one. Copied and truncated between that scan's listing and its look,
   * the copy was not in the list; it is in the next one.
   */
  private readonly overwritten = new Set<SourceFile>();

  constructor(
    private readonly files: KnownFiles,
    private readonly parts: AdoptionParts,
  ) {}

  async place(found: WalkResult, free: Map<string, Candidate>, now: number, begun: number): Promise<void> {
    await this.findAgain(found, free, now);
    for (const candidate of free.values()) await this.adoptRenamed(candidate, now);
    await this.adoptNew(free, now, begun);
    await this.parts.pinned.adopt(found, now);
    // Who is missing may only not have been seen.
    if (found.isDoubtful) return;
    this.parts.copies.keepOnly(free);
    this.parts.recognition.keepOnly(free);
    this.parts.earlyRenames.keepOnly(free);
  }

  /** Known files without a place: by their inode, also where only a pin leads to it, else by whole fingerprint and anchor anywhere, else in a finished compressed file. */
  private async findAgain(found: WalkResult, free: Map<string, Candidate>, now: number): Promise<void> {
    const lost = this.files.all.filter((file) => file.state === 'lost');
    for (const { file, candidate, opened, evidence } of await this.parts.recognition.byInode(lost, free)) {
      free.delete(candidate.key);
      this.files.revive(file, candidate, opened.content, evidence, now);
    }
    await this.parts.pinned.findAgain(found, now);
    // Who can't be read under its own inode is not looked for elsewhere: what is alike may be its copy.
    const isComparable = (file: SourceFile): boolean => isTellable(file) && !isUnread(file, free);
    const still = lost.filter((file) => file.state === 'lost' && isComparable(file));
    const known = this.files.all.filter((file) => file.state !== 'gone' && !file.packed && isComparable(file));
    for (const hit of await this.parts.recognition.elsewhere(still, known, free)) {
      if (hit.file.state === 'lost') await this.reviveElsewhere(hit, free, now);
      else this.takeOver(hit, free);
    }
    // Truncated while nobody looked: the inode is still there, with another content, and no copy of the old one, nor one that is just being packed.
    if (this.parts.recognition.isAnyUndecided || found.isDoubtful || isAnyDoubtful(free)) return;
    for (const file of lost) {
      if (file.state !== 'lost') this.overwritten.delete(file);
      else if (this.overwritten.delete(file)) this.files.abandon(file, 'truncated');
      else if (hasItsInode(file, free.get(file.key))) this.overwritten.add(file);
    }
  }

  private async reviveElsewhere(
    { file, candidate, evidence }: FoundElsewhere,
    free: Map<string, Candidate>,
    now: number,
  ): Promise<void> {
    const opened = await this.parts.opener.openCandidate(candidate, isPackedName(nameOf(candidate)));
    if (opened === undefined) return;
    free.delete(candidate.key);
    this.files.rehome(file, candidate, opened.packed);
    this.files.revive(file, candidate, opened.content, evidence, now);
  }

  /** The compressed file of a file that is still read in its plain form: nothing to read twice; it becomes the file's place when the plain one is gone. */
  private takeOver({ file, candidate }: FoundElsewhere, free: Map<string, Candidate>): void {
    free.delete(candidate.key);
    if (file.state !== 'deleted' || !this.files.isDone(file)) return;
    this.files.handles.close(file);
    this.files.rehome(file, candidate, true);
    file.state = 'rotated';
    file.deletedAt = undefined;
  }

  /** A file that was made under a name of the globs and renamed before anyone saw it; it comes before what is now at that name. */
  private async adoptRenamed(candidate: Candidate, now: number): Promise<void> {
    const { earlyRenames } = this.parts;
    const name = earlyRenames.formerName(candidate);
    if (name === undefined || isPackedName(nameOf(candidate))) return;
    // What told its name will not be told again.
    earlyRenames.owe(candidate, name);
    const opened = candidate.doubtful === true ? undefined : await this.parts.opener.plainOf(candidate);
    if (opened === undefined) {
      // Refused, and so it stays.
      if (candidate.doubtful !== true) earlyRenames.settle(candidate);
      return;
    }
    const { content, stat } = opened;
    try {
      const { first, firstLength, size } = await examine(content, []);
      earlyRenames.settle(candidate);
      if (size === 0 || beginsAsKnown(first, firstLength, this.files.all)) {
        content.close();
        return;
      }
      const file = this.files.create(name, { ...stat, size }, fingerprintOf(first, firstLength), now);
      file.currentPath = nameOf(candidate);
      file.state = 'rotated';
      file.content = content;
      this.files.handles.used(file);
      this.files.announce(file);
    } catch (error) {
      content.close();
      this.parts.warnings.warn(nameOf(candidate), systemReason(error), 'FILE_UNREADABLE');
    }
  }

  /** Candidates that are nobody known: a few are looked at at once, then decided one by one. */
  private async adoptNew(free: ReadonlyMap<string, Candidate>, now: number, begun: number): Promise<void> {
    const { recognition } = this.parts;
    const due = [...free.values()].filter(
      (candidate): candidate is Nobody =>
        candidate.matched !== undefined && candidate.doubtful !== true && !recognition.isUndecided(candidate),
    );
    for (let at = 0; at < due.length; at += atOnce) {
      const few = due.slice(at, at + atOnce);
      const isPacked = ({ matched }: Nobody): boolean => isPackedName(matched);
      // Unpacking takes memory: when it is their turn, alone.
      const looked = await severalAtOnce(few, async (one) => (isPacked(one) ? undefined : await this.meet(one)));
      for (const [index, candidate] of few.entries()) {
        const met = isPacked(candidate) ? await this.meet(candidate) : looked[index];
        if (met !== undefined) await this.adopt(candidate, met, free, now, begun);
      }
    }
    // One that was not read may have been renamed since it was listed, and out of the globs: it is what had this name.
    for (const candidate of free.values())
      if (candidate.doubtful === true && candidate.matched !== undefined)
        this.parts.earlyRenames.owe(candidate, candidate.matched);
  }

  /** undefined: it can't be read, or is packed and not finished. */
  private async meet(candidate: Nobody): Promise<Met | undefined> {
    const opened = await this.parts.opener.openCandidate(candidate, isPackedName(candidate.matched));
    if (opened === undefined) return undefined;
    try {
      return { opened, evidence: await examine(opened.content, []) };
    } catch (error) {
      opened.content.close();
      this.parts.warnings.warn(candidate.matched, systemReason(error), 'FILE_UNREADABLE');
      return undefined;
    }
  }

  /** A new file, unless it may be the copy that copytruncate is just making. */
  private async adopt(
    candidate: Nobody,
    { opened, evidence }: Met,
    free: ReadonlyMap<string, Candidate>,
    now: number,
    begun: number,
  ): Promise<void> {
    const { content, stat, packed } = opened;
    try {
      const { first, firstLength, size } = evidence;
      const fingerprint = fingerprintOf(first, firstLength);
      const originals: SourceFile[] = [];
      for (const file of this.files.each)
        if (file.fingerprint.hash === fingerprint.hash && isTellable(file) && file.metAt < begun) originals.push(file);
      const hasGrown = !packed && size > candidate.stat.size && originals.some(({ state }) => state === 'lost');
      const isAnyUnread = originals.some((original) => isUnread(original, free));
      if ((hasGrown || isAnyUnread) && this.parts.copies.mayBeTold(candidate)) {
        content.close();
        return;
      }
      if (!packed && (await this.parts.copies.mayBeCopy(candidate, content, fingerprint, originals))) {
        content.close();
        return;
      }
      // Copied, truncated and written again in one moment: then the original shows it, and takes the copy for its own. Asked after the comparison, which
      // fails for a file that is truncated meanwhile.
      let areProven = true;
      for (const original of packed ? [] : originals)
        if (!(await this.parts.truncation.prove(original))) areProven = false;
      if (!areProven && this.parts.copies.mayBeTold(candidate)) {
        content.close();
        return;
      }
      // Nothing is decided any more when the table closes: the next start tells a copy by what is stored of its original.
      const isLeft = !packed && originals.length > 0 && this.parts.isClosed();
      if (isLeft || this.isRead(candidate)) {
        content.close();
        return;
      }
      const file = this.files.create(
        candidate.matched,
        { ...stat, size, mtimeMs: content.look().mtimeMs },
        fingerprint,
        now,
      );
      file.packed = packed;
      file.metEmpty = size === 0;
      file.content = content;
      this.files.handles.used(file);
      this.parts.copies.decided(candidate);
      this.files.announce(file);
    } catch (error) {
      content.close();
      this.parts.warnings.warn(candidate.matched, systemReason(error), 'FILE_UNREADABLE');
    }
  }

  /**
   * The first bytes of a file that was empty when it was met. Where a file that was known before begins with them, this one may be the copy that
   * copytruncate is making: nothing of it was read yet, so it is forgotten, and a candidate for the next scan. True then.
   */
  async begun(file: SourceFile): Promise<boolean> {
    const { content } = file;
    if (!file.readable || !file.metEmpty || this.parts.isClosed()) return false;
    if (content === undefined) {
      file.metEmpty = false;
      return false;
    }
    let seen: Evidence;
    try {
      seen = await examine(content, []);
    } catch (error) {
      this.parts.warnings.warn(file.currentPath, systemReason(error), 'FILE_UNREADABLE');
      return false;
    }
    const { first, firstLength, size } = seen;
    const { mtimeMs } = content.look();
    file.fingerprint = fingerprintOf(first, firstLength);
    file.metEmpty = false;
    for (const other of this.files.each) {
      if (other === file || other.fingerprint.hash !== file.fingerprint.hash || !isTellable(other)) continue;
      if (other.metAt > file.metAt) continue;
      this.files.disown(file);
      return true;
    }
    file.mtimeMs = mtimeMs;
    this.files.grown(file, size);
    return false;
  }

  /** A file with this inode is read already. */
  private isRead({ stat: { device, inode } }: Candidate): boolean {
    for (const file of this.files.each)
      if (file.inode === inode && file.device === device && file.readable) return true;
    return false;
  }
}

/** A candidate that the globs match, under the name that they do. */
type Nobody = Candidate & { readonly matched: string };

interface Met {
  readonly opened: Opened;
  readonly evidence: Evidence;
}

/** True for a file that is not found because what has its inode can't be read just now. */
const isUnread = (file: SourceFile, free: ReadonlyMap<string, Candidate>): boolean => {
  const candidate = file.state === 'lost' ? free.get(file.key) : undefined;
  return candidate?.doubtful === true && !isReused(file, candidate);
};

/** True when the candidate has the very inode of the file, not one that was given out again. */
const hasItsInode = (file: SourceFile, candidate: Candidate | undefined): boolean =>
  candidate !== undefined && file.birthNs !== '' && candidate.stat.birthNs === file.birthNs;
