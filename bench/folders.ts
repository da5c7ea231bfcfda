import { existsSync, mkdirSync, mkdtempSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeWithUs } from './cleanup.js';

/** The checkout. The program is bundled elsewhere, so whoever starts it says where. */
export const root = process.env.PANNIER_ROOT ?? process.cwd();

/** What is fetched or compiled once: compiled programs, peers, parts of servers. */
export function cacheFolder(): string {
  const folder = join(process.env.PANNIER_SERVICES_DIR ?? join(root, '.services'), 'bench');
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** A fresh folder for log files: in memory where that has room, so that no disk is measured. */
export function dataFolder(bytes: number): string {
  const memory = '/dev/shm';
  const stat = existsSync(memory) ? statfsSync(memory) : undefined;
  const roomy = stat !== undefined && stat.bavail * stat.bsize > 2 * bytes;
  return removeWithUs(mkdtempSync(join(roomy ? memory : tmpdir(), 'pannier-bench-')));
}

/** A fresh folder on disk for an agent's positions, settings and log. */
export const stateFolder = (): string => removeWithUs(mkdtempSync(join(tmpdir(), 'pannier-bench-')));
