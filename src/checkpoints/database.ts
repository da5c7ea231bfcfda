import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentError } from '../types/errors.js';
import type { Log } from '../types/log.js';
import type { StoredState } from '../types/stored.js';
import { Contents } from './contents.js';
import { load } from './load.js';
import type { Loaded } from './load.js';
import {
  lookInto,
  makeDirectories,
  probe,
  pruneAside,
  readPid,
  setAside,
  storeDir,
  wasSetAside,
  writePid,
} from './state-dir.js';
import { findDamagedTables } from './tables.js';
import { StoreError } from './store.js';
import type { Database, Store } from './store.js';

export interface Place {
  readonly stateDir: string;
  readonly database: Database;
  readonly log: Log;
  /** Wall clock, ms since the epoch. */
  readonly now: () => number;
}

export type Opened =
  | {
      readonly kind: 'open';
      readonly store: Store;
      readonly contents: Contents;
      readonly fresh: StoredState['fresh'];
      /** Keys to be written at once: their stored form is not the one that belongs there. */
      readonly stale: readonly string[];
    }
  | { readonly kind: 'unusable'; readonly problem: string };

/**
 * Opens the database of a state directory, whatever its shape. A damaged one, or one of a newer program, is set aside and made anew from
 * what could still be read of it. `unusable`: the disk or its rights do not allow it now; nothing there was changed.
 * @throws AgentError STATE_LOCKED when another process has it.
 */
export async function openDatabase(place: Place): Promise<Opened> {
  const directory = storeDir(place.stateDir);
  try {
    await makeDirectories(place.stateDir);
    const found = await lookInto(directory);
    if (found === 'headless') return await rebuild(place, 'the file CURRENT is missing', new Contents());
    const store = await openOrJudge(place, directory);
    return store instanceof StoreError
      ? await rebuild(place, store.message, new Contents())
      : await examine(place, store, found === 'none' && !(await wasSetAside(place.stateDir)));
  } catch (error) {
    if (error instanceof AgentError) throw error;
    return { kind: 'unusable', problem: `${directory}: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** A StoreError that is returned means damage. @throws AgentError STATE_LOCKED, or the system's error when the disk is at fault. */
async function openOrJudge(place: Place, directory: string): Promise<Store | StoreError> {
  try {
    return await openWithoutDamaged(place, directory);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (error.kind === 'locked') throw await lockedError(place.stateDir, error);
    if (error.kind === 'other') await probe(directory);
    return error;
  }
}

/**
 * Damaged tables get other names before LevelDB comes to them. When it can do without them (an agent was killed while it wrote them), they
 * go; when it can't, it says that files are missing, which is damage.
 */
async function openWithoutDamaged({ database, stateDir }: Place, directory: string): Promise<Store> {
  const damaged = await findDamagedTables(directory);
  if (damaged.length === 0) return database.open(directory);
  // A table that a running agent is just writing looks damaged too.
  if (await database.isHeld(directory)) throw await lockedError(stateDir);
  for (const name of damaged) await rename(join(directory, name), join(directory, `${name}.damaged`));
  const store = await database.open(directory);
  for (const name of damaged) await rm(join(directory, `${name}.damaged`), { force: true });
  return store;
}

async function examine(place: Place, store: Store, isNew: boolean): Promise<Opened> {
  const loaded = await load(store);
  if (loaded.newer !== undefined) {
    await store.close();
    const why = `it was written by a newer version (schema ${loaded.newer})`;
    return rebuild(place, why, new Contents(), 'newer');
  }
  if (loaded.failure !== undefined) {
    await store.close();
    await probe(storeDir(place.stateDir));
    return rebuild(place, loaded.failure.message, loaded.contents);
  }
  await announce(place);
  warnOfIgnored(place, loaded);
  if (isNew)
    return { kind: 'open', store, contents: loaded.contents, fresh: 'new', stale: [...loaded.contents.keys()] };
  if (!loaded.complete) warnOfRebuilding(place, 'its first record is missing', undefined);
  return {
    kind: 'open',
    store,
    contents: loaded.contents,
    fresh: loaded.complete ? 'found' : 'rebuilt',
    stale: loaded.complete ? loaded.stale : [...loaded.stale, ...loaded.contents.keys()],
  };
}

async function rebuild(
  place: Place,
  why: string,
  contents: Contents,
  kind: 'corrupt' | 'newer' = 'corrupt',
): Promise<Opened> {
  const aside = await setAside(place.stateDir, kind, place.now());
  await refuseIfHeld(place, aside);
  await makeDirectories(place.stateDir);
  const store = await place.database.open(storeDir(place.stateDir));
  await announce(place);
  warnOfRebuilding(place, why, aside);
  await pruneAside(place.stateDir);
  return { kind: 'open', store, contents, fresh: 'rebuilt', stale: [...contents.keys()] };
}

/**
 * Two agents that start on one damaged database both want to rename it, and the second would rename what the first has just made. The lock
 * belongs to the file and not to its name, so it tells: then the directory goes back where it was.
 */
async function refuseIfHeld(place: Place, aside: string): Promise<void> {
  if (!(await place.database.isHeld(aside))) return;
  await rename(aside, storeDir(place.stateDir));
  throw await lockedError(place.stateDir);
}

async function lockedError(stateDir: string, cause?: StoreError): Promise<AgentError> {
  const pid = await readPid(stateDir);
  const holder = pid === undefined ? 'another agent' : `another agent, process ${pid}`;
  const words = cause === undefined ? '' : ` (${cause.message})`;
  const message = `the state directory ${stateDir} is in use by ${holder}${words}; give each agent a PANNIER_STATE_DIR of its own`;
  return new AgentError('STATE_LOCKED', message, { cause });
}

async function announce({ stateDir, log }: Place): Promise<void> {
  try {
    await writePid(stateDir);
  } catch (error) {
    // It only serves the message of a second agent.
    log.debug({ error: String(error) }, 'agent.pid could not be written');
  }
}

function warnOfRebuilding({ stateDir, log }: Place, why: string, aside: string | undefined): void {
  const fields = { code: 'STATE_REBUILT', stateDir, why, ...(aside === undefined ? {} : { setAside: aside }) };
  log.warn(
    fields,
    'the checkpoints were damaged or of a newer version and are made anew: lines that were delivered before may be sent again',
  );
}

/** A damaged key may be long and may hold anything. */
const shownKeyLength = 100;
const shownRecords = 10;

function warnOfIgnored({ stateDir, log }: Place, { ignored }: Loaded): void {
  if (ignored.length === 0) return;
  const records = ignored.slice(0, shownRecords).map(({ key, reason }) => `${key.slice(0, shownKeyLength)}: ${reason}`);
  log.warn(
    { stateDir, count: ignored.length, records },
    'damaged checkpoint records are ignored: lines of their files may be sent again',
  );
}
