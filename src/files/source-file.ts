import type { FileFacts } from '../types/record.js';
import type { Fingerprint, StoredFile } from '../types/stored.js';
import type { Content } from './content.js';
import type { FileStat } from './file-system.js';
import { beginsWith, hashOf, type Anchor } from './identity.js';

/**
 * open     at the path it was found under
 * rotated  at another path, mostly renamed; still read through its handle
 * deleted  no path leads to it; held open until every lane is done with it or a hold limit is met
 * lost     known from an earlier run, found nowhere; its record waits to be found again or forgotten
 * gone     its unread bytes are not to be had any more; its record stays for late acknowledgements
 *
 * open ⇄ rotated, both → deleted → (closed), both → gone by truncation (or → rotated, when a copy is found), lost → rotated | open.
 */
export type FileState = 'open' | 'rotated' | 'deleted' | 'lost' | 'gone';

/** What the file table does for its files. */
export interface FileKeeper {
  /** The open content; opens it again when the handle limit had closed it. undefined: it can't be read now. */
  contentOf(file: SourceFile): Promise<Content | undefined>;
  /** A read showed that the bytes are not those of before: decided once, for all lanes. */
  changed(file: SourceFile, how: 'shrunk' | 'rewritten'): void;
  /** A read failed for another reason. */
  failed(file: SourceFile, error: unknown): void;
}

/** A log file under one identity. Made and changed by the file table alone; lanes read it. */
export class SourceFile implements FileFacts {
  state: FileState = 'open';
  /** It was empty when it was met, and is not compared with others yet: it may become the copy that copytruncate is just making. */
  metEmpty = false;
  /** Where it is now. `path` is where it was found, which is what records say. */
  currentPath: string;
  device: string;
  inode: string;
  birthNs: string;
  fingerprint: Fingerprint;
  /** Bytes, as last seen. Shrinks only when the file is given up. */
  size: number;
  /** The size at the last read that proved that the content is still the same. What was seen beyond may be another content already. */
  provenSize: number;
  mtimeMs: number;
  firstSeen: number;
  lastSeen: number;
  encoding = '';
  format = '';
  content: Content | undefined;
  /** True where bytes are those of an unpacked compressed file. */
  packed = false;
  /** Its bytes stay by a second name of ours when the application deletes it. */
  pinned = false;
  /** How many of its names are such, also of other agents. */
  pinNames = 0;
  /** Monotonic ms of the first sight in this run. */
  metAt: number;
  /** Monotonic ms of the last growth seen. */
  grownAt: number;
  /** Monotonic ms at which it was seen to have no name; undefined while it has one. */
  deletedAt: number | undefined;
  /** Monotonic ms from which it is worth looking at again, and how long the pause is. */
  nextLookAt = 0;
  lookEveryMs = 1000;
  /** The file that had this path before: lanes reach its end once before they start this one. */
  predecessor: SourceFile | undefined;
  /** Its content is another one, and it is being looked for where the old one is. */
  deciding = false;
  /** The file that has this one for its predecessor, if any. */
  successor: SourceFile | undefined;
  /** Settled when the identity is on disk, or could not be written. */
  recorded: Promise<void> = Promise.resolve();
  /** Why it can't be read just now; '' when it can. */
  problem = '';
  /** What of it changed since it was stored. */
  unsaved = true;

  private growth: { readonly upTo: number; readonly at: number }[] = [];

  constructor(
    readonly fileId: string,
    readonly path: string,
    stat: FileStat,
    fingerprint: Fingerprint,
    now: number,
    monotonic: number,
    private readonly keeper: FileKeeper,
  ) {
    this.currentPath = path;
    this.device = stat.device;
    this.inode = stat.inode;
    this.birthNs = stat.birthNs;
    this.fingerprint = fingerprint;
    this.size = stat.size;
    this.provenSize = stat.size;
    this.mtimeMs = stat.mtimeMs;
    this.firstSeen = now;
    this.lastSeen = now;
    this.grownAt = monotonic;
    this.metAt = monotonic;
    this.found(stat.size, stat.mtimeMs, now, monotonic);
  }

  /** A file of an earlier run, to be found again. */
  static restore(stored: StoredFile, monotonic: number, keeper: FileKeeper): SourceFile {
    const { device, inode, birthNs, size } = stored;
    const stat: FileStat = { device, inode, birthNs, size, mtimeMs: stored.lastSeen, kind: 'file' };
    const file = new SourceFile(
      stored.fileId,
      stored.path,
      stat,
      stored.fingerprint,
      stored.firstSeen,
      monotonic,
      keeper,
    );
    file.lastSeen = stored.lastSeen;
    file.encoding = stored.encoding;
    file.format = stored.format;
    file.state = stored.gone ? 'gone' : 'lost';
    file.unsaved = false;
    return file;
  }

  /** Notes what is there when the file is met: bytes that are at least as old as its last change. */
  found(size: number, mtimeMs: number, now: number, monotonic: number): void {
    this.size = size;
    this.provenSize = size;
    this.mtimeMs = mtimeMs;
    this.grownAt = monotonic;
    this.growth = [{ upTo: size, at: monotonic - Math.max(0, now - mtimeMs) }];
  }

  /** Notes a growth, so that the age of the oldest unread byte can be told. */
  grow(size: number, monotonic: number): void {
    this.size = size;
    this.grownAt = monotonic;
    this.growth.push({ upTo: size, at: monotonic });
    // Every other mark goes: ages get coarser, memory does not grow.
    if (this.growth.length > 64) this.growth = this.growth.filter((_, index) => index % 2 === 1);
  }

  /** Monotonic ms since which the byte at `offset` is known to be there; undefined: it is not there yet. */
  seenAt(offset: number): number | undefined {
    return this.growth.find(({ upTo }) => upTo > offset)?.at;
  }

  /** Comes after `predecessor` at the same path. */
  follow(predecessor: SourceFile): void {
    if (this.predecessor?.successor === this) this.predecessor.successor = undefined;
    this.predecessor = predecessor;
    predecessor.successor = this;
  }

  get key(): string {
    return `${this.device}:${this.inode}`;
  }

  /** Birth where the file system knows it, else first sight; ms since the epoch. */
  get birthMs(): number {
    return this.birthNs === '' ? this.firstSeen : Number(BigInt(this.birthNs) / 1_000_000n);
  }

  /** True while its bytes can be had. */
  get readable(): boolean {
    return !this.deciding && (this.state === 'open' || this.state === 'rotated' || this.state === 'deleted');
  }

  stored(): StoredFile {
    const { fileId, path, device, inode, birthNs, fingerprint, size, encoding, format, firstSeen, lastSeen } = this;
    return {
      fileId,
      path,
      device,
      inode,
      birthNs,
      fingerprint,
      size,
      encoding,
      format,
      firstSeen,
      lastSeen,
      gone: this.state === 'gone',
    };
  }

  /**
   * Reads up to `length` bytes from `anchor.offset` on into `target[at…]`, together with the anchor's bytes, which go just before `at` (there must
   * be room): so what the anchor vouches for and what is new come from one read. Size and anchor are checked before the caller sees a byte.
   * @returns the number of new bytes, 0 at the end, or undefined when the file can't be read now or is not the same any more
   */
  async read(target: Buffer, at: number, length: number, anchor: Anchor): Promise<number | undefined> {
    try {
      const content = await this.keeper.contentOf(this);
      if (content === undefined || !this.readable) return undefined;
      // What is found beyond it while the read is under way may be another content's already.
      const known = this.size;
      const before = anchor.length;
      const total = await content.read(target, at - before, before + length, anchor.offset - before);
      // Closed meanwhile (by the handle limit, a truncation, a hold limit): its descriptor may be another file's by now.
      if (this.content !== content) return undefined;
      const { size } = content.look();
      const count = Math.max(0, total - before);
      const same =
        size >= Math.max(this.size, anchor.offset - before + total) &&
        total >= before &&
        (before === 0 || hashOf(target, at - before, at) === anchor.hash) &&
        (anchor.offset > 0 ||
          count < this.fingerprint.length ||
          beginsWith(this.fingerprint, target.subarray(at), count));
      if (!same) this.keeper.changed(this, size < this.size ? 'shrunk' : 'rewritten');
      if (!same) return undefined;
      this.provenSize = Math.max(this.provenSize, Math.min(size, known));
      this.problem = '';
      return count;
    } catch (error) {
      this.keeper.failed(this, error);
      return undefined;
    }
  }
}
