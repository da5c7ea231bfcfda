import { AgentError } from '../types/errors.js';
import { hasCode, lookInto, readPid, removePid, storeDir, writePid } from './state-dir.js';
import { levelDatabase, StoreError } from './store.js';
import type { Database } from './store.js';
import { findDamagedTables } from './tables.js';

/**
 * Keeps agents away from a state directory while `work` changes what else is in it.
 * @throws AgentError STATE_LOCKED when an agent has it, or the system's error
 */
export async function holding<T>(stateDir: string, work: () => Promise<T>, database = levelDatabase): Promise<T> {
  const held = await hold(stateDir, database);
  try {
    return await work();
  } finally {
    await held[Symbol.asyncDispose]();
  }
}

/** Where there is no whole database there is nothing to hold: then it is only made sure that no agent has it now. The database stays as it is. */
async function hold(stateDir: string, database: Database): Promise<AsyncDisposable> {
  const directory = storeDir(stateDir);
  const nothing: AsyncDisposable = { [Symbol.asyncDispose]: () => Promise.resolve() };
  let isWhole: boolean;
  try {
    const found = await lookInto(directory);
    if (found === 'none') return nothing;
    // LevelDB must not meet a damaged table; the next agent sets it aside.
    isWhole = found === 'whole' && (await findDamagedTables(directory)).length === 0;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return nothing;
    throw error;
  }
  try {
    if (isWhole) {
      const store = await database.open(directory);
      await writePid(stateDir).catch(() => {});
      return {
        [Symbol.asyncDispose]: async () => {
          await removePid(stateDir);
          await store.close();
        },
      };
    }
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (error.kind === 'locked') throw await inUse(stateDir);
  }
  if (await database.isHeld(directory)) throw await inUse(stateDir);
  return nothing;
}

async function inUse(stateDir: string): Promise<AgentError> {
  const pid = await readPid(stateDir);
  const holder = pid === undefined ? 'a process' : `process ${pid}`;
  return new AgentError('STATE_LOCKED', `the state directory ${stateDir} is in use by ${holder}, which can't be asked`);
}
