import type { LogRecord } from '../types/record.js';
import { summaryAfterMs, type HeldBack, type HeldBackList } from './held-back.js';
import type { Journal } from './journal.js';

/** Files whose last record is remembered. */
const mostFiles = 1024;
/** A record that says more is not compared: what is remembered of each file is bounded. UTF-16 units. */
const longestRecord = 4096;
/** So much of a message is quoted by the summary. */
const longestQuote = 256;

interface Last {
  readonly saying: string;
  held: HeldBack | undefined;
}

/**
 * Holds back what a file says again and again: a record that says what the one before it said, its time apart. Equal are level, logger, message and
 * all members, by their text. Parts of a split line and records of more than 4096 characters are never equal to another.
 */
export class Dedupe {
  readonly #files = new Map<string, Last>();

  constructor(
    private readonly held: HeldBackList,
    private readonly journal: Journal,
    /** The message as it is sent: the summary quotes it. */
    private readonly quote: (record: LogRecord) => string,
  ) {}

  /** The repeats that end with this record, if it is another one: their summary goes before it. */
  endedBy(record: LogRecord): HeldBack | undefined {
    const last = this.#files.get(record.file.fileId);
    if (last?.held === undefined || !this.held.isOpen(last.held)) return undefined;
    return last.saying === sayingOf(record) ? undefined : last.held;
  }

  /** False for a repeat. `now`: monotonic ms. */
  passes(record: LogRecord, now: number): boolean {
    const saying = sayingOf(record);
    const { file, start, timeMs } = record;
    const last = this.#files.get(file.fileId);
    if (last === undefined || saying === undefined || last.saying !== saying) {
      this.#remember(file.fileId, saying, last);
      return true;
    }
    if (last.held !== undefined && this.held.isOpen(last.held)) {
      this.held.count(last.held, timeMs);
      return false;
    }
    last.held = {
      reason: 'duplicate',
      file,
      start,
      about: this.#quoteOf(record),
      dueAt: now + summaryAfterMs,
      firstMs: timeMs,
      lastMs: timeMs,
      count: 1,
    };
    this.held.add(last.held);
    return false;
  }

  forget(fileId: string): void {
    this.#files.delete(fileId);
  }

  #remember(fileId: string, saying: string | undefined, before: Last | undefined): void {
    this.journal.add(() => {
      if (before === undefined) this.#files.delete(fileId);
      else this.#files.set(fileId, before);
    });
    this.#files.delete(fileId);
    if (saying === undefined) return;
    this.#files.set(fileId, { saying, held: undefined });
    if (this.#files.size <= mostFiles) return;
    for (const oldest of this.#files.keys()) {
      this.#files.delete(oldest);
      return;
    }
  }

  #quoteOf(record: LogRecord): string {
    const text = this.quote(record);
    return text.length > longestQuote ? `${text.slice(0, longestQuote)}…` : text;
  }
}

/** What the record says, its time apart; undefined: it is like no other. */
function sayingOf({ part, text, from, to, message, level, logger, members }: LogRecord): string | undefined {
  if (part !== undefined) return undefined;
  const said =
    message === undefined ? text.toString('latin1', from, Math.min(to, from + longestRecord + 1)) : (message ?? '');
  let saying = `${level ?? ''}\0${logger ?? ''}\0${said}`;
  for (const { key, json } of members) saying += `\0${key}\0${json}`;
  return saying.length > longestRecord ? undefined : saying;
}
