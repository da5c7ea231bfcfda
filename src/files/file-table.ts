import type { Clock } from '../types/clock.js';
import type { Log } from '../types/log.js';
import type { StoredFile } from '../types/stored.js';
import { Adoption } from './adoption.js';
import type { Content } from './content.js';
import { CopyWatch } from './copy-watch.js';
import { EarlyRenames } from './early-renames.js';
import type { FileSettings } from './file-settings.js';
import type { FileSystem } from './file-system.js';
import { isInside, pathMatcher, rootsOf } from './globs.js';
import { hasName } from './handles.js';
import type { Anchor } from './identity.js';
import { KnownFiles } from './known-files.js';
import { Looking } from './looking.js';
import { nameOf, Opener } from './opener.js';
import { PinnedFiles } from './pins/pinned-files.js';
import { Pins } from './pins/pins.js';
import { systemPins, type PinSystem } from './pins/pin-system.js';
import type { Looks, Reader } from './reader.js';
import { Recognition } from './recognition.js';
import { Retention } from './retention.js';
import { ScanPace } from './scan-pace.js';
import { ShippedFiles } from './shipped-files.js';
import type { FileKeeper, SourceFile } from './source-file.js';
import { systemReason } from './system-error.js';
import { Truncation } from './truncation.js';
import { VolumeWatch } from './volume-watch.js';
import { isReused, keyOf, walk, type Candidate, type WalkResult } from './walk.js';
import { Warnings } from './warnings.js';
import { Watcher } from './watcher.js';

export interface FileTableOptions extends FileSettings {
  /** Folders of Pannier's own, never read. */
  readonly ownFolders: readonly string[];
  /** Files that Pannier itself writes now, never read; asked with each scan. */
  readonly ownFiles: () => Promise<readonly { readonly device: string; readonly inode: string }[]>;
  readonly fs: FileSystem;
  /** Not given: the system's. */
  readonly pinSystem?: PinSystem;
  /** Of this agent, in the names of its pins. */
  readonly pinTag: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly maxOpenFiles?: number;
  readonly stored: readonly StoredFile[];
  readonly store: { putFiles(files: readonly StoredFile[]): Promise<void>; forget(fileId: string): void };
}

/** Handles that are kept open: most of what the system allows, as a file that is closed is lost when it is deleted; the rest is for requests and the store. */
const openFilesOf = (limit: number | undefined): number => Math.min(8192, Math.max(64, (limit ?? 1024) - 256));

const tickMs = 100;
/** A whole scan, with the watcher working and without it. */
const rescanMs = 5000;
const rescanUnwatchedMs = 1000;
/** A file that could not be looked at is left alone for so long. */
const failedPauseMs = 1000;

/**
 * Every file that is known, and the only owner of their handles and identities: found, renamed, deleted, truncated, copied, forgotten; lanes
 * are told and read. Here it is decided when to look and to scan; scans and decisions run one after the other (`exclusive`), looks and reads beside them.
 *
 *     watcher ─ hints ─▶ looking ─ shrunk, grown ─▶ truncation ─┐
 *        └─────────────▶ scan: walk ─▶ follow ─▶ adoption ──────┼─▶ known files ─▶ lanes, store
 *                                          └─▶ retention ───────┘
 */
export class FileTable implements FileKeeper, Looks, AsyncDisposable {
  private readonly known: KnownFiles;
  private readonly watcher: Watcher;
  private readonly warnings: Warnings;
  private readonly opener: Opener;
  private readonly copies: CopyWatch;
  private readonly earlyRenames = new EarlyRenames();
  private readonly looking: Looking;
  private readonly truncation: Truncation;
  private readonly adoption: Adoption;
  private readonly retention: Retention;
  readonly shipped: ShippedFiles;
  readonly volumes: VolumeWatch;
  private readonly pins: Pins;
  private settings: FileSettings;
  private matches: (path: string) => boolean;
  private roots: readonly string[];
  private realRoots: readonly string[] = [];
  private queue: Promise<unknown> = Promise.resolve();
  private ticker: NodeJS.Timeout | undefined;
  private scanTimer: NodeJS.Timeout | undefined;
  /** Monotonic ms of the scan that the timer will start. */
  private nextScanAt = Infinity;
  private readonly pace: ScanPace;
  private unwatchable = false;
  private closed = false;

  constructor(private readonly options: FileTableOptions) {
    const { clock, fs, log, stored, store } = options;
    this.settings = options;
    this.pace = new ScanPace(clock);
    this.matches = pathMatcher(options.paths, options.exclude);
    this.roots = rootsOf(options.paths);
    this.known = new KnownFiles({
      clock,
      log,
      keeper: this,
      maxOpenFiles: options.maxOpenFiles ?? openFilesOf(fs.descriptorLimit()),
      stored,
      store,
    });
    this.warnings = new Warnings(log);
    this.opener = new Opener(fs, this.warnings);
    this.copies = new CopyWatch(clock);
    const { warnings, opener, copies, earlyRenames } = this;
    const anchorsOf = (file: SourceFile): readonly Anchor[] => this.known.anchorsOf(file);
    const recognition = new Recognition(opener, warnings, anchorsOf);
    const { pinSystem: system = systemPins, pinTag: tag } = options;
    const pins = new Pins(this.known, { system, realpath: (path) => fs.realpath(path), clock, log, tag });
    this.pins = pins;
    this.known.pins = pins;
    opener.pinNames = (key) => pins.namesOf(key);
    const failed = (file: SourceFile, error: unknown): void => this.failed(file, error);
    const scanSoon = (): void => this.scanSoon();
    this.truncation = new Truncation(this.known, {
      clock,
      log,
      warnings,
      recognition,
      copies,
      walk: () => this.walk(),
      failed,
      scanSoon,
      isClosed: () => this.closed,
    });
    this.looking = new Looking(this.known, {
      clock,
      fs,
      warnings,
      shrunk: (file) => this.changed(file, 'shrunk'),
      prove: (file) => this.later(() => this.truncation.prove(file)),
      growFingerprint: (file) => this.later(() => this.truncation.growFingerprint(file)),
      begun: async (file) => {
        if (await this.exclusive(() => this.adoption.begun(file)).catch(() => false)) this.scanSoon();
      },
      failed,
      scanSoon,
      resting: () => this.watcher.resting,
      looked: (folder, grown) => {
        for (const file of grown) this.witness(file);
        this.watcher.looked(folder, grown.length > 0);
      },
      isWatched: () => this.watcher.isWhole,
    });
    this.adoption = new Adoption(this.known, {
      warnings,
      opener,
      recognition,
      copies,
      earlyRenames,
      truncation: this.truncation,
      pinned: new PinnedFiles(this.known, { pins, opener, warnings, clock, log, anchorsOf }),
      isClosed: () => this.closed,
    });
    this.retention = new Retention(this.known, { fs, clock });
    this.shipped = new ShippedFiles(this.known, { fs, clock, log });
    this.volumes = new VolumeWatch(fs, log);
    this.watcher = this.watch();
  }

  get files(): Iterable<SourceFile> {
    return this.known.all;
  }

  /** True while a new file waits to turn out as the copy of another, or not. */
  get isUndecided(): boolean {
    return this.copies.size > 0;
  }

  /** Bytes of deleted files that are held open for slow outputs. */
  get heldBytes(): number {
    let sum = 0;
    for (const file of this.known.all) if (file.state === 'deleted') sum += file.size;
    return sum;
  }

  /** Bytes of those that are on the volume by their pin only. */
  get pinnedBytes(): number {
    return this.pins.bytes;
  }

  addReader(reader: Reader): void {
    this.known.readers.push(reader);
  }

  removeReader(reader: Reader): void {
    this.known.readers.splice(this.known.readers.indexOf(reader), 1);
  }

  /** Exchanges lanes: no scan meanwhile, which would take a file for finished that only a lane still needs which is not there just then. */
  betweenScans<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(work);
    this.queue = result.catch(() => {}); // for who waits for it
    return result;
  }

  /** The first scan, then watching and looking. Resolves when every file that exists is known. */
  async start(): Promise<void> {
    // Given up in an earlier run that ended before all that was under way had its outcome: no read will bring that back.
    for (const file of this.known.all) if (file.state === 'gone') this.known.abandon(file, 'truncated');
    await this.scan();
    for (const file of this.known.all) if (file.state === 'lost') this.known.mourn(file);
    this.ticker = setInterval(() => {
      this.looking.tick();
      this.watcher.tick();
      if (this.known.isSaveDue) void this.known.save(false);
    }, tickMs);
    this.scheduleScan();
  }

  /** Resolves when no name is missed any more that a file has between two scans (before that, there is no witness of it). */
  watching(): Promise<void> {
    return this.watcher.whenWatching();
  }

  /** From now on every file is looked at with every tick: the application may be writing its last lines. */
  beginDrain(): void {
    this.looking.eager = true;
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
    this.pins.reconfigured();
    await this.scan();
  }

  /** Some file may have grown since it was looked at. */
  get isLookDue(): boolean {
    return this.looking.isDue;
  }

  /** Looks at the files that may have grown. Returns after how many ms it is worth looking again although `changed` was not called; Infinity: it is not. */
  look(): number {
    return this.looking.lookAtTouched();
  }

  /** Looks at the files that may have grown, at once: for who wants to know how much is unread. */
  lookNow(): void {
    this.looking.lookNow();
  }

  /** Looks at every file's size at once. */
  lookAtAll(): void {
    this.looking.lookAtAll();
  }

  /** ms since any file grew, or since the start. */
  quietMs(): number {
    this.looking.lookNow();
    return this.looking.quietMs();
  }

  async contentOf(file: SourceFile): Promise<Content | undefined> {
    if (!file.readable) return undefined;
    if (file.content === undefined) await this.exclusive(() => this.reopen(file));
    if (file.content !== undefined) this.known.handles.used(file);
    return file.content;
  }

  changed(file: SourceFile, how: 'shrunk' | 'rewritten'): void {
    // As it was seen to be: until it is decided, looks at the new content may find more.
    const { content, size } = file;
    // Several may notice before that: what they saw was this content, and the file may have found another by then.
    if (file.readable)
      this.later(async () => {
        if (file.content === content) await this.truncation.truncated(file, how === 'shrunk' ? size : file.provenSize);
      });
  }

  failed(file: SourceFile, error: unknown): void {
    file.problem = systemReason(error);
    file.nextLookAt = this.options.clock.monotonic() + failedPauseMs;
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
    this.watcher.close();
    await this.known.save(true);
    this.known.handles.closeAll();
    this.pins.close();
  }

  private watch(): Watcher {
    return new Watcher(this.options.fs, {
      grown: (path) => {
        const heard = this.looking.hint(path);
        // Known files are in the globs, mostly; and of many events of one file the first is enough of a witness.
        if (heard === 'repeat' || !this.matches(path)) return heard;
        this.earlyRenames.event(path);
        if (heard === 'other') this.scanSoon();
        return 'news';
      },
      changed: (path) => {
        if (path !== undefined && this.matches(path)) this.earlyRenames.event(path);
        this.scanSoon();
      },
      rests: (folder) => this.looking.hintFolder(folder),
      wakes: (folder) => {
        for (const file of this.looking.filesIn(folder)) this.witness(file);
        this.looking.hintFolder(folder);
      },
      failed: (error) => {
        if (this.unwatchable) return;
        this.unwatchable = true;
        this.options.log.warn(
          { code: 'WATCH_DEGRADED', reason: error.message },
          'the kernel gives no more file watches: files are polled instead; raise fs.inotify.max_user_instances or max_user_watches for faster reaction',
        );
      },
    });
  }

  /** As an event of the file would: it was seen, or may have been written to, under this name. */
  private witness({ currentPath }: SourceFile): void {
    if (this.matches(currentPath)) this.earlyRenames.event(currentPath);
  }

  private scanSoon(): void {
    this.scanWithin(this.pace.waitMs);
  }

  private scheduleScan(): void {
    const watched = this.watcher.isWhole && this.realRoots.length >= this.roots.length && this.copies.size === 0;
    this.scanWithin(watched && !this.looking.eager ? rescanMs : rescanUnwatchedMs);
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
  private later(work: () => Promise<unknown>): void {
    this.exclusive(work).catch(() => {}); // said by `exclusive`
  }

  private async scanNow(): Promise<void> {
    if (this.closed) return;
    // Names of a resting folder that changed are witnesses for this scan.
    this.looking.lookNow();
    const begun = this.options.clock.monotonic();
    this.pace.begins();
    this.earlyRenames.scanBegins(this.options.clock.now());
    const now = this.options.clock.now();
    const found = await this.walk();
    const free = new Map(found.candidates);
    for (const file of this.known.all) if (file.readable) this.follow(file, free, found.unseen, now);
    this.pace.listed();
    await this.adoption.place(found, free, now, begun);
    this.retention.release(found, this.settings);
    this.pins.tidy(this.settings);
    this.retention.forgetOld(now, this.settings);
    if (this.settings.deleteShipped === 'rotated') this.shipped.remove(this.settings.holdGraceMs);
    this.volumes.look(found.realRoots, this.settings.volumeLimit, this.retention.usedBytes(found));
    this.known.moved();
    await this.known.save(false);
    this.pace.ends();
  }

  private async walk(): Promise<WalkResult> {
    const { fs } = this.options;
    const folders = this.options.ownFolders.map((path) => fs.stat(path)).filter((stat) => stat !== undefined);
    const ownKeys = new Set([...folders, ...(await this.options.ownFiles())].map(keyOf));
    this.watcher.walkBegins();
    const found = await walk({
      fs,
      roots: this.roots,
      matches: this.matches,
      isOwn: (key) => ownKeys.has(key),
      refuse: (path, reason) => this.warnings.warn(path, reason, 'FILE_REFUSED'),
      unreadable: (path, reason) => this.warnings.warn(path, reason, 'FILE_UNREADABLE'),
      entering: (path, identity) => this.watcher.enter(path, identity),
    });
    this.watcher.walkEnded();
    this.realRoots = found.realRoots;
    this.opener.within(found.realRoots, ownKeys);
    this.pins.isOn = this.settings.pin === 'auto';
    this.pins.walked(found.realRoots);
    return found;
  }

  /** Where a readable file is now: at its path, at another, or nowhere. Takes its candidate out of `free`. */
  private follow(file: SourceFile, free: Map<string, Candidate>, unseen: readonly string[], now: number): void {
    const candidate = free.get(file.key);
    // Nobody could look there: it is where it was, as long as it has a name.
    const isUnseen = unseen.some((place) => isInside(file.currentPath, place));
    if (candidate === undefined && isUnseen && hasName(file)) return;
    if (candidate === undefined || isReused(file, candidate)) {
      if (file.content === undefined) {
        file.state = 'lost';
        if (!file.pinned) this.known.mourn(file);
      } else if (file.state !== 'deleted') {
        file.state = 'deleted';
        file.deletedAt = this.options.clock.monotonic();
        this.known.notify();
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
      this.known.notify();
    }
    this.looking.look(file);
  }

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
    this.known.handles.used(file);
  }
}
