import { open } from 'node:fs/promises';
import { asObject } from '../../support/bulk-api.js';
import { isSystemError } from '../../../src/files/system-error.js';
import type { Arrivals } from './arrivals.js';

const chunkBytes = 1 << 20;

/** Reads what the file output writes, as it comes. */
export class FileTail {
  #position = 0;
  #turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly path: string,
    readonly arrivals: Arrivals,
  ) {}

  /** Takes the lines that were completed since the last call. */
  look(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#read());
    return this.#turn;
  }

  async #read(): Promise<void> {
    const file = await open(this.path).catch((error: unknown) => {
      if (isSystemError(error, 'ENOENT')) return undefined;
      throw error;
    });
    if (file === undefined) return;
    try {
      // Nothing tells when a line of a file was written: any may be a repeat after a kill.
      this.arrivals.begin({ atMs: 0, run: 0 }).known = true;
      for (;;) {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(chunkBytes), 0, chunkBytes, this.#position);
        // What a kill cut off is taken back by the next start: only whole lines count.
        const end = buffer.subarray(0, bytesRead).lastIndexOf(0x0a) + 1;
        if (end === 0) return;
        this.#position += end;
        for (const line of buffer.toString('utf8', 0, end - 1).split('\n'))
          this.arrivals.record(asObject(JSON.parse(line)) ?? {});
      }
    } finally {
      await file.close();
    }
  }
}
