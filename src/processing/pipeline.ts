import { readFilter } from '../types/filter-check.js';
import type { LinearRegex } from '../types/linear-regex.js';
import type { HeldBackReason, ProcessingSettings } from '../types/processing-settings.js';
import { readSample, readThrottle } from '../types/rates.js';
import type { LogRecord } from '../types/record.js';
import { Dedupe } from './dedupe.js';
import { dropFields, renameFields } from './fields.js';
import { compileFilter, minLevel, type Test } from './filter.js';
import { HeldBackList, type HeldBack } from './held-back.js';
import { Journal } from './journal.js';
import { fieldReader } from './record-fields.js';
import { redactRecord } from './redact/redact-record.js';
import type { Redactor } from './redact/redactor.js';
import { sampler } from './sample.js';
import { writeSummary } from './summary.js';
import { Throttle } from './throttle.js';

export interface PipelineParts {
  readonly settings: ProcessingSettings;
  /** Root members that the agent adds to every record: a filter may ask for them. */
  readonly statics: Readonly<Record<string, unknown>>;
  /** Compiled patterns of the filter, by their text. */
  readonly patterns: ReadonlyMap<string, LinearRegex>;
  readonly redactor: Redactor | undefined;
  /** The output sends the line as it is, beside or instead of the fields. */
  readonly sendsLine: boolean;
}

/**
 * What is done to the records of one lane between parsing and writing, in this order:
 *
 *     minimum level ─▶ filter ─▶ sample ─▶ throttle ─▶ dedupe ─▶ drop fields ─▶ redact ─▶ rename fields
 *
 * The first five hold records back, the others change what is sent. What they remember can be taken back (`journal`), since a record that found no room in a
 * batch is read again.
 */
export class Pipeline {
  readonly journal = new Journal();
  readonly held = new HeldBackList(this.journal);
  readonly #tests: readonly (readonly [HeldBackReason, Test])[];
  readonly #throttle: Throttle | undefined;
  readonly #dedupe: Dedupe | undefined;
  readonly #renames: readonly (readonly [string, string])[];

  /** @throws FilterError for a filter that the configuration has not checked */
  constructor(private readonly parts: PipelineParts) {
    const { settings, statics } = parts;
    this.#tests = testsOf(parts);
    const throttle = settings.throttle === undefined ? undefined : readThrottle(settings.throttle);
    if (throttle !== undefined && 'value' in throttle) {
      const readKey = fieldReader(throttle.value.key ?? 'log.file.path', statics);
      this.#throttle = new Throttle(throttle.value, readKey, this.held, this.journal);
    }
    this.#dedupe = settings.dedupe ? new Dedupe(this.held, this.journal, (record) => this.#quote(record)) : undefined;
    this.#renames = Object.entries(settings.renameFields);
  }

  /** Nothing is configured: no lane needs this. */
  static isIdle({ settings, redactor }: Pick<PipelineParts, 'settings' | 'redactor'>): boolean {
    const { minLevel: least, filter, sample, throttle, dedupe, dropFields: dropped, renameFields: renamed } = settings;
    const held = [least, filter, sample, throttle].some((each) => each !== undefined) || dedupe;
    return !held && dropped.length === 0 && Object.keys(renamed).length === 0 && redactor === undefined;
  }

  /** Why the record is held back; undefined: it is not, as yet. `timeMs`: its time for the throttle; `now`: monotonic ms. */
  heldBackBy(record: LogRecord, timeMs: number, now: number): HeldBackReason | undefined {
    for (const [reason, passes] of this.#tests) if (!passes(record)) return reason;
    return this.#throttle?.passes(record, timeMs, now) === false ? 'throttle' : undefined;
  }

  /** The repeats that this record ends: their summary goes before it. */
  endedBy(record: LogRecord): HeldBack | undefined {
    return this.#dedupe?.endedBy(record);
  }

  /** The record says what the one before it said. */
  isRepeat(record: LogRecord, now: number): boolean {
    return this.#dedupe?.passes(record, now) === false;
  }

  /** Changes the record into what is sent. */
  shape(record: LogRecord): void {
    const { settings, redactor, sendsLine } = this.parts;
    if (settings.dropFields.length > 0) dropFields(record, settings.dropFields);
    if (redactor !== undefined) redactRecord(record, redactor, sendsLine);
    if (this.#renames.length > 0) renameFields(record, this.#renames);
  }

  /** Fills `record` with a summary, as it is sent. */
  summarize(held: HeldBack, record: LogRecord): void {
    writeSummary(held, record);
    const { redactor, sendsLine } = this.parts;
    if (redactor !== undefined) redactRecord(record, redactor, sendsLine);
  }

  /** The file is gone for this lane. */
  forget(fileId: string): void {
    this.held.forget(fileId);
    this.#dedupe?.forget(fileId);
  }

  /** Redacted before it is cut: half a secret could not be told from a word. */
  #quote({ message, text, from, to }: LogRecord): string {
    const said = message === undefined ? text.toString('utf8', from, to) : (message ?? '');
    return this.parts.redactor?.any(said) ?? said;
  }
}

function testsOf({ settings, statics, patterns }: PipelineParts): (readonly [HeldBackReason, Test])[] {
  const tests: (readonly [HeldBackReason, Test])[] = [];
  if (settings.minLevel !== undefined) tests.push(['min_level', minLevel(settings.minLevel)]);
  if (settings.filter !== undefined) {
    const passes = compileFilter(readFilter(settings.filter), { statics, patterns });
    // A part of a line that had to be split has no fields: nothing says that it is not wanted.
    tests.push(['filter', (record) => record.part !== undefined || passes(record)]);
  }
  const sample = settings.sample === undefined ? undefined : readSample(settings.sample);
  if (sample !== undefined && 'value' in sample) tests.push(['sample', sampler(sample.value)]);
  return tests;
}
