import { constants, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeDisk, systemCode } from '../../delivery/disk.js';
import { letterLines, type LetterLine } from '../../delivery/letter-lines.js';

const fileForm = /^([a-z][a-z0-9-]*)\.ndjson$/;

/** The outputs that have a file of dead letters in this state directory, in the order of their names. @throws the system's error, but for ENOENT */
export async function outputsWithLetters(stateDir: string): Promise<readonly string[]> {
  try {
    const names = await readdir(join(stateDir, 'dead-letters'));
    return names.flatMap((name) => fileForm.exec(name)?.[1] ?? []).sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** The letters of an output as they are now. Reading disturbs nobody, so the running agent need not be asked. @throws the system's error, but for ENOENT */
export async function* lettersOf(stateDir: string, output: string): AsyncGenerator<LetterLine> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const path = join(stateDir, 'dead-letters', `${output}.ndjson`);
  let file;
  try {
    file = await nodeDisk.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw error;
  }
  try {
    yield* letterLines(file, 0, Number((await file.stat({ bigint: true })).size));
  } finally {
    await file.close();
  }
}
