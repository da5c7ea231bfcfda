import type { Clock } from '../types/clock.js';
import type { Log } from '../types/log.js';
import type { Content } from './content.js';
import type { CopyWatch } from './copy-watch.js';
import { examine, isSame, type Evidence } from './evidence.js';
import type { FileStat } from './file-system.js';
import { beginsWith, fingerprintBytes, fingerprintOf } from './identity.js';
import type { KnownFiles } from './known-files.js';
import type { Copy, Recognition } from './recognition.js';
import type { SourceFile } from './source-file.js';
import { unsettledBytes } from './place.js';
import { systemReason } from './system-error.js';
import { isAnyDoubtful, isReused, type WalkResult } from './walk.js';
import type { Warnings } from './warnings.js';

export interface TruncationParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly warnings: Warnings;
  readonly recognition: Recognition;
  readonly copies: CopyWatch;
  readonly walk: () => Promise<WalkResult>;
  readonly failed: (file: SourceFile, error: unknown) => void;
  readonly scanSoon: () => void;
  readonly isClosed: () => boolean;
}

/** How often, and how long after each other, ms, a copy is asked for that can't be read. */
const copyAttempts = 50;
const copyPauseMs = 100;

/** Decides, once for all lanes, that the content of a file is another one now, and what becomes of the old. Called by the file table, one at a time. */
export class Truncation {
  constructor(
    private readonly files: KnownFiles,
    private readonly parts: TruncationParts,
  ) {}

  /**
   * Decided once, for all lanes: the content under this inode is another one now. It gets a new identity, from 0; the old one, of which `oldSize`
   * bytes are known, is looked for as a copy.
   */
  async truncated(file: SourceFile, oldSize: number): Promise<void> {
    if (!file.readable || this.parts.isClosed()) return;
    // What has been seen since is of the new content.
    file.size = oldSize;
    const now = this.parts.clock.now();
    const { content } = file;
    const where = { path: file.currentPath, state: file.state, deletedAt: file.deletedAt };
    // Nobody reads it meanwhile; but what is stored of it stays true, should the process end before it is decided.
    file.deciding = true;
    const copy = await this.copyOf(file).finally(() => (file.deciding = false));
    // The end cut the search short. What is stored is the truth of before it, so the next start searches again.
    if (copy === undefined && this.parts.isClosed()) return;
    file.state = 'gone';
    const seen = content === undefined ? undefined : await this.examineOr(file, content);
    if (content !== undefined && seen !== undefined) {
      const { first, firstLength, size } = seen;
      const { mtimeMs } = content.look();
      const stat: FileStat = {
        device: file.device,
        inode: file.inode,
        birthNs: file.birthNs,
        size,
        mtimeMs,
        kind: 'file',
      };
      const next = this.files.create(where.path, stat, fingerprintOf(first, firstLength), now);
      next.follow(file);
      next.state = where.state;
      next.deletedAt = where.deletedAt;
      this.files.handles.move(file, next);
      if (copy === undefined) this.files.abandon(file, 'truncated');
      else this.becomeCopy(file, copy, oldSize, now);
      this.files.announce(next);
    } else {
      // The next scan finds what is under the inode now.
      this.files.handles.close(file);
      if (copy === undefined) this.files.abandon(file, 'truncated');
      else this.becomeCopy(file, copy, oldSize, now);
      this.parts.scanSoon();
    }
    this.files.notify();
  }

  /** A copy that can't be read just now is asked for again, for a while: without it what is unread would be lost. */
  private async copyOf(file: SourceFile): Promise<Copy | undefined> {
    for (let attempt = 1; ; attempt++) {
      const found = await this.parts.walk();
      const free = new Map(found.candidates);
      for (const other of this.files.all) {
        const at = free.get(other.key);
        // A file that was removed may have left its inode to the very copy that is looked for.
        // One that was empty when it was met is nobody yet.
        if (at !== undefined && other.state !== 'gone' && !isReused(other, at) && !other.metEmpty)
          free.delete(other.key);
      }
      free.delete(file.key);
      const copy = await this.parts.recognition.copyOf(file, free, (candidate) =>
        this.parts.copies.compared(candidate, file),
      );
      const mayBeThere = found.isDoubtful || isAnyDoubtful(free);
      if (copy !== undefined || !mayBeThere || attempt >= copyAttempts || this.parts.isClosed()) return copy;
      await this.parts.clock.wait(copyPauseMs);
    }
  }

  /** Looks whether the content is still the same. False: it can't be read just now, so nobody knows. */
  async prove(file: SourceFile): Promise<boolean> {
    if (file.content === undefined || !file.readable) return true;
    try {
      const anchors = this.files.anchorsOf(file);
      // As they are now: the file may grow, and be looked at, while its content is examined.
      const { fingerprint, size } = file;
      const evidence = await examine(file.content, anchors);
      if (evidence.size < size) await this.truncated(file, size);
      else if (!isSame({ fingerprint, size }, anchors, evidence)) await this.truncated(file, file.provenSize);
      return true;
    } catch (error) {
      this.parts.failed(file, error);
      return false;
    }
  }

  async growFingerprint(file: SourceFile): Promise<void> {
    const content = file.content;
    if (content === undefined || !file.readable || file.fingerprint.length >= fingerprintBytes) return;
    try {
      const { first, firstLength } = await examine(content, []);
      if (!beginsWith(file.fingerprint, first, firstLength)) await this.truncated(file, file.provenSize);
      else if (firstLength > file.fingerprint.length) {
        file.fingerprint = fingerprintOf(first, firstLength);
        file.unsaved = true;
        // From now on it can be known by what it holds, also by an agent that starts after this one was killed.
        if (firstLength >= fingerprintBytes) void this.files.record(file);
      }
    } catch (error) {
      this.parts.failed(file, error);
    }
  }

  /** The beginning of what the file holds now; undefined when it can't be read. */
  private async examineOr(file: SourceFile, content: Content): Promise<Evidence | undefined> {
    try {
      return await examine(content, []);
    } catch (error) {
      this.parts.warnings.warn(file.currentPath, systemReason(error), 'FILE_UNREADABLE');
      return undefined;
    }
  }

  private becomeCopy(
    file: SourceFile,
    { candidate: copy, opened, evidence }: Copy,
    oldSize: number,
    now: number,
  ): void {
    this.parts.copies.decided(copy);
    const metEmpty = this.files.all.find((other) => other.metEmpty && other.readable && other.key === copy.key);
    if (metEmpty !== undefined) this.files.disown(metEmpty);
    this.files.rehome(file, copy, false);
    this.files.revive(file, copy, opened.content, evidence, now);
    file.state = 'rotated';
    if (file.size < oldSize) {
      for (const reader of this.files.readers) {
        const lost = unsettledBytes(reader.position(file.fileId), file.size, oldSize);
        if (lost > 0) reader.lost(file, lost, 'truncated');
      }
    }
    this.parts.log.info(
      { path: file.path, copy: copy.paths[0] },
      'the file was copied and truncated: its rest is read from the copy',
    );
  }
}
