import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describeReadError } from '../../../config/read-file.js';
import type { Program } from '../cli.js';

export interface Input {
  /** What it is called in the records. */
  readonly name: string;
  readonly bytes: AsyncIterable<Buffer>;
  readonly isTerminal: boolean;
}

/** Standard input, or a file; in words what is wrong with it. */
export async function openInput(
  file: string | undefined,
  { stdin, isInputTerminal, cwd }: Program,
): Promise<Input | string> {
  if (file === undefined || file === '-') return { name: 'stdin', bytes: stdin(), isTerminal: isInputTerminal };
  const name = resolve(cwd, file);
  try {
    const handle = await open(name);
    return { name, bytes: handle.createReadStream(), isTerminal: false };
  } catch (error) {
    return `${file} ${describeReadError(error)}`;
  }
}

/** The input can't be read on: it is a folder, or a disk fails. */
export class InputError extends Error {}

/** The bytes as they come, and 'idle' once when none came for so long, ms. @throws InputError */
export async function* chunksOf(bytes: AsyncIterable<Buffer>, idleMs: number): AsyncGenerator<Buffer | 'idle'> {
  const iterator = bytes[Symbol.asyncIterator]();
  for (;;) {
    const next = iterator.next().catch((error: unknown) => {
      throw new InputError(describeReadError(error), { cause: error });
    });
    let timer: NodeJS.Timeout | undefined;
    const idle = new Promise<'idle'>((settle) => (timer = setTimeout(settle, idleMs, 'idle')));
    const first = await Promise.race([next, idle]);
    clearTimeout(timer);
    if (first === 'idle') yield 'idle';
    const result = first === 'idle' ? await next : first;
    if (result.done === true) return;
    yield result.value;
  }
}
