import type { SourceFile } from './source-file.js';

/** Of so many that were not used for the longest time, one that is finished is closed before others. */
const finishedAmong = 64;

/**
 * Bounds the open handles. Beyond the limit the longest unused file is closed, but only one that is still at its path: what has no name left
 * would be lost. So the bound can be passed by deleted files, which the hold limits bound.
 */
export class Handles {
  /** Least recently used first. */
  private readonly open = new Set<SourceFile>();

  constructor(
    private readonly limit: number,
    /** True when no lane needs more of the file: such are closed first. */
    private readonly isDone: (file: SourceFile) => boolean,
  ) {}

  get count(): number {
    return this.open.size;
  }

  used(file: SourceFile): void {
    this.open.delete(file);
    this.open.add(file);
    if (this.open.size > this.limit) this.closeOne(file);
  }

  close(file: SourceFile): void {
    this.open.delete(file);
    file.content?.close();
    file.content = undefined;
  }

  /** Hands an open handle on to the file's next identity. */
  move(from: SourceFile, to: SourceFile): void {
    this.open.delete(from);
    to.content = from.content;
    from.content = undefined;
    if (to.content !== undefined) this.used(to);
  }

  closeAll(): void {
    for (const file of [...this.open]) this.close(file);
  }

  private closeOne(except: SourceFile): void {
    let second: SourceFile | undefined;
    let looks = finishedAmong;
    for (const file of this.open) {
      if (file === except || file.state === 'deleted') continue;
      if (second !== undefined && (looks -= 1) < 0) break;
      if (this.isDone(file)) {
        this.close(file);
        return;
      }
      // A file may have been deleted since the last scan.
      if (second === undefined && hasName(file)) second = file;
    }
    if (second !== undefined) this.close(second);
  }
}

/** False when the open file has no name left but ours: closed, its bytes could be lost. */
export function hasName({ content, pinNames }: SourceFile): boolean {
  try {
    return content === undefined || content.look().links > pinNames;
  } catch {
    return true; // can't be told: the file system is not well
  }
}
