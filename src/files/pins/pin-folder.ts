import { join } from 'node:path';
import { systemReason } from '../system-error.js';
import { keyOf } from '../walk.js';
import { parsePinName, pinFolderName, pinNameOf } from './pin-name.js';
import type { PinStat, PinSystem } from './pin-system.js';

/** A file's second name, by which its bytes stay although the application deletes it. */
export interface Pin {
  readonly folder: PinFolder;
  readonly name: string;
  readonly fileId: string;
  readonly tag: string;
  /** As it was when it was met: that of a link, not of what it leads to. */
  readonly stat: PinStat;
  readonly key: string;
  /** To read it by. */
  readonly path: string;
}

/** Why the folder itself is of no use: it is tried again after so long, ms. */
const retryMs = 60_000;
/** The kernel's clock ticks more often than that. */
const youngMs = 1000;

/**
 * The folder of pins in one root. It is ours alone (mode 0700, our user), is held open, and is worked in by its descriptor: the application, whose volume
 * it is, may put another folder or a link in its place at any time.
 *
 *     closed ── it is there, or is made ─▶ open ── another is at its path, or none ─▶ closed
 */
export class PinFolder {
  readonly path: string;
  private descriptor: number | undefined;
  private identity = '';
  /** Its own time at the last listing: it changes with each name. NaN: to be listed. */
  private listedMs = Number.NaN;
  /** What changes within one tick of the kernel's clock has one time: a listing as young as that may be old already. */
  private isYoung = true;
  private retryAt = -Infinity;
  /** What was said, by code. */
  private readonly said = new Set<string>();

  constructor(
    private readonly system: PinSystem,
    readonly root: string,
    private readonly say: (root: string, reason: string, error: unknown) => void,
  ) {
    this.path = join(root, pinFolderName);
  }

  /** The pins that are there, listed again only where a name changed; undefined: as the last time. `now` is monotonic ms, `wallNow` since the epoch. */
  look(now: number, wallNow: number): readonly Pin[] | undefined {
    try {
      const stat = this.system.lstat(this.path);
      if (this.descriptor !== undefined && (stat === undefined || identityOf(stat) !== this.identity)) this.close();
      if (this.descriptor === undefined && (stat === undefined || now < this.retryAt)) return [];
      if (this.descriptor === undefined) this.open();
      const { mtimeMs } = this.system.statFolder(this.descriptor!);
      if (mtimeMs === this.listedMs && !this.isYoung) return undefined;
      this.listedMs = mtimeMs;
      this.isYoung = wallNow - mtimeMs < youngMs;
      return this.list();
    } catch (error) {
      this.useless(error, now);
      return [];
    }
  }

  /** Makes the folder where there is none. True when it can be worked in. */
  prepare(now: number): boolean {
    if (this.descriptor !== undefined) return true;
    if (now < this.retryAt) return false;
    try {
      if (this.system.lstat(this.path) === undefined) this.system.makeFolder(this.path);
      this.open();
      return true;
    } catch (error) {
      this.useless(error, now);
      return false;
    }
  }

  /** Gives the file at `path` a pin, if it is the one that `key` says. undefined: it is another by now. @throws system errors */
  add(path: string, key: string, fileId: string, tag: string): Pin | undefined {
    const name = pinNameOf(fileId, tag);
    this.system.link(path, this.at(name));
    this.isYoung = true;
    const pin = this.pinAt(name);
    if (pin?.key === key && pin.stat.kind === 'file') return pin;
    // What was at the path was swapped: it gets no second name by us.
    this.system.unlink(this.at(name));
    return undefined;
  }

  /** As it is now; undefined: it is there no more. @throws system errors */
  statOf(pin: Pin): PinStat | undefined {
    return this.descriptor === undefined ? undefined : this.system.lstat(this.at(pin.name));
  }

  /** @throws system errors */
  rename(pin: Pin, fileId: string, tag: string): Pin {
    const name = pinNameOf(fileId, tag);
    this.system.rename(this.at(pin.name), this.at(name));
    this.isYoung = true;
    return { ...pin, name, fileId, tag, path: join(this.path, name) };
  }

  /** @throws system errors */
  remove(pin: Pin): void {
    this.system.unlink(this.at(pin.name));
    this.isYoung = true;
  }

  /** Says once for each kind of error why files of this root are not pinned. */
  complain(error: unknown): void {
    const reason = systemReason(error);
    const kind = codeOf(error) ?? reason;
    if (this.said.has(kind)) return;
    this.said.add(kind);
    this.say(this.root, reason, error);
  }

  close(): void {
    if (this.descriptor !== undefined) this.system.close(this.descriptor);
    this.descriptor = undefined;
    this.listedMs = Number.NaN;
  }

  private open(): void {
    const descriptor = this.system.openFolder(this.path);
    this.descriptor = descriptor;
    const { owner } = this.system;
    let stat = this.system.statFolder(descriptor);
    // A group that owns the volume gets its rights at a mount (Kubernetes' fsGroup).
    if (stat.owner === owner && (stat.mode & 0o077) !== 0) {
      this.system.chmod(this.system.place(descriptor, this.path), 0o700);
      stat = this.system.statFolder(descriptor);
    }
    if (owner !== undefined && (stat.owner !== owner || (stat.mode & 0o077) !== 0)) {
      this.close();
      throw new Error(`${this.path} belongs to user ${stat.owner}, and can't be trusted: remove it`);
    }
    this.identity = identityOf(stat);
    this.listedMs = Number.NaN;
  }

  private list(): readonly Pin[] {
    return this.system
      .list(this.system.place(this.descriptor!, this.path))
      .map((name) => this.pinAt(name))
      .filter((pin) => pin !== undefined);
  }

  private pinAt(name: string): Pin | undefined {
    const parsed = parsePinName(name);
    const stat = parsed === undefined ? undefined : this.system.lstat(this.at(name));
    if (parsed === undefined || stat === undefined) return undefined;
    return { folder: this, name, ...parsed, stat, key: keyOf(stat), path: join(this.path, name) };
  }

  private at(name: string): string {
    return join(this.system.place(this.descriptor!, this.path), name);
  }

  private useless(error: unknown, now: number): void {
    this.close();
    this.retryAt = now + retryMs;
    this.complain(error);
  }
}

const identityOf = (stat: PinStat): string => `${keyOf(stat)}:${stat.birthNs}`;

export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
