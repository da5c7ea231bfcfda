import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** The state directory and, in it, that of the dead letters, each on a small volume of its own where mounting is allowed. */
export class Volumes implements Disposable {
  readonly state: string;
  readonly letters: string;
  /** They are volumes of their own, and can be filled. */
  readonly mounted: boolean;
  readonly #mounts: string[] = [];

  constructor(folder: string) {
    this.state = join(folder, 'state');
    this.letters = join(this.state, 'dead-letters');
    mkdirSync(this.state, { mode: 0o700 });
    this.mounted = this.#mount(this.state, '24m');
    mkdirSync(this.letters, { mode: 0o700 });
    if (this.mounted) this.#mount(this.letters, '8m');
  }

  [Symbol.dispose](): void {
    for (const mount of this.#mounts.toReversed()) execFileSync('umount', ['-l', mount]);
  }

  #mount(folder: string, size: string): boolean {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0700`, 'tmpfs', folder], { stdio: 'ignore' });
    } catch {
      return false;
    }
    this.#mounts.push(folder);
    return true;
  }
}
