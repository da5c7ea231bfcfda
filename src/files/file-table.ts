import type { Clock } from '../types/clock.js';
import type { Log } from '../types/log.js';
import type { StoredFile } from '../types/stored.js';
import type { Content } from './content.js';
import { CopyWatch } from './copy-watch.js';
import { beginsAsKnown, EarlyRenames } from './early-renames.js';
import { examine, isSame, type Evidence } from './evidence.js';
import type { FileStat, FileSystem } from './file-system.js';
import { isInside, pathMatcher, rootsOf } from './globs.js';
import { Handles, hasName } from './handles.js';
import { overLimits } from './holds.js';
import { beginsWith, fingerprintBytes, fingerprintOf, newFileId, type Anchor } from './identity.js';
import { isGzipName, nameOf, Opener } from './opener.js';
import type { DropReason, Reader } from './reader.js';
import { isTellable, Recognition } from './recognition.js';
import { SourceFile, type FileKeeper } from './source-file.js';
import { systemReason } from './system-error.js';
import { keyOf, walk, type Candidate, type WalkResult } from './walk.js';
import { Warnings } from './warnings.js';
import { Watcher } from './watcher.js';

/** What a reload may change. */
export interface FileSettings {
  readonly paths: readonly string[];
  readonly exclude: readonly string[];
  /** undefined: the lower of 1 GiB and a tenth of the volume. */
  readonly holdMaxBytes: number | undefined;
  readonly holdMaxAgeMs: number;
  readonly holdGraceMs: number;
  readonly forgetAfterMs: number;
  readonly volumeLimit: number | undefined;
}

export interface FileTableOptions extends FileSettings {
  /** Folders of Pannier's own, never read. */
  readonly ownFolders: readonly string[];
  /** Files that Pannier itself writes now, never read; asked with each scan. */
  readonly ownFiles: () => Promise<readonly { readonly device: string; readonly inode: string }[]>;
  readonly fs: FileSystem;
  readonly clock: Clock;
  readonly log: Log;
  readonly maxOpenFiles?: number;
  readonly stored: readonly StoredFile[];
  readonly store: { putFiles(files: readonly StoredFile[]): Promise<void>; forget(fileId: string): void };
}

/** Pauses between looks at a file: at first, and at most once it is quiet. */
const lookFirstMs = 100;
const lookMostMs = 1000;
/** At most so many files are looked at in one tick, so that the cost stays flat with their number. */
const looksPerTick = 200;
const tickMs = 100;
/** A whole scan, with the watcher working and without it. */
const rescanMs = 5000;
const rescanUnwatchedMs = 1000;
/** Hints of one burst share a scan. */
const hintDelayMs = 20;
const saveEveryMs = 30_000;

/**
 * Every file that is known, and the only owner of their handles and identities. It decides who a file is: found, renamed, deleted, truncated,
 * copied, forgotten; lanes are told and read. Scans and decisions run one after the other (`exclusive`), looks and reads beside them.
 */
export class FileTable implements FileKeeper, AsyncDisposable {
  /** By fileId. */
  private readonly byId = new Map<string, SourceFile>();
  private readonly readers: Reader[] = [];
  private readonly handles: Handles;
  private readonly watcher: Watcher;
  private matches: (path: string) => boolean;
  private roots: readonly string[];
  private realRoots: readonly string[] = [];
  private readonly warnings: Warnings;
  private readonly opener: Opener;
  private readonly recognition: Recognition;
  private readonly copies: CopyWatch;
  private readonly earlyRenames = new EarlyRenames();
  private queue: Promise<unknown> = Promise.resolve();
  private ticker: NodeJS.Timeout | undefined;
  private scanTimer: NodeJS.Timeout | undefined;
  /** Monotonic ms of the scan that the timer will start. */
  private nextScanAt = Infinity;
  private scanBegun = 0;
  private lastScan = -Infinity;
  private lastScanCostMs = 0;
  private lastSave = 0;
  private lookStart = 0;
  private unwatchable = false;
  private closed = false;
  /** Look at every file with every tick (while draining). */
  private eager = false;

  private settings: FileSettings;

  constructor(private readonly options: FileTableOptions) {
    this.settings = options;
    this.matches = pathMatcher(options.paths, options.exclude);
    this.roots = rootsOf(options.paths);
    this.handles = new Handles(options.maxOpenFiles ?? 512, (file) => this.isDone(file));
    this.warnings = new Warnings(options.log);
    this.opener = new Opener(options.fs, this.warnings);
    this.recognition = new Recognition(this.opener, this.warnings, (file) => this.anchorsOf(file));
    this.copies = new CopyWatch(options.clock);
    this.watcher = new Watcher({
      grown: (path) => {
        if (this.matches(path)) this.earlyRenames.event(path);
        this.hint(path);
      },
      changed: (path) => {
        if (path !== undefined && this.matches(path)) this.earlyRenames.event(path);
        this.scanSoon();
      },
      failed: (error) => {
        this.unwatchable = true;
        options.log.warn(
          { code: 'WATCH_DEGRADED', reason: error.message },
          'the kernel gives no more file watches: files are polled instead; raise fs.inotify.max_user_instances or max_user_watches for faster reaction',
        );
      },
    });
    for (const stored of options.stored) {
      this.byId.set(stored.fileId, SourceFile.restore(stored, options.clock.monotonic(), this));
    }
  }

  get files(): Iterable<SourceFile> {
    return this.byId.values();
  }

  find(fileId: string): SourceFile | undefined {
    return this.byId.get(fileId);
  }

  /** Bytes of deleted files that are held open for slow outputs. */
  get heldBytes(): number {
    let sum = 0;
    for (const file of this.byId.values()) if (file.state === 'deleted') sum += file.size;
    return sum;
  }

  get watchDegraded(): boolean {
    return this.unwatchable;
  }

  addReader(reader: Reader): void {
    this.readers.push(reader);
  }

  removeReader(reader: Reader): void {
    this.readers.splice(this.readers.indexOf(reader), 1);
  }

  /** The first scan, then watching and looking. Resolves when every file that exists is known. */
  async start(): Promise<void> {
    await this.scan();
    for (const file of this.byId.values()) if (file.state === 'lost') this.mourn(file);
    this.ticker = setInterval(() => this.tick(), tickMs);
    this.scheduleScan();
  }

  /** From now on every file is looked at with every tick: the application may be writing its last lines. */
  beginDrain(): void {
    this.eager = true;
  }

  /** A scan now; resolves when its findings are in the table. Never rejects: what failed is said, and tried again with the next. */
  async scan(): Promise<void> {
    await this.exclusive(() => this.scanNow()).catch(() => {});
  }

  /** Follows other globs, exclusions and limits from now on; what is known stays known. */
  async reconfigure(settings: FileSettings): Promise<void> {
    this.settings = settings;
    this.matches = pathMatcher(settings.paths, settings.exclude);
    this.roots = rootsOf(settings.paths);
    await this.scan();
  }

  /** Looks at every file's size at once. */
  lookAtAll(): void {
    for (const file of this.byId.values()) if (file.readable) this.look(file);
  }

  /** ms since any file grew. */
  quietMs(): number {
    const now = this.options.clock.monotonic();
    let least = Infinity;
    for (const file of this.byId.values()) if (file.readable) least = Math.min(least, now - file.grownAt);
    return least;
  }

  async contentOf(file: SourceFile): Promise<Content | undefined> {
    if (!file.readable) return undefined;
    if (file.content === undefined) await this.exclusive(() => this.reopen(file));
    if (file.content !== undefined) this.handles.used(file);
    return file.content;
  }

  changed(file: SourceFile, how: 'shrunk' | 'rewritten'): void {
    const { content } = file;
    // Several may notice before it is decided: what they saw was this content, and the file may have found another by then.
    if (file.readable) this.later(async () => (file.content === content ? this.truncated(file, how) : undefined));
  }

  failed(file: SourceFile, error: unknown): void {
    file.problem = systemReason(error);
    file.nextLookAt = this.options.clock.monotonic() + lookMostMs;
    this.warnings.warn(file.currentPath, file.problem, 'FILE_UNREADABLE');
  }

  /** Remembers a change of what is stored of a file (detected format, encoding). */
  touch(file: SourceFile): void {
    file.unsaved = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closed = true;
    clearInterval(this.ticker);
    clearTimeout(this.scanTimer);
    await this.queue;
    await this.watcher.close();
    await this.save(true);
    this.handles.closeAll();
  }

  // ── looking ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  private hint(path: string): void {
    const now = this.options.clock.monotonic();
    for (const file of this.byId.values()) {
      if (file.currentPath !== path || !file.readable) continue;
      // Events come in bursts: one look per pause, and the tick sees to the last event.
      if (now - file.lookedAt >= hintDelayMs) this.look(file);
      else file.nextLookAt = Math.min(file.nextLookAt, file.lookedAt + hintDelayMs);
      return;
    }
    if (this.matches(path)) this.scanSoon();
  }

  private tick(): void {
    const now = this.options.clock.monotonic();
    const files = [...this.byId.values()];
    let looks = 0;
    for (let step = 0; step < files.length && looks < looksPerTick; step += 1) {
      this.lookStart = (this.lookStart + 1) % files.length;
      const file = files[this.lookStart]!;
      if (!file.readable || (!this.eager && file.nextLookAt > now)) continue;
      looks += 1;
      this.look(file);
    }
    if (now - this.lastSave >= saveEveryMs) void this.save(false);
  }

  private look(file: SourceFile): void {
    const now = this.options.clock.monotonic();
    file.lookedAt = now;
    try {
      const seen = this.sight(file);
      if (seen === undefined) {
        this.scanSoon();
        return;
      }
      if (file.problem !== '') {
        file.problem = '';
        this.warnings.clear(file.currentPath);
        this.notify();
      }
      if (seen.size < file.size) {
        this.changed(file, 'shrunk');
        return;
      }
      // Written to without growing: perhaps to the very size it had.
      if (seen.mtimeMs !== file.mtimeMs && seen.size === file.size) this.later(() => this.prove(file));
      file.mtimeMs = seen.mtimeMs;
      if (seen.size > file.size) {
        file.grow(seen.size, now);
        file.lookEveryMs = lookFirstMs;
        if (file.fingerprint.length < fingerprintBytes) this.later(() => this.growFingerprint(file));
        this.notify();
      } else file.lookEveryMs = Math.min(lookMostMs, file.lookEveryMs * 1.5);
    } catch (error) {
      this.failed(file, error);
      return;
    }
    file.nextLookAt = now + file.lookEveryMs;
  }

  /** Size and time of the file as it is now; undefined: it is not open, and another or none is at its path. */
  private sight(file: SourceFile): { readonly size: number; readonly mtimeMs: number } | undefined {
    if (file.content !== undefined) return file.content.look();
    const stat = this.options.fs.stat(file.currentPath);
    if (stat === undefined || keyOf(stat) !== file.key || stat.birthNs !== file.birthNs) return undefined;
    // The size of a packed file is that of its unpacked bytes, and it is finished anyway.
    return file.packed ? file : stat;
  }

  private notify(): void {
    for (const reader of this.readers) reader.changed();
  }

  // ── scanning ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  private scanSoon(): void {
    // A folder in constant change costs at most a tenth of the time.
    const pause = this.lastScan + 10 * this.lastScanCostMs - this.options.clock.monotonic();
    this.scanWithin(Math.max(hintDelayMs, pause));
  }

  private scheduleScan(): void {
    const watched =
      this.watcher.active && !this.unwatchable && this.realRoots.length >= this.roots.length && this.copies.size === 0;
    this.scanWithin(watched && !this.eager ? rescanMs : rescanUnwatchedMs);
  }

  /** A scan that is due earlier stays due: hints without a pause must not put it off, nor one that comes during a scan be forgotten. */
  private scanWithin(ms: number): void {
    const at = this.options.clock.monotonic() + ms;
    if (this.closed || at >= this.nextScanAt) return;
    clearTimeout(this.scanTimer);
    this.nextScanAt = at;
    this.scanTimer = setTimeout(() => {
      this.nextScanAt = Infinity;
      void this.scan().then(() => this.scheduleScan());
    }, ms);
  }

  private exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(work);
    this.queue = result.catch((error: unknown) => {
      this.options.log.error(
        { code: 'INTERNAL', reason: systemReason(error) },
        'a look at the log folders failed; it is tried again',
      );
    });
    return result;
  }

  /** As `exclusive`, for work that nobody waits for. */
  private later(work: () => Promise<void>): void {
    this.exclusive(work).catch(() => {}); // said by `exclusive`
  }

  private async scanNow(): Promise<void> {
    if (this.closed) return;
    const begun = this.options.clock.monotonic();
    this.scanBegun = begun;
    this.earlyRenames.scanBegins(this.options.clock.now());
    const now = this.options.clock.now();
    const found = await this.walk();
    if (!this.unwatchable) this.watcher.watch(this.roots.filter((root) => this.isThere(root)));
    const free = new Map(found.candidates);
    for (const file of this.byId.values()) if (file.readable) this.follow(file, free, now);
    await this.findAgain(free, now);
    for (const candidate of free.values()) await this.adoptRenamed(candidate, now);
    for (const candidate of free.values()) await this.adopt(candidate, now);
    this.copies.keepOnly(free);
    this.recognition.keepOnly(free);
    this.release(found);
    this.forgetOld(now);
    await this.save(false);
    this.lastScan = this.options.clock.monotonic();
    this.lastScanCostMs = this.lastScan - begun;
  }

  /** What can't be looked at counts as absent. */
  private isThere(path: string): boolean {
    try {
      return this.options.fs.stat(path) !== undefined;
    } catch {
      return false;
    }
  }

  private async walk(): Promise<WalkResult> {
    const { fs } = this.options;
    const folders = this.options.ownFolders.map((path) => fs.stat(path)).filter((stat) => stat !== undefined);
    const ownKeys = new Set([...folders, ...(await this.options.ownFiles())].map(keyOf));
    const found = await walk({
      fs,
      roots: this.roots,
      matches: this.matches,
      isOwn: (key) => ownKeys.has(key),
      refuse: (path, reason) => this.warnings.warn(path, reason, 'FILE_REFUSED'),
      unreadable: (path, reason) => this.warnings.warn(path, reason, 'FILE_UNREADABLE'),
    });
    this.realRoots = found.realRoots;
    this.opener.within(found.realRoots, ownKeys);
    return found;
  }

  /** Where a readable file is now: at its path, at another, or nowhere. Takes its candidate out of `free`. */
  private follow(file: SourceFile, free: Map<string, Candidate>, now: number): void {
    const candidate = free.get(file.key);
    const reused = candidate !== undefined && file.content === undefined && candidate.stat.birthNs !== file.birthNs;
    if (candidate === undefined || reused) {
      if (file.content === undefined) {
        file.state = 'lost';
        this.mourn(file);
      } else if (file.state !== 'deleted') {
        file.state = 'deleted';
        file.deletedAt = this.options.clock.monotonic();
        this.notify();
      }
      return;
    }
    free.delete(file.key);
    file.lastSeen = now;
    file.deletedAt = undefined;
    if (!candidate.paths.includes(file.currentPath)) file.currentPath = nameOf(candidate);
    const state = file.currentPath === file.path ? 'open' : 'rotated';
    if (state !== file.state) {
      file.state = state;
      this.notify();
    }
    this.look(file);
  }

  /** Known files without a place: by their inode, else by whole fingerprint and anchor anywhere, else in a finished gzip file. */
  private async findAgain(free: Map<string, Candidate>, now: number): Promise<void> {
    const lost = [...this.byId.values()].filter((file) => file.state === 'lost');
    for (const { file, candidate, opened, evidence } of await this.recognition.byInode(lost, free)) {
      free.delete(candidate.key);
      this.revive(file, candidate, opened.content, evidence, now);
    }
    const still = lost.filter((file) => file.state === 'lost' && isTellable(file));
    const known = [...this.byId.values()].filter((file) => file.state !== 'gone' && !file.packed && isTellable(file));
    for (const { file, candidate } of await this.recognition.elsewhere(still, known, free)) {
      if (file.state === 'lost') await this.reviveElsewhere(file, candidate, free, now);
      else this.takeOver(file, candidate, free);
    }
    // Truncated while nobody looked: the inode is still there, with another content, and no copy of the old one.
    for (const file of lost) {
      const stat = free.get(file.key)?.stat;
      if (file.state === 'lost' && stat !== undefined && file.birthNs !== '' && stat.birthNs === file.birthNs) {
        this.abandon(file, 'truncated');
      }
    }
  }

  private async reviveElsewhere(
    file: SourceFile,
    candidate: Candidate,
    free: Map<string, Candidate>,
    now: number,
  ): Promise<void> {
    const opened = await this.opener.openCandidate(candidate, isGzipName(nameOf(candidate)));
    if (opened === undefined) return;
    free.delete(candidate.key);
    this.rehome(file, candidate, opened.packed);
    this.revive(file, candidate, opened.content, undefined, now);
  }

  /** The gzip file of a file that is still read in its plain form: nothing to read twice; it becomes the file's place when the plain one is gone. */
  private takeOver(file: SourceFile, candidate: Candidate, free: Map<string, Candidate>): void {
    free.delete(candidate.key);
    if (file.state !== 'deleted' || !this.isDone(file)) return;
    this.handles.close(file);
    this.rehome(file, candidate, true);
    file.state = 'rotated';
    file.deletedAt = undefined;
  }

  private rehome(file: SourceFile, candidate: Candidate, packed: boolean): void {
    file.device = candidate.stat.device;
    file.inode = candidate.stat.inode;
    file.birthNs = candidate.stat.birthNs;
    file.currentPath = nameOf(candidate);
    file.packed = packed;
    file.unsaved = true;
  }

  private revive(
    file: SourceFile,
    candidate: Candidate,
    content: Content,
    evidence: Evidence | undefined,
    now: number,
  ): void {
    const { size, mtimeMs } = content.look();
    file.content = content;
    this.handles.used(file);
    file.currentPath = candidate.paths.includes(file.path) ? file.path : nameOf(candidate);
    file.state = file.currentPath === file.path ? 'open' : 'rotated';
    file.birthNs = candidate.stat.birthNs;
    file.found(size, mtimeMs, now, this.options.clock.monotonic());
    file.lastSeen = now;
    file.unsaved = true;
    if (evidence !== undefined && evidence.firstLength > file.fingerprint.length) {
      file.fingerprint = fingerprintOf(evidence.first, evidence.firstLength);
    }
    this.announce(file);
  }

  /** A file that was made under a name of the globs and renamed before anyone saw it; it comes before what is now at that name. */
  private async adoptRenamed(candidate: Candidate, now: number): Promise<void> {
    const name = this.earlyRenames.formerName(candidate);
    if (name === undefined || isGzipName(nameOf(candidate))) return;
    const opened = await this.opener.plain(nameOf(candidate));
    if (opened === undefined) return;
    const { content, stat } = opened;
    try {
      const { first, firstLength, size } = await examine(content, []);
      if (size === 0 || beginsAsKnown(first, firstLength, this.byId.values())) {
        content.close();
        return;
      }
      const file = this.create(name, { ...stat, size }, fingerprintOf(first, firstLength), now);
      file.currentPath = nameOf(candidate);
      file.state = 'rotated';
      file.content = content;
      this.handles.used(file);
      this.announce(file);
    } catch (error) {
      content.close();
      this.warnings.warn(nameOf(candidate), systemReason(error), 'FILE_UNREADABLE');
    }
  }

  /** A candidate that is nobody known: a new file when the globs match it, unless it may be the copy that copytruncate is just making. */
  private async adopt(candidate: Candidate, now: number): Promise<void> {
    if (candidate.matched === undefined) return;
    const opened = await this.opener.openCandidate(candidate, isGzipName(candidate.matched));
    if (opened === undefined) return;
    const { content, stat, packed } = opened;
    try {
      const { first, firstLength, size } = await examine(content, []);
      const fingerprint = fingerprintOf(first, firstLength);
      const before = [...this.byId.values()].filter(({ metAt }) => metAt < this.scanBegun);
      // Copied, truncated and written again in one moment: then the original shows it, and takes the copy for its own.
      const originals = before.filter((file) => isTellable(file) && file.fingerprint.hash === fingerprint.hash);
      for (const original of packed ? [] : originals) await this.prove(original);
      if ([...this.byId.values()].some((file) => file.readable && file.key === candidate.key)) {
        content.close();
        return;
      }
      if (!packed && (await this.copies.mayBeCopy(candidate, content, fingerprint, originals))) {
        content.close();
        return;
      }
      const file = this.create(candidate.matched, { ...stat, size }, fingerprint, now);
      file.packed = packed;
      file.content = content;
      this.handles.used(file);
      this.copies.decided(candidate);
      this.announce(file);
    } catch (error) {
      content.close();
      this.warnings.warn(candidate.matched, systemReason(error), 'FILE_UNREADABLE');
    }
  }

  private create(path: string, stat: FileStat, fingerprint: SourceFile['fingerprint'], now: number): SourceFile {
    const file = new SourceFile(newFileId(), path, stat, fingerprint, now, this.options.clock.monotonic(), this);
    for (const other of this.byId.values()) {
      if (other.path !== path || other.state === 'lost') continue;
      if (file.predecessor === undefined || other.firstSeen >= file.predecessor.firstSeen) file.predecessor = other;
    }
    this.byId.set(file.fileId, file);
    file.unsaved = false;
    file.recorded = this.options.store.putFiles([file.stored()]);
    this.options.log.info({ path, file: file.fileId, size: stat.size }, 'reading a new file');
    return file;
  }

  private announce(file: SourceFile): void {
    for (const reader of this.readers) reader.added(file);
  }

  // ── truncation ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Decided once, for all lanes: the content under this inode is another one now. It gets a new identity, from 0; the old one is looked for as a copy. */
  private async truncated(file: SourceFile, how: 'shrunk' | 'rewritten'): Promise<void> {
    if (!file.readable || this.closed) return;
    if (how === 'rewritten') file.size = file.provenSize;
    const now = this.options.clock.now();
    const { content } = file;
    const oldSize = file.size;
    const where = { path: file.currentPath, state: file.state, deletedAt: file.deletedAt };
    file.state = 'gone';
    const free = new Map((await this.walk()).candidates);
    for (const other of this.byId.values()) if (other.state !== 'gone') free.delete(other.key);
    free.delete(file.key);
    const copy = await this.recognition.copyOf(file, free, (candidate) => this.copies.compared(candidate, file));
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
      const next = this.create(where.path, stat, fingerprintOf(first, firstLength), now);
      next.predecessor = file;
      next.state = where.state;
      next.deletedAt = where.deletedAt;
      this.handles.move(file, next);
      if (copy === undefined) this.abandon(file, 'truncated');
      else await this.becomeCopy(file, copy, oldSize, now);
      this.announce(next);
    } else {
      // The next scan finds what is under the inode now.
      this.handles.close(file);
      if (copy === undefined) this.abandon(file, 'truncated');
      else await this.becomeCopy(file, copy, oldSize, now);
      this.scanSoon();
    }
    this.notify();
  }

  /** The beginning of what the file holds now; undefined when it can't be read. */
  private async examineOr(file: SourceFile, content: Content): Promise<Evidence | undefined> {
    try {
      return await examine(content, []);
    } catch (error) {
      this.warnings.warn(file.currentPath, systemReason(error), 'FILE_UNREADABLE');
      return undefined;
    }
  }

  private async becomeCopy(file: SourceFile, copy: Candidate, oldSize: number, now: number): Promise<void> {
    const opened = await this.opener.plain(nameOf(copy));
    if (opened === undefined) {
      this.abandon(file, 'truncated');
      return;
    }
    this.copies.decided(copy);
    this.rehome(file, copy, false);
    this.revive(file, copy, opened.content, undefined, now);
    file.state = 'rotated';
    if (file.size < oldSize) {
      for (const reader of this.readers) {
        const lost = oldSize - Math.max(file.size, reader.position(file.fileId)?.offset ?? 0);
        if (lost > 0) reader.lost(file, lost, 'truncated');
      }
    }
    this.options.log.info(
      { path: file.path, copy: copy.paths[0] },
      'the file was copied and truncated: its rest is read from the copy',
    );
  }

  private abandon(file: SourceFile, reason: DropReason): void {
    file.state = 'gone';
    file.unsaved = true;
    for (const reader of this.readers) reader.drop(file, reason);
  }

  /** Looks whether the content is still the same. */
  private async prove(file: SourceFile): Promise<void> {
    if (file.content === undefined || !file.readable) return;
    try {
      const anchors = this.anchorsOf(file);
      const evidence = await examine(file.content, anchors);
      if (evidence.size < file.size) await this.truncated(file, 'shrunk');
      else if (!isSame(file, anchors, evidence)) await this.truncated(file, 'rewritten');
    } catch (error) {
      this.failed(file, error);
    }
  }

  private async growFingerprint(file: SourceFile): Promise<void> {
    const content = file.content;
    if (content === undefined || !file.readable || file.fingerprint.length >= fingerprintBytes) return;
    try {
      const { first, firstLength } = await examine(content, []);
      if (!beginsWith(file.fingerprint, first, firstLength)) await this.truncated(file, 'rewritten');
      else if (firstLength > file.fingerprint.length) {
        file.fingerprint = fingerprintOf(first, firstLength);
        file.unsaved = true;
      }
    } catch (error) {
      this.failed(file, error);
    }
  }

  // ── opening ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Opens a file again that the handle limit had closed; it must be the same inode, and what it holds is checked by each read. */
  private async reopen(file: SourceFile): Promise<void> {
    if (file.content !== undefined || !file.readable || this.closed) return;
    const opened = await this.opener.open(file.currentPath, file.packed);
    if (opened === undefined || keyOf(opened.stat) !== file.key || opened.stat.birthNs !== file.birthNs) {
      opened?.content.close();
      file.problem = 'it is not at its path';
      this.scanSoon();
      return;
    }
    file.content = opened.content;
    this.handles.used(file);
  }

  // ── holding and forgetting ─────────────────────────────────────────────────────────────────────────────────────────────────────

  private isDone(file: SourceFile): boolean {
    return this.readers.every((reader) => reader.isDone(file));
  }

  private anchorsOf(file: SourceFile): readonly Anchor[] {
    return this.readers.map((reader) => reader.position(file.fileId)).filter((anchor) => anchor !== undefined);
  }

  /** Closes what is finished, and the oldest held files when they hold too much or too long. */
  private release(found: WalkResult): void {
    const now = this.options.clock.monotonic();
    const { holdGraceMs, holdMaxAgeMs, volumeLimit } = this.settings;
    for (const file of this.byId.values()) {
      if (!file.readable || file.state === 'open' || !this.isDone(file) || now - file.grownAt < holdGraceMs) continue;
      const isNowhere = file.state === 'deleted' && !hasName(file);
      this.handles.close(file);
      if (isNowhere) this.forget(file);
      // It has a name that no scan sees: moved out of the folders, or they can't be looked at just now. It may come back.
      else if (file.state === 'deleted') file.state = 'lost';
    }
    const held = [...this.byId.values()].filter((file) => file.state === 'deleted');
    const sizes = [...held, ...[...found.candidates.values()].map(({ stat }) => stat)].map(({ size }) => size);
    const volumeUsed = sizes.reduce((sum, size) => sum + size, 0);
    const maxBytes = this.settings.holdMaxBytes ?? this.defaultHoldBytes();
    for (const { file, reason } of overLimits(
      held,
      { maxBytes, maxAgeMs: holdMaxAgeMs, volumeLimit, volumeUsed },
      now,
      (file) => this.isDone(file),
    )) {
      this.handles.close(file);
      this.abandon(file, reason);
    }
  }

  private defaultHoldBytes(): number {
    const sizes = this.realRoots
      .map((root) => this.options.fs.volumeBytes(root))
      .filter((bytes) => bytes !== undefined);
    return Math.min(1024 ** 3, ...sizes.map((bytes) => bytes / 10));
  }

  private forgetOld(now: number): void {
    for (const file of this.byId.values()) {
      if (file.state === 'gone' && this.isDone(file)) this.forget(file);
      if (file.state !== 'lost') continue;
      const rootPresent = this.roots.some((root) => isInside(file.path, root) && this.isThere(root));
      if (!rootPresent && this.roots.some((root) => isInside(file.path, root))) file.lastSeen = now;
      else if (now - file.lastSeen >= this.settings.forgetAfterMs) {
        this.abandon(file, 'gone');
        this.forget(file);
      }
    }
  }

  private forget(file: SourceFile): void {
    this.byId.delete(file.fileId);
    for (const other of this.byId.values()) if (other.predecessor === file) other.predecessor = undefined;
    for (const reader of this.readers) reader.forgotten(file);
    this.options.store.forget(file.fileId);
  }

  /** Says that bytes are missing which an output still wanted. */
  private mourn(file: SourceFile): void {
    for (const reader of this.readers) {
      const pending = file.size - (reader.position(file.fileId)?.offset ?? 0);
      if (pending <= 0) continue;
      this.options.log.warn(
        { path: file.path, output: reader.name, bytes: pending },
        'a file with unshipped bytes is found nowhere; they count as dropped when it stays away for PANNIER_FORGET_AFTER',
      );
    }
  }

  /** Stores what changed of the files: all of it when closing, else sizes only now and then. */
  private async save(all: boolean): Promise<void> {
    const now = this.options.clock.monotonic();
    const everything = all || now - this.lastSave >= saveEveryMs;
    if (everything) this.lastSave = now;
    const changed = [...this.byId.values()].filter((file) => file.unsaved || (everything && file.readable));
    if (changed.length === 0) return;
    for (const file of changed) file.unsaved = false;
    await this.options.store.putFiles(changed.map((file) => file.stored()));
  }
}
