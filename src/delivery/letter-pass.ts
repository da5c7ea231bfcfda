import { constants } from 'node:fs/promises';
import type { DeadLetters } from './dead-letters.js';
import { systemCode, writeAll, type Disk, type OpenFile } from './disk.js';
import { letterLines, type LetterLine } from './letter-lines.js';
import type { StoredLetter } from './stored-letter.js';

const { O_RDWR, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_TRUNC } = constants;
/** So much is copied or blanked at once, in bytes. */
const blockBytes = 256 * 1024;

type Range = Pick<LetterLine, 'start' | 'end'>;

/**
 * One walk over the letters of an output that takes some of them out, while others are being appended.
 *
 *     begin ─▶ letters ─▶ take, keep … ─▶ finish
 *
 * What is taken is blanked where it stands, synced: this needs no room, and whoever is killed afterwards has taken it. What is kept is copied into a second
 * file, which takes the place of the first in the end, together with what was not looked at and what came meanwhile. Killed before that, or without room for
 * the copy, the first file stays: blanks are no letters.
 */
export class LetterPass implements AsyncDisposable {
  #copy: OpenFile | undefined;
  /** No second file can be had: there is no room for it. */
  #copyFailed = false;
  #copied = 0;
  /** The letters before this offset have been taken or kept. */
  #done = 0;
  /** End of the last letter that was kept as it is. */
  #keptEnd = 0;
  #changed = false;

  private constructor(
    private readonly letters: DeadLetters,
    private readonly disk: Disk,
    private readonly file: OpenFile,
    private readonly size: number,
  ) {}

  /** Undefined: there are no letters. @throws the system's error */
  static async begin(letters: DeadLetters, disk: Disk): Promise<LetterPass | undefined> {
    const size = await letters.mendedSize();
    if (size === 0) return undefined;
    const file = await disk.open(letters.path, O_RDWR | O_NOFOLLOW | O_NONBLOCK, 0);
    return new LetterPass(letters, disk, file, size);
  }

  /** Those that were there when the pass began. */
  lines(): AsyncGenerator<LetterLine> {
    return letterLines(this.file, 0, this.size);
  }

  /** These letters are done with. On disk when it resolves. Ranges of one pass come in order, taken or kept. */
  async take(ranges: readonly Range[]): Promise<void> {
    if (ranges.length === 0) return;
    for (const { start, end } of ranges) {
      for (let at = start; at < end - 1; at += blockBytes) {
        await writeAll(this.file, Buffer.alloc(Math.min(blockBytes, end - 1 - at), ' '), at);
      }
    }
    await this.file.datasync();
    this.#changed = true;
    this.#advance(ranges.at(-1)!.end);
  }

  /** This letter stays, as it is or as `line` says it anew. */
  async keep({ start, end }: Range, line?: Buffer): Promise<void> {
    if (line !== undefined) this.#changed = true;
    this.#keptEnd = Math.max(this.#keptEnd, end);
    await this.#copying(async (copy) => {
      if (line === undefined) await this.#copyRange(copy, start, end);
      else await this.#append(copy, line);
    });
    this.#advance(end);
  }

  /** As `keep`, with what `say` makes of the letter; as it is where that is nothing. */
  async keepAnew(range: Range, say: (letter: StoredLetter) => Buffer | undefined): Promise<void> {
    for await (const { letter } of letterLines(this.file, range.start, range.end))
      return this.keep(range, letter && say(letter));
    return this.keep(range);
  }

  /** Makes the file as short as it may be. 'no-room': it could not be, and what was taken takes its room as blanks until the next pass. */
  finish(): Promise<'done' | 'no-room'> {
    return this.letters.between(async () => {
      if (!this.#changed || !(await this.#isInPlace())) return 'done';
      const size = Number((await this.file.stat({ bigint: true })).size);
      if (this.#keptEnd === 0 && this.#done >= size) return await this.#shorten(0);
      await this.#copying((copy) => this.#copyRange(copy, this.#done, size));
      if (await this.#replace()) return 'done';
      // Without room for a copy: blanks at the end can go all the same.
      return this.#done >= size && this.#keptEnd < size ? await this.#shorten(this.#keptEnd) : 'no-room';
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dropCopy();
    await this.file.close();
    this.letters.passEnded();
  }

  #advance(end: number): void {
    this.#done = Math.max(this.#done, end);
  }

  /** A person may have moved the file away meanwhile: then what there is now is none of ours. */
  async #isInPlace(): Promise<boolean> {
    const ours = await this.file.stat({ bigint: true });
    const there = await this.disk.lstat(this.letters.path, { bigint: true }).catch(() => undefined);
    return there?.dev === ours.dev && there.ino === ours.ino;
  }

  async #shorten(size: number): Promise<'done'> {
    await this.file.truncate(size);
    await this.file.datasync();
    return 'done';
  }

  /** The second file becomes the first. False: there is none, or it can't be. */
  async #replace(): Promise<boolean> {
    const copy = this.#copy;
    if (copy === undefined || this.#copyFailed) return false;
    try {
      await copy.sync();
      await this.disk.rename(this.letters.copyPath, this.letters.path);
      await this.letters.syncFolder();
      await copy.close();
      this.#copy = undefined;
      return true;
    } catch (error) {
      await this.#withoutCopy(error);
      return false;
    }
  }

  async #copying(write: (copy: OpenFile) => Promise<void>): Promise<void> {
    if (this.#copyFailed) return;
    try {
      const flags = O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW;
      this.#copy ??= await this.disk.open(this.letters.copyPath, flags, 0o600);
      await write(this.#copy);
    } catch (error) {
      await this.#withoutCopy(error);
    }
  }

  async #withoutCopy(error: unknown): Promise<void> {
    this.#copyFailed = true;
    await this.#dropCopy();
    // A full or failing disk is no reason to end: the first file is whole.
    if (systemCode(error) === undefined) throw error;
  }

  async #dropCopy(): Promise<void> {
    if (this.#copy === undefined) return;
    await this.#copy.close().catch(() => {});
    this.#copy = undefined;
    await this.disk.rm(this.letters.copyPath, { force: true }).catch(() => {});
  }

  async #append(copy: OpenFile, bytes: Buffer): Promise<void> {
    await writeAll(copy, bytes, this.#copied);
    this.#copied += bytes.length;
  }

  async #copyRange(copy: OpenFile, start: number, end: number): Promise<void> {
    const block = Buffer.allocUnsafe(Math.min(blockBytes, Math.max(1, end - start)));
    for (let at = start; at < end;) {
      const { bytesRead } = await this.file.read(block, 0, Math.min(block.length, end - at), at);
      if (bytesRead === 0) throw Object.assign(new Error('the file became shorter'), { code: 'ESHORT' });
      await this.#append(copy, block.subarray(0, bytesRead));
      at += bytesRead;
    }
  }
}
