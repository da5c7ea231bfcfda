import { resolve } from 'node:path';
import { globalSettings } from '../../config/schema.js';
import type { Env } from './cli.js';

/**
 * Where the agent of this pod keeps its state, absolute. Commands run in the agent's memory limit, so the rest of the configuration is read, by `configured`,
 * only where a file may say it.
 */
export async function stateDirOf(env: Env, cwd: string, configured: () => Promise<string>): Promise<string> {
  const given = (env['PANNIER_STATE_DIR'] ?? '').trim();
  if (given !== '') return resolve(cwd, given);
  if ((env['PANNIER_CONFIG'] ?? '').trim() !== '') return await configured();
  return globalSettings.stateDir.default!;
}
