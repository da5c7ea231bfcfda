import { closeSync, openSync, writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { Random } from '../../support/random.js';

export interface AppenderOptions {
  readonly path: string;
  readonly writer: string;
  /** Lines a second; 0: as fast as it can. */
  readonly pace: number;
  /** 0: until it is stopped. */
  readonly lines: number;
  readonly seed: number;
}

/** One event of the writers' interface, a line of standard output. */
export const say = (event: Readonly<Record<string, unknown>>): void => {
  writeSync(1, `${JSON.stringify(event)}\n`);
};

const tickMs = 10;
const mostPerTick = 500;
const toldEvery = 100;
const longestPayload = 200;

/** An application that holds its log file open for appending, and writes whole lines `<writer> <serial> <payload>`. */
export class Appender {
  /** The last serial written. */
  serial = -1;
  stopped = false;
  /** By how many it is held back from writing. */
  paused = 0;
  readonly #options: AppenderOptions;
  readonly #random: Random;
  #file: number;

  constructor(options: AppenderOptions) {
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#file = openSync(options.path, 'a', 0o640);
  }

  /** What an application does on SIGHUP: it goes on with the file that is at the path now, or makes one. */
  reopen(): void {
    closeSync(this.#file);
    this.#file = openSync(this.#options.path, 'a', 0o640);
  }

  /** Until it is stopped, or has written all. Between two ticks the file ends with a whole line. */
  async run(): Promise<void> {
    const { lines, pace } = this.#options;
    const isDone = () => this.stopped || (lines > 0 && this.serial + 1 >= lines);
    while (!isDone()) {
      const due = pace === 0 ? mostPerTick : Math.ceil((pace * tickMs) / 1_000);
      for (let at = 0; at < due && this.paused === 0 && !isDone(); at += 1) this.#write();
      await wait(pace === 0 ? 0 : tickMs);
    }
  }

  #write(): void {
    this.serial += 1;
    const payload = 'x'.repeat(this.#random.between(1, longestPayload));
    writeSync(this.#file, `${this.#options.writer} ${this.serial} ${payload}\n`);
    if (this.serial % toldEvery === 0) say({ event: 'wrote', serial: this.serial });
  }
}
