import { existsSync } from 'node:fs';
import { cp, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../support/agent-process.js';

/** Real log files, where the checkout has them beside it. */
const samples = join(projectRoot, '../shared/data');
export const haveSamples = existsSync(samples);

/** Copies the samples below `folder`. What Pannier leaves out by default (`*.gz`, `*.tmp`) stays. */
export async function copySamples(folder: string): Promise<void> {
  await cp(samples, folder, { recursive: true });
}

/**
 * The lines that a file holds, by the book and without the product's code: UTF-16 by its mark, else UTF-8 with invalid bytes replaced;
 * the line end is `\n` or `\r\n`; a line of nothing but ASCII white space is none.
 */
export function linesOf(bytes: Buffer): string[] {
  const lines = decoded(bytes).split('\n');
  return lines.map((line) => line.replace(/\r$/, '')).filter((line) => /[^ \t\r\v\f]/.test(line));
}

function decoded(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.subarray(2).toString('utf16le');
  return new TextDecoder().decode(bytes);
}

/** The lines of every file below `folder` that Pannier reads by default, by path. */
export async function linesBelow(folder: string): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !/\.(gz|tmp)$/.test(entry.name)) found.set(path, linesOf(await readFile(path)));
  }
  return found;
}
