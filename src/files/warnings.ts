import type { Log } from '../types/log.js';

const mostPaths = 1000;

/** Says once for each path what is wrong with it, and again only when that changes or came back. */
export class Warnings {
  private readonly said = new Map<string, string>();

  constructor(private readonly log: Log) {}

  warn(path: string, reason: string, code: 'FILE_UNREADABLE' | 'FILE_REFUSED'): void {
    if (this.said.get(path) === reason) return;
    // Names come from the application, without end: what was said longest ago may be said again.
    if (this.said.size >= mostPaths) for (const oldest of this.said.keys()) if (this.said.delete(oldest)) break;
    this.said.set(path, reason);
    const refused = 'a file is refused';
    this.log.warn(
      { code, path, reason },
      code === 'FILE_REFUSED' ? refused : 'a file or folder can not be read; it is tried again',
    );
  }

  /** The path is well again. */
  clear(path: string): void {
    this.said.delete(path);
  }
}
