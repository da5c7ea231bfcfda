import { setTimeout as wait } from 'node:timers/promises';
import { ControlError, type ControlRoutes } from '../../types/control.js';
import type { Configuration } from '../../types/configuration.js';
import { mostSearched, type Found, type Position, type Search } from '../../types/positions.js';

/** A line goes out so often, ms, also while one file takes long: else the caller would take us for dead. */
const pulseMs = 2000;

export interface SearchParts {
  /** As they are now: a reload may change them. */
  readonly configuration: () => Configuration;
  /** undefined: the agent does not know the file (any more). */
  readonly positionOf: (fileId: string) => Position | undefined;
}

/**
 * `POST /checkpoints/find {ms, files: [{fileId, upTo}]}`: for each file a line `{fileId, offset}` (left out where nothing is as young) or `{fileId, problem}`,
 * and `{}` now and then. The agent reads for the command: it has the parsers, and a command in the same memory limit should not need them again.
 * One search at a time: each has buffers of its own for as long as it lasts.
 */
export function findRoute(parts: SearchParts): ControlRoutes {
  let isBusy = false;
  return {
    'POST /checkpoints/find': async function* ({ body, signal }) {
      const { ms, files } = asSearch(body);
      if (isBusy) throw new ControlError(409, 'the agent is searching for another command; try again in a moment');
      isBusy = true;
      try {
        const { TimeFinder } = await import('../../time-finder.js');
        const finder = await TimeFinder.open(parts.configuration());
        for (const { fileId, upTo } of files) {
          const position = parts.positionOf(fileId);
          const search: Promise<Found> =
            position === undefined
              ? Promise.resolve({ problem: 'its bytes can not be had any more' })
              : finder.find(position, upTo, ms, signal);
          yield* pulses(search);
          yield { fileId, ...(await search) };
        }
      } finally {
        isBusy = false;
      }
    },
  };
}

/** An empty line now and then until `work`, which never rejects, has ended. */
async function* pulses(work: Promise<unknown>): AsyncGenerator<object> {
  const over = new AbortController();
  const ended = work.then(() => over.abort()).then(() => true);
  const pulse = (): Promise<boolean> => wait(pulseMs, false, { signal: over.signal }).catch(() => true);
  while (!(await Promise.race([ended, pulse()]))) yield {};
}

/** @throws ControlError 400 for what is no such request */
export function asSearch(body: unknown): { readonly ms: number; readonly files: readonly Search[] } {
  const wrong = (what: string): ControlError => new ControlError(400, `a search takes {ms, files}: ${what}`);
  if (typeof body !== 'object' || body === null || !('ms' in body) || !('files' in body))
    throw wrong('a member is missing');
  const { ms, files } = body;
  if (typeof ms !== 'number' || !Number.isFinite(ms)) throw wrong('ms is no time');
  if (!Array.isArray(files) || files.length > mostSearched) throw wrong(`files is no list of at most ${mostSearched}`);
  return { ms, files: files.map((file) => asFile(file, wrong)) };
}

function asFile(file: unknown, wrong: (what: string) => ControlError): Search {
  if (typeof file !== 'object' || file === null || !('fileId' in file) || !('upTo' in file))
    throw wrong('a file has fileId and upTo');
  const { fileId, upTo } = file;
  if (typeof fileId !== 'string' || !Number.isSafeInteger(upTo) || Number(upTo) < 0)
    throw wrong('fileId is a text, and upTo a number of bytes');
  return { fileId, upTo: Number(upTo) };
}
