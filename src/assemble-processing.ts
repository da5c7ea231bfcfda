import { compileLinear } from './linear-regex.js';
import { withoutFields } from './processing/fields.js';
import { Pipeline } from './processing/pipeline.js';
import { makeRedactor } from './processing/redact/make-redactor.js';
import type { Redactor } from './processing/redact/redactor.js';
import { patternsOf } from './types/filter-check.js';
import type { LinearRegex } from './types/linear-regex.js';
import type { ProcessingSettings } from './types/processing-settings.js';

/** What is done to the records of one output, and what takes secrets out of all else that it says. */
export interface OutputProcessing {
  /** Undefined: nothing is configured, and lines may go the short way. */
  readonly pipeline: Pipeline | undefined;
  readonly redactor: Redactor | undefined;
  /** The agent's own members, without those that are dropped. */
  readonly statics: Readonly<Record<string, unknown>>;
}

/** Compiles the patterns and puts the steps together. `sendsLine`: the output sends lines as they are. The settings were checked before. */
export async function assembleProcessing(
  settings: ProcessingSettings,
  statics: Readonly<Record<string, unknown>>,
  sendsLine: boolean,
): Promise<OutputProcessing> {
  const wanted = settings.filter === undefined ? [] : patternsOf(settings.filter).map(({ pattern }) => pattern);
  const patterns = new Map<string, LinearRegex>();
  for (const pattern of [...wanted, ...Object.values(settings.redactPatterns)])
    patterns.set(pattern, await compileLinear(pattern));
  const redactor = makeRedactor(settings, patterns);
  const parts = { settings, statics, patterns, redactor, sendsLine };
  return {
    pipeline: Pipeline.isIdle(parts) ? undefined : new Pipeline(parts),
    redactor,
    statics: settings.dropFields.length === 0 ? statics : withoutFields(statics, settings.dropFields),
  };
}
