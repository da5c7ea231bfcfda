import type { KnownFiles } from './known-files.js';
import type { SourceFile } from './source-file.js';

/** The readable files by where they are now, so that an event costs a look-up and not a walk over all of them. */
export class Places {
  private byPath = new Map<string, SourceFile>();
  private byFolder = new Map<string, SourceFile[]>();
  private revision = -1;

  constructor(private readonly files: KnownFiles) {}

  /** The file at a path; where a deleted one that is still open was there before, the one that is there now. */
  at(path: string): SourceFile | undefined {
    this.renew();
    return this.byPath.get(path);
  }

  in(folder: string): readonly SourceFile[] {
    this.renew();
    return this.byFolder.get(folder) ?? [];
  }

  /** Files move only with a scan, of which there are few: all of it is made anew then. */
  private renew(): void {
    if (this.revision === this.files.revision) return;
    this.revision = this.files.revision;
    this.byPath = new Map();
    this.byFolder = new Map();
    for (const file of this.files.all) {
      if (!file.readable) continue;
      const path = file.currentPath;
      if (file.state !== 'deleted' || !this.byPath.has(path)) this.byPath.set(path, file);
      const folder = folderOf(path);
      const inside = this.byFolder.get(folder);
      if (inside === undefined) this.byFolder.set(folder, [file]);
      else inside.push(file);
    }
  }
}

export const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
