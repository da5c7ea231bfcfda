import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../../support/agent-process.js';
import type { WriterKind } from './plan.js';

/** Programs that some writers are, or are rotated by. */
export type Program = 'python' | 'logrotate' | 'log4j2';

export const scriptOf = (program: 'logrotate' | 'log4j2'): string =>
  join(projectRoot, `test/services/provision/${program}.sh`);

export function programOf(kind: WriterKind): Program | undefined {
  const [name] = kind.split('-');
  return name === 'python' || name === 'logrotate' || name === 'log4j2' ? name : undefined;
}

/** The programs that this machine has not, and why. `fetch`: those that can be fetched are, once. */
export function missingPrograms(fetch: boolean): ReadonlyMap<Program, string> {
  const missing = new Map<Program, string>();
  const commands: Record<Program, readonly [string, string]> = {
    python: ['python3', '--version'],
    logrotate: [scriptOf('logrotate'), fetch ? 'prepare' : 'have'],
    log4j2: [scriptOf('log4j2'), fetch ? 'prepare' : 'have'],
  };
  for (const program of ['python', 'logrotate', 'log4j2'] as const) {
    const [command, argument] = commands[program];
    const { status, stderr, error } = spawnSync(command, [argument], { encoding: 'utf8' });
    if (status !== 0) missing.set(program, error?.message ?? stderr.trim());
  }
  return missing;
}
