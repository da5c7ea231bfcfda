import { fstatSync } from 'node:fs';
import type { Limits, Outcomes, SendItems } from '../../src/types/batch.js';
import type { Output, OutputModule } from '../output.js';
import { classifyFailure } from './classify.js';
import { itemLayout } from './encode.js';
import type { settings } from './settings.js';
import { openSink, type Sink } from './sink.js';

/** Standard output, one document a line. A record is acknowledged when the system has taken it: what a reader then does with it is the reader's. */
const stdout: OutputModule<typeof settings> = {
  create: ({ batchMaxBytes }): Output => new StdoutOutput(1, batchMaxBytes),
};
export { stdout as output };

const batchRecords = 16_384;
const lineEnd = Buffer.from('\n');

/** @throws nothing; a descriptor that is closed shows at the first `send`, as an OutputClosedError. */
export class StdoutOutput implements Output {
  readonly ordered = true;
  readonly concurrency = 1;
  readonly item = itemLayout;
  readonly limits: Limits;
  #sink: Sink | undefined;
  /** The last write failed or was aborted, perhaps within a line. */
  #torn = false;

  constructor(
    private readonly fd: number,
    batchMaxBytes: number,
  ) {
    this.limits = {
      batchBytes: batchMaxBytes,
      batchRecords,
      recordBytes: batchMaxBytes,
      spanMs: Number.POSITIVE_INFINITY,
      singleFile: false,
    };
  }

  async send({ body }: SendItems, signal: AbortSignal): Promise<Outcomes> {
    signal.throwIfAborted();
    try {
      this.#sink ??= openSink(this.fd);
      // An empty line is skipped by every reader of NDJSON; a document glued to half of another would be lost.
      if (this.#torn) await this.#sink.write(lineEnd, signal);
      this.#torn = true;
      await this.#sink.write(body, signal);
      this.#torn = false;
      return 'accepted';
    } catch (error) {
      this.#close();
      throw classifyFailure(error) ?? error;
    }
  }

  /** Only that the descriptor is open: a write of nothing would prove no more, and anything else would be read. */
  async check(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    try {
      fstatSync(this.fd);
    } catch (error) {
      throw classifyFailure(error) ?? error;
    }
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#close();
    return Promise.resolve();
  }

  #close(): void {
    this.#sink?.close();
    this.#sink = undefined;
  }
}
