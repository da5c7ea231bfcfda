import type { Clock } from '../types/clock.js';
import type { Log } from '../types/log.js';
import type { Fingerprint, StoredFile } from '../types/stored.js';
import type { Content } from './content.js';
import type { Evidence } from './evidence.js';
import type { FileStat } from './file-system.js';
import { Handles } from './handles.js';
import { fingerprintOf, newFileId, type Anchor } from './identity.js';
import { nameOf } from './opener.js';
import { unsettledBytes } from './place.js';
import type { DropReason, Reader } from './reader.js';
import { SourceFile, type FileKeeper } from './source-file.js';
import type { Candidate } from './walk.js';

export interface KnownFilesOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly keeper: FileKeeper;
  readonly maxOpenFiles: number;
  readonly stored: readonly StoredFile[];
  readonly store: { putFiles(files: readonly StoredFile[]): Promise<void>; forget(fileId: string): void };
}

/** Who keeps second names of files: told of each that can be read (again), and of each that is given up. */
export interface PinKeeper {
  keep(file: SourceFile): void;
  release(file: SourceFile): void;
}

/** Sizes alone are stored only now and then, ms. */
const saveEveryMs = 30_000;

/**
 * The identities that are known, and what can happen to one: made, found again, moved, given up, forgotten. The lanes hear of it here, and the store. Who
 * is who is decided elsewhere: `Adoption` for what a scan finds, `Truncation` for a content that changed.
 */
export class KnownFiles {
  readonly readers: Reader[] = [];
  pins: PinKeeper | undefined;
  readonly handles: Handles;
  /** Changes whenever a file is made, found again, moved or forgotten. */
  revision = 0;
  private readonly byId = new Map<string, SourceFile>();
  /** All that ever had a path, so that a new one at it does not have to be held against thousands. */
  private readonly byPath = new Map<string, Set<SourceFile>>();
  /** `byId` as a list; undefined once a file was made or forgotten. */
  private list: readonly SourceFile[] | undefined;
  private lastSave = 0;

  constructor(private readonly options: KnownFilesOptions) {
    const { clock, keeper, maxOpenFiles, stored } = options;
    this.handles = new Handles(maxOpenFiles, (file) => this.isDone(file));
    for (const file of stored) this.add(SourceFile.restore(file, clock.monotonic(), keeper));
  }

  /** As they are now: iterating over them while some are made or forgotten is well. */
  get all(): readonly SourceFile[] {
    return (this.list ??= [...this.byId.values()]);
  }

  /** The same, for who is done with them before any is made or forgotten. */
  get each(): Iterable<SourceFile> {
    return this.byId.values();
  }

  get(fileId: string): SourceFile | undefined {
    return this.byId.get(fileId);
  }

  /** A file's path or state is another one. */
  moved(): void {
    this.revision += 1;
  }

  isDone(file: SourceFile): boolean {
    return this.readers.every((reader) => reader.isDone(file));
  }

  anchorsOf(file: SourceFile): readonly Anchor[] {
    return this.readers.map((reader) => reader.position(file.fileId)).filter((anchor) => anchor !== undefined);
  }

  create(path: string, stat: FileStat, fingerprint: Fingerprint, now: number): SourceFile {
    // The wall clock may have gone back, and the order of the files at a path has to outlive this process.
    let firstSeen = now;
    for (const other of this.byPath.get(path) ?? []) firstSeen = Math.max(firstSeen, other.firstSeen + 1);
    const file = new SourceFile(
      newFileId(),
      path,
      stat,
      fingerprint,
      firstSeen,
      this.options.clock.monotonic(),
      this.options.keeper,
    );
    this.link(file, (other) => other.state !== 'lost');
    this.add(file);
    this.moved();
    file.recorded = this.record(file);
    this.options.log.info({ path, file: file.fileId, size: stat.size }, 'reading a new file');
    return file;
  }

  /** Stores what is known of one file at once. Never rejects. */
  record(file: SourceFile): Promise<void> {
    file.unsaved = false;
    return this.options.store.putFiles([file.stored()]);
  }

  private add(file: SourceFile): void {
    this.byId.set(file.fileId, file);
    const others = this.byPath.get(file.path);
    if (others === undefined) this.byPath.set(file.path, new Set([file]));
    else others.add(file);
    this.list = undefined;
  }

  /** Lets a file follow the last of the others at its path that may have been before it. */
  private link(file: SourceFile, mayPrecede: (other: SourceFile) => boolean): void {
    let last: SourceFile | undefined;
    for (const other of this.byPath.get(file.path) ?? []) {
      if (other === file || !mayPrecede(other)) continue;
      if (last === undefined || other.firstSeen >= last.firstSeen) last = other;
    }
    if (last !== undefined) file.follow(last);
  }

  announce(file: SourceFile): void {
    this.pins?.keep(file);
    for (const reader of this.readers) reader.added(file);
  }

  notify(): void {
    for (const reader of this.readers) reader.changed();
  }

  /**
   * A file is found again, at least as long as `evidence` proved it to be: where it was truncated since, what is there now would else be taken for what it
   * was, and never read; so the next look sees that it shrank.
   */
  revive(file: SourceFile, candidate: Candidate, content: Content, evidence: Evidence, now: number): void {
    file.content = content;
    this.handles.used(file);
    file.currentPath = candidate.paths.includes(file.path) ? file.path : nameOf(candidate);
    file.state = file.currentPath === file.path ? 'open' : 'rotated';
    file.birthNs = candidate.stat.birthNs;
    const monotonic = this.options.clock.monotonic();
    file.found(evidence.size, candidate.stat.mtimeMs, now, monotonic);
    const { size, mtimeMs } = content.look();
    if (size > evidence.size) {
      file.grow(size, monotonic);
      file.mtimeMs = mtimeMs;
    }
    file.lastSeen = now;
    file.unsaved = true;
    this.moved();
    // Those that are not found yet may be, with this scan.
    if (file.predecessor === undefined) this.link(file, ({ firstSeen }) => firstSeen < file.firstSeen);
    if (evidence.firstLength > file.fingerprint.length) {
      file.fingerprint = fingerprintOf(evidence.first, evidence.firstLength);
    }
    this.announce(file);
  }

  rehome(file: SourceFile, candidate: Candidate, packed: boolean): void {
    file.device = candidate.stat.device;
    file.inode = candidate.stat.inode;
    file.birthNs = candidate.stat.birthNs;
    file.currentPath = nameOf(candidate);
    file.packed = packed;
    file.unsaved = true;
    this.moved();
  }

  /** A file has its whole fingerprint, and is so long now. */
  grown(file: SourceFile, size: number): void {
    file.grow(size, this.options.clock.monotonic());
    void this.record(file);
    this.notify();
  }

  abandon(file: SourceFile, reason: DropReason): void {
    file.state = 'gone';
    // With the identity that follows it: what is stored must not tell of a content that is no more.
    void this.record(file);
    this.pins?.release(file);
    for (const reader of this.readers) reader.drop(file, reason);
  }

  /** It is nobody of its own after all, and nothing of it was read. */
  disown(file: SourceFile): void {
    this.handles.close(file);
    this.forget(file);
  }

  forget(file: SourceFile): void {
    this.pins?.release(file);
    this.byId.delete(file.fileId);
    const others = this.byPath.get(file.path);
    others?.delete(file);
    if (others?.size === 0) this.byPath.delete(file.path);
    this.list = undefined;
    this.moved();
    for (const other of this.byId.values()) if (other.predecessor === file) other.predecessor = undefined;
    if (file.predecessor?.successor === file) file.predecessor.successor = undefined;
    for (const reader of this.readers) reader.forgotten(file);
    this.options.store.forget(file.fileId);
  }

  /** Says that bytes are missing which an output still wanted. */
  mourn(file: SourceFile): void {
    for (const reader of this.readers) {
      const pending = unsettledBytes(reader.position(file.fileId), 0, file.size);
      if (pending === 0) continue;
      this.options.log.warn(
        { path: file.path, output: reader.name, bytes: pending },
        'a file with unshipped bytes is found nowhere; they count as dropped when it stays away for PANNIER_FORGET_AFTER',
      );
    }
  }

  /** Stores what changed of the files: all of it when closing, else sizes only now and then. */
  async save(all: boolean): Promise<void> {
    const now = this.options.clock.monotonic();
    const everything = all || now - this.lastSave >= saveEveryMs;
    if (everything) this.lastSave = now;
    const changed = [...this.byId.values()].filter((file) => file.unsaved || (everything && file.readable));
    if (changed.length === 0) return;
    for (const file of changed) file.unsaved = false;
    await this.options.store.putFiles(changed.map((file) => file.stored()));
  }

  /** True when sizes have not been stored for a while. */
  get isSaveDue(): boolean {
    return this.options.clock.monotonic() - this.lastSave >= saveEveryMs;
  }
}
