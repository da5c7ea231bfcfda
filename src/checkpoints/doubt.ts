import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Says across a kill that identities ended (a truncation, a file that is gone) and the disk could not take it. What is stored is of another time then: a
 * new content that begins as the old one did would be read from the old one's cursor, under ids that are taken. So it is not believed.
 *
 * A disk that is full takes no new byte, but a file's new name: `identities` is made while there is room, and is `identities.changed` while in doubt.
 */
export class Doubt {
  readonly #calm: string;
  readonly #doubtful: string;

  constructor(stateDir: string) {
    this.#calm = join(stateDir, 'identities');
    this.#doubtful = join(stateDir, 'identities.changed');
  }

  /** True when an earlier run left the doubt behind. */
  get isRaised(): boolean {
    return existsSync(this.#doubtful);
  }

  /** Synchronous: the first record of the new identity must not leave before. Never throws: on a disk that takes no name either there is nothing to do. */
  raise(): void {
    try {
      renameSync(this.#calm, this.#doubtful);
    } catch {
      // Raised already, or a directory that can't be written at all.
    }
  }

  /** The disk holds what is true again, and there is a name to change for the next time. Never throws. */
  settle(): void {
    try {
      if (this.isRaised) renameSync(this.#doubtful, this.#calm);
      else if (!existsSync(this.#calm)) writeFileSync(this.#calm, '', { mode: 0o600 });
    } catch {
      // Tried again with the next write.
    }
  }
}
