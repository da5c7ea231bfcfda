import { chmod, lstat, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The database's place in the state directory. */
export const storeDir = (stateDir: string): string => join(stateDir, 'checkpoints');

/** Makes the state directory and the database's, for its owner alone. An existing one is left as it is: a volume's rights are the operator's. */
export async function makeDirectories(stateDir: string): Promise<void> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  try {
    await mkdir(storeDir(stateDir), { mode: 0o700 });
    await chmod(storeDir(stateDir), 0o700); // mkdir's mode passes through the umask
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    // Who may write to the state directory could have LevelDB write, and delete, wherever he likes.
    if ((await lstat(storeDir(stateDir))).isSymbolicLink())
      throw new Error(`${storeDir(stateDir)} is a link, which Pannier never makes: it is not followed; remove it`);
  }
}

/** `none`: no database was ever begun here. `headless`: there are parts of one, but not the file that says which of them count. */
export async function lookInto(directory: string): Promise<'none' | 'headless' | 'whole'> {
  // LevelDB makes LOCK and LOG before anything that matters.
  const names = (await readdir(directory)).filter((name) => /^(CURRENT|MANIFEST-\d+|\d+\.(log|ldb|sst))$/.test(name));
  if (names.length === 0) return 'none';
  return names.includes('CURRENT') ? 'whole' : 'headless';
}

/** More than LevelDB writes when it opens (a write buffer and a manifest), so that a disk with room for the probe has room for that. */
const probeBytes = 1024 * 1024;
/** As many descriptors at once as LevelDB takes when it opens. */
const probeHandles = 8;

/**
 * Tells a bad disk from a bad database: LevelDB says "IO error" for both. Throws the system's own error when the directory can't be written
 * or one of its files can't be read; otherwise what failed was the database.
 */
export async function probe(directory: string): Promise<void> {
  const path = join(directory, 'probe');
  const handles = [await open(path, 'w', 0o600)];
  try {
    while (handles.length < probeHandles) handles.push(await open(path, 'r'));
    await handles[0]?.writeFile(Buffer.alloc(probeBytes));
    await handles[0]?.sync();
  } finally {
    await Promise.all(handles.map((handle) => handle.close()));
    await rm(path, { force: true });
  }
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    // Opening and closing LOCK would free the lock of this very process, if it had it.
    if (entry.isFile() && entry.name !== 'LOCK') await (await open(join(directory, entry.name), 'r')).close();
  }
}

/** So many databases that were set aside are kept for a post-mortem. */
const keptAside = 3;
const asideForm = /^checkpoints\.(?:corrupt|newer)-(.+)$/;

/** Renames the database's directory to `checkpoints.<why>-<time>` and removes the oldest of its kind. Returns the new path. */
export async function setAside(stateDir: string, why: 'corrupt' | 'newer', nowMs: number): Promise<string> {
  const stamp = new Date(nowMs).toISOString().replaceAll(/[-:]/g, '');
  const taken = new Set(await readdir(stateDir));
  let name = `checkpoints.${why}-${stamp}`;
  for (let number = 2; taken.has(name); number++) name = `checkpoints.${why}-${stamp}-${number}`;
  const path = join(stateDir, name);
  await rename(storeDir(stateDir), path);
  return path;
}

/** True when a database was set aside here before: then a directory without one is no first start. */
export async function wasSetAside(stateDir: string): Promise<boolean> {
  return (await readdir(stateDir)).some((name) => asideForm.test(name));
}

/** Removes all but the newest of the databases that were set aside. */
export async function pruneAside(stateDir: string): Promise<void> {
  const when = (name: string): string => asideForm.exec(name)?.[1] ?? '';
  const names = (await readdir(stateDir)).filter((name) => asideForm.test(name));
  // The times are of one length, so their order as text is their order.
  names.sort((a, b) => (when(a) < when(b) ? 1 : -1));
  for (const name of names.slice(keptAside)) await rm(join(stateDir, name), { recursive: true, force: true });
}

const pidPath = (stateDir: string): string => join(stateDir, 'agent.pid');

/** Leaves our process id for the message of a second agent. The lock is LevelDB's: a file that a killed agent left means nothing. */
export async function writePid(stateDir: string): Promise<void> {
  await rm(pidPath(stateDir), { force: true });
  await writeFile(pidPath(stateDir), `${process.pid}\n`, { mode: 0o600, flag: 'wx' });
}

/** Process id of the agent that holds the directory, as far as it has left it; undefined: it has not. */
export async function readPid(stateDir: string): Promise<number | undefined> {
  try {
    const text = (await readFile(pidPath(stateDir), 'latin1')).trim();
    return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}

export async function removePid(stateDir: string): Promise<void> {
  if ((await readPid(stateDir)) === process.pid) await rm(pidPath(stateDir), { force: true });
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);
}
