import type { Clock } from '../../types/clock.js';
import type { Log } from '../../types/log.js';
import { isInside } from '../globs.js';
import type { KnownFiles, PinKeeper } from '../known-files.js';
import type { SourceFile } from '../source-file.js';
import { codeOf, PinFolder, type Pin } from './pin-folder.js';
import type { PinSystem } from './pin-system.js';

export interface PinsParts {
  readonly system: PinSystem;
  readonly realpath: (path: string) => string | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Of this agent, in the names of its pins. */
  readonly tag: string;
}

/** Of one file: another try would end the same. */
const lasting = ['EPERM', 'EACCES', 'EXDEV', 'EMLINK'];

/**
 * Second names of files that have unshipped bytes, or may have some (design, section 6), one for each file: made at first sight, before its first record is
 * sent, and removed when no lane needs it any more. A pin is trusted in nothing but being a name: who a file is, its inode and its content say.
 */
export class Pins implements PinKeeper {
  /** False: no new ones are made. */
  isOn = false;
  private folders: readonly PinFolder[] = [];
  private readonly byKey = new Map<string, Pin>();
  private readonly byId = new Map<string, Pin>();
  /** Pins of other agents on this volume. */
  private others: readonly Pin[] = [];
  private readonly refused = new WeakSet<SourceFile>();

  constructor(
    private readonly files: KnownFiles,
    private readonly parts: PinsParts,
  ) {}

  /** All pins of this agent: those of known files, and those that bear its tag. */
  get all(): readonly Pin[] {
    return [...this.byKey.values()];
  }

  /** Bytes of files that are there by their pin only. */
  get bytes(): number {
    let sum = 0;
    for (const file of this.files.all) if (file.state === 'deleted' && file.pinned) sum += file.size;
    return sum;
  }

  /** The volume was walked: looks at the folders of its roots, deepest first. */
  walked(realRoots: readonly string[]): void {
    const now = this.parts.clock.monotonic();
    const roots = [...new Set(realRoots)].sort((a, b) => b.length - a.length);
    for (const folder of this.folders) if (!roots.includes(folder.root)) this.drop(folder);
    this.folders = roots.map((root) => this.folders.find((folder) => folder.root === root) ?? this.folderOf(root));
    for (const folder of this.folders) {
      const pins = folder.look(now, this.parts.clock.now());
      if (pins !== undefined) this.found(folder, pins);
    }
  }

  /** Gives a file that has a name its pin, or the pin of its inode its name. */
  keep(file: SourceFile): void {
    const former = this.byId.get(file.fileId);
    // It became its copy, which is another inode.
    if (former !== undefined && former.key !== file.key) this.leave(former);
    const pin = this.byKey.get(file.key);
    if (pin === undefined) this.add(file);
    else if (pin.fileId !== file.fileId) {
      this.attempt(pin, () => {
        const renamed = pin.folder.rename(pin, file.fileId, this.parts.tag);
        this.byId.delete(pin.fileId);
        this.note(renamed);
      });
    }
    this.mark(file);
  }

  /** The file needs its pin no more: it is removed, or is that of who has the inode now. */
  release(file: SourceFile): void {
    const pin = this.byId.get(file.fileId);
    if (pin !== undefined) this.leave(pin);
    this.mark(file);
  }

  /** No lane needs it. */
  leave(pin: Pin): void {
    const heir = this.files.all.find(
      ({ readable, key, fileId }) => readable && key === pin.key && fileId !== pin.fileId,
    );
    if (heir !== undefined) {
      this.keep(heir);
      return;
    }
    this.byKey.delete(pin.key);
    this.byId.delete(pin.fileId);
    this.attempt(pin, () => pin.folder.remove(pin));
  }

  /** To be called with each scan: makes pins that are lacking, removes those that are not needed. `graceMs`: for late writes, since the last growth. */
  tidy({ holdGraceMs: graceMs, holdMaxAgeMs }: { readonly holdGraceMs: number; readonly holdMaxAgeMs: number }): void {
    const now = this.parts.clock.monotonic();
    for (const file of this.files.all) {
      if (file.state !== 'open' && file.state !== 'rotated') continue;
      const isFinished = file.state === 'rotated' && now - file.grownAt >= graceMs && this.files.isDone(file);
      const isWanted = this.isOn && !isFinished;
      if (isWanted && !file.pinned) this.keep(file);
      else if (!isWanted && file.pinned) this.release(file);
    }
    // What another agent never came back for: it would have given it up by now.
    for (const pin of this.others) {
      this.attempt(pin, () => {
        const stat = pin.folder.statOf(pin);
        const isLast = stat?.links === 1 && this.parts.clock.now() - stat.changedMs > holdMaxAgeMs;
        if (isLast) pin.folder.remove(pin);
      });
    }
  }

  /** Others' settings may be others' rights: what was refused is tried again. */
  reconfigured(): void {
    for (const file of this.files.all) this.refused.delete(file);
  }

  close(): void {
    for (const folder of this.folders) folder.close();
  }

  private add(file: SourceFile): void {
    if (!this.isOn || file.state === 'deleted' || this.refused.has(file)) return;
    const now = this.parts.clock.monotonic();
    let folder: PinFolder | undefined;
    try {
      // A link in the path is followed: the second name is that of the file, and in the root it lies in.
      const real = this.parts.realpath(file.currentPath);
      folder = real === undefined ? undefined : this.folders.find(({ root }) => isInside(real, root));
      if (real === undefined || folder?.prepare(now) !== true) return;
      const pin = folder.add(real, file.key, file.fileId, this.parts.tag);
      if (pin !== undefined) this.note(pin);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'ENOENT') return; // gone since it was seen
      folder?.complain(error);
      if (code !== undefined && lasting.includes(code)) this.refused.add(file);
    }
  }

  private folderOf(root: string): PinFolder {
    return new PinFolder(this.parts.system, root, (path, reason, error) => {
      const advice = (code: string | undefined): string => advices[code ?? ''] ?? 'see the reason';
      this.parts.log.warn(
        { code: 'PIN_FAILED', path, reason },
        `files can not be pinned here, and are lost when they are deleted while the agent is down; deleted while it runs, they are read through open handles: ${advice(codeOf(error))}`,
      );
    });
  }

  private drop(folder: PinFolder): void {
    folder.close();
    this.found(folder, []);
  }

  /** What is in a folder now. */
  private found(folder: PinFolder, pins: readonly Pin[]): void {
    for (const pin of this.all) {
      if (pin.folder !== folder) continue;
      this.byKey.delete(pin.key);
      this.byId.delete(pin.fileId);
    }
    const isOwn = (pin: Pin): boolean => pin.tag === this.parts.tag || this.files.get(pin.fileId) !== undefined;
    const real = pins.filter(({ stat }) => stat.kind === 'file');
    this.others = [...this.others.filter((pin) => pin.folder !== folder), ...real.filter((pin) => !isOwn(pin))];
    for (const pin of real.filter(isOwn)) {
      const other = this.byKey.get(pin.key);
      if (other === undefined) this.note(pin);
      else this.second(other, pin);
    }
    for (const file of this.files.all) this.mark(file);
  }

  /** How many names of an inode are pins, of whichever agent. */
  namesOf(key: string): number {
    return this.others.filter((pin) => pin.key === key).length + (this.byKey.has(key) ? 1 : 0);
  }

  private mark(file: SourceFile): void {
    file.pinned = this.byKey.get(file.key)?.fileId === file.fileId;
    file.pinNames = this.namesOf(file.key);
  }

  /** Of two names of one inode, which a kill between making and renaming may leave, the known one stays. */
  private second(first: Pin, second: Pin): void {
    const isKnown = this.files.get(second.fileId) !== undefined;
    const [kept, other] = isKnown ? [second, first] : [first, second];
    this.byId.delete(other.fileId);
    this.attempt(other, () => other.folder.remove(other));
    this.note(kept);
  }

  private note(pin: Pin): void {
    this.byKey.set(pin.key, pin);
    this.byId.set(pin.fileId, pin);
  }

  private attempt(pin: Pin, change: () => void): void {
    try {
      change();
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') pin.folder.complain(error);
    }
  }
}

const rights =
  'run Pannier as the user that owns the logs and may write to their volume, or give it CAP_FOWNER (see fs.protected_hardlinks)';
const advices: Readonly<Record<string, string>> = {
  EROFS: 'mount the log volume writable, or set PANNIER_PIN=off',
  EPERM: rights,
  EACCES: rights,
  EXDEV: 'some lie on another volume below the root; name its folder in a glob of its own',
  EMLINK: 'they have as many names as the file system allows',
  ENOSPC: 'the volume is full; it is tried again',
  ELOOP: 'a link is in the place of the folder of pins; remove it',
  ENOTDIR: 'something else is in the place of the folder of pins; remove it',
};
