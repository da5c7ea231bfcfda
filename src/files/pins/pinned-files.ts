import type { Clock } from '../../types/clock.js';
import type { Log } from '../../types/log.js';
import { examine, isSame, isSameElsewhere, type Evidence } from '../evidence.js';
import { fingerprintOf, type Anchor } from '../identity.js';
import type { KnownFiles } from '../known-files.js';
import type { Opened, Opener } from '../opener.js';
import { packingOf } from '../packed-content.js';
import type { SourceFile } from '../source-file.js';
import { systemReason } from '../system-error.js';
import { keyOf, type Candidate, type WalkResult } from '../walk.js';
import type { Warnings } from '../warnings.js';
import type { Pin } from './pin-folder.js';
import type { Pins } from './pins.js';

export interface PinnedFilesParts {
  readonly pins: Pins;
  readonly opener: Opener;
  readonly warnings: Warnings;
  readonly clock: Clock;
  readonly log: Log;
  readonly anchorsOf: (file: SourceFile) => readonly Anchor[];
}

/** Finds the files that were deleted, but for their pin, while they were not open. `now` is that of the scan, ms since the epoch. */
export class PinnedFiles {
  /** Pins, by path, of which this scan could not say whether they are the file that they bear the identity of. */
  private readonly unread = new Set<string>();

  constructor(
    private readonly files: KnownFiles,
    private readonly parts: PinnedFilesParts,
  ) {}

  /** Known files that no walk finds: by the pin that bears their identity, while nothing of its content speaks against it. */
  async findAgain(found: WalkResult, now: number): Promise<void> {
    this.unread.clear();
    for (const pin of this.nameless(found)) {
      const file = this.files.get(pin.fileId);
      if (file?.state !== 'lost') continue;
      const opened = await this.openAs(pin, file);
      if (opened === 'unread') this.unread.add(pin.path);
      if (typeof opened !== 'object') continue;
      this.files.rehome(file, candidateOf(pin), opened.packed);
      this.files.revive(file, candidateOf(pin), opened.content, opened.evidence, now);
      this.deleted(file, pin, file.path, now);
    }
  }

  /**
   * What is left of the pins: of a file that the store does not know (any more), or whose content is another one now. It is read from its start, as a file
   * without a name but the pin's. One that has another name, outside of what is watched, is not ours to read.
   */
  async adopt(found: WalkResult, now: number): Promise<void> {
    for (const pin of this.nameless(found)) {
      const file = this.files.get(pin.fileId);
      if (file?.state === 'gone' || pin.stat.size === 0) {
        this.parts.pins.leave(pin);
        continue;
      }
      // The next scan may find it to be the file that is looked for.
      const opened = this.unread.has(pin.path) ? 'unread' : await this.open(pin);
      if (typeof opened !== 'object') continue;
      if (opened.content.look().links > this.parts.pins.namesOf(pin.key)) {
        opened.content.close();
        this.parts.warnings.warn(
          pin.path,
          'it has a name outside of the watched folders: it is not read',
          'FILE_REFUSED',
        );
        this.parts.pins.leave(pin);
        continue;
      }
      await this.adoptOne(pin, opened, file, now);
    }
  }

  private async adoptOne(pin: Pin, opened: Opened, former: SourceFile | undefined, now: number): Promise<void> {
    try {
      const { first, firstLength, size } = await examine(opened.content, []);
      const { mtimeMs } = opened.content.look();
      const path = former?.path ?? pin.path;
      const file = this.files.create(path, { ...opened.stat, size, mtimeMs }, fingerprintOf(first, firstLength), now);
      file.packed = opened.packed;
      file.content = opened.content;
      this.files.handles.used(file);
      this.parts.log.info({ path, file: file.fileId, size }, 'a pinned file that is not known is read from its start');
      this.deleted(file, pin, path, now);
      this.files.announce(file);
      // Its inode is there, with another content.
      if (former?.state === 'lost' && former.inode === pin.stat.inode) this.files.abandon(former, 'truncated');
    } catch (error) {
      opened.content.close();
      this.parts.warnings.warn(pin.path, systemReason(error), 'FILE_UNREADABLE');
    }
  }

  /** Pins whose file no walk found, and that is not open. */
  private nameless({ candidates }: WalkResult): readonly Pin[] {
    const held = new Set(this.files.all.filter(({ readable }) => readable).map(({ key }) => key));
    return this.parts.pins.all.filter(({ key }) => !candidates.has(key) && !held.has(key));
  }

  private deleted(file: SourceFile, pin: Pin, path: string, now: number): void {
    file.currentPath = path;
    file.state = 'deleted';
    file.deletedAt = this.parts.clock.monotonic() - Math.max(0, now - pin.stat.changedMs);
    this.files.moved();
    this.files.notify();
  }

  /** As the known file, plain or unpacked; undefined: its content speaks against it; `unread`: that can't be said just now. */
  private async openAs(
    pin: Pin,
    file: SourceFile,
  ): Promise<(Opened & { readonly evidence: Evidence }) | 'unread' | undefined> {
    const anchors = this.parts.anchorsOf(file);
    let isUnread = false;
    for (const packed of [false, true]) {
      const opened = await this.open(pin, packed);
      if (opened === 'unread') isUnread = true;
      if (typeof opened !== 'object') continue;
      try {
        const evidence = await examine(opened.content, anchors);
        // Another inode: it became its copy, and that was not stored any more.
        const isIt = file.inode === pin.stat.inode ? isSame : isSameElsewhere;
        if (isIt(file, anchors, evidence)) return { ...opened, evidence };
      } catch (error) {
        isUnread = true;
        this.parts.warnings.warn(pin.path, systemReason(error), 'FILE_UNREADABLE');
      }
      opened.content.close();
    }
    return isUnread ? 'unread' : undefined;
  }

  /** `packed` not given: as its first bytes say; undefined: it is not packed; `unread`: it can't be read, or not to its end yet. */
  private async open(pin: Pin, packed?: boolean): Promise<Opened | 'unread' | undefined> {
    const plain = await this.parts.opener.plain(pin.path);
    if (plain === undefined) return 'unread';
    const magic = Buffer.alloc(4);
    let isPacked: boolean;
    try {
      isPacked = (await plain.content.read(magic, 0, 4, 0)) === 4 && packingOf(magic) !== undefined;
    } catch (error) {
      plain.content.close();
      this.parts.warnings.warn(pin.path, systemReason(error), 'FILE_UNREADABLE');
      return 'unread';
    }
    // What is at the path is not what was met there: the next listing shows it.
    const isOther = keyOf(plain.stat) !== pin.key;
    if (!isOther && !(packed ?? isPacked)) return plain;
    plain.content.close();
    if (!isOther && !isPacked) return undefined;
    return (isOther ? undefined : await this.parts.opener.open(pin.path, true)) ?? 'unread';
  }
}

const candidateOf = ({ key, stat, path }: Pin): Candidate => ({ key, stat, paths: [path], matched: undefined });
