import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cacheFolder, root } from '../folders.js';
import { Unavailable } from './agent.js';

/** Path of a program on the PATH. */
export function onPath(name: string): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not here
    }
  }
  return undefined;
}

/**
 * Runs a script of bench/provision/ that fills a folder of the cache, once; returns the folder.
 * @throws Unavailable with the script's words
 */
export function provision(script: string, name: string, args: readonly string[] = []): string {
  const folder = join(cacheFolder(), name);
  const { status, stderr } = spawnSync(join(root, 'bench/provision', script), [folder, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Unavailable(stderr.trim().split('\n')[0] ?? `${script} failed`);
  return folder;
}

/** First match of `pattern` (with one group) in what a program prints. */
export function versionOf(
  program: string,
  args: readonly string[],
  pattern: RegExp,
  env: NodeJS.ProcessEnv = process.env,
): string {
  const { stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', env });
  if (error) throw new Unavailable(`${program} does not start: ${error.message}`);
  const version = pattern.exec(stdout + stderr)?.[1];
  if (version === undefined)
    throw new Unavailable(`${program} does not say its version: ${(stdout + stderr).slice(0, 200)}`);
  return version;
}
