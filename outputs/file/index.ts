import { access, constants } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Limits, Outcomes, SendItems } from '../../src/types/batch.js';
import type { ValuesOf } from '../../src/types/setting.js';
import type { Output, OutputContext, OutputModule } from '../output.js';
import { classifyFailure } from './classify.js';
import { itemLayout } from './encode.js';
import { checkWritable, LineFile, type OpenHandle } from './line-file.js';
import { existingFiles, isMissing, lookAt, rotate } from './rotation.js';
import type { settings } from './settings.js';

/** A local file of documents, one a line, rotated by size. It is opened by the first batch: a folder that is missing at the start may come later. */
const file: OutputModule<typeof settings> = {
  create: (context): Output => new FileOutput(context),
};
export { file as output };

const batchRecords = 16_384;

/** `openHandle`: see `LineFile.open`. */
export class FileOutput implements Output {
  readonly ordered = true;
  readonly concurrency = 1;
  readonly item = itemLayout;
  readonly limits: Limits;
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #maxFiles: number;
  #file: LineFile | undefined;

  constructor(
    { settings: values, batchMaxBytes }: Pick<OutputContext<ValuesOf<typeof settings>>, 'settings' | 'batchMaxBytes'>,
    private readonly openHandle?: OpenHandle,
  ) {
    this.#path = values.path;
    this.#maxBytes = values.maxBytes;
    this.#maxFiles = values.maxFiles;
    this.limits = {
      batchBytes: batchMaxBytes,
      batchRecords,
      recordBytes: batchMaxBytes,
      spanMs: Number.POSITIVE_INFINITY,
      singleFile: false,
    };
  }

  /** All or nothing. A write that has begun is not aborted: it ends with the disk, and half a batch helps nobody. */
  async send({ body }: SendItems, signal: AbortSignal): Promise<Outcomes> {
    signal.throwIfAborted();
    try {
      const current = await this.#current(body.length);
      await current.append(body);
      return 'accepted';
    } catch (error) {
      throw classifyFailure(error, this.#path) ?? error;
    }
  }

  /** Opens the file where it exists, else looks whether it could be made: an empty file would be something left behind. */
  async check(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    try {
      await checkWritable(this.#path).catch(async (error: unknown) => {
        if (!isMissing(error)) throw error;
        await access(dirname(this.#path), constants.W_OK | constants.X_OK);
      });
    } catch (error) {
      throw classifyFailure(error, this.#path) ?? error;
    }
  }

  async ownFiles(): Promise<readonly { readonly device: string; readonly inode: string }[]> {
    const files = await existingFiles(this.#path, this.#maxFiles);
    return files.map(({ device, inode }) => ({ device: String(device), inode: String(inode) }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  /** The file to append `bytes` to: opened, and rotated when it would grow too large. */
  async #current(bytes: number): Promise<LineFile> {
    // Someone may have moved, removed or truncated the file (logrotate): lines must not go where nobody looks.
    if (this.#file !== undefined && !(await this.#isAsLeft(this.#file))) await this.#close();
    this.#file ??= await LineFile.open(this.#path, this.openHandle);
    if (this.#file.size === 0 || this.#file.size + bytes <= this.#maxBytes) return this.#file;
    await this.#close();
    await rotate(this.#path, this.#maxFiles);
    this.#file = await LineFile.open(this.#path, this.openHandle);
    return this.#file;
  }

  async #isAsLeft({ key, size }: LineFile): Promise<boolean> {
    const now = await lookAt(this.#path);
    return now?.inode === key.inode && now.device === key.device && now.size === size;
  }

  async #close(): Promise<void> {
    const open = this.#file;
    this.#file = undefined;
    await open?.[Symbol.asyncDispose]();
  }
}
