import { compileLinear } from '../../src/linear-regex.js';
import { Pipeline } from '../../src/processing/pipeline.js';
import { makeRedactor } from '../../src/processing/redact/make-redactor.js';
import { patternsOf } from '../../src/types/filter-check.js';
import type { LinearRegex } from '../../src/types/linear-regex.js';
import type { ProcessingSettings } from '../../src/types/processing-settings.js';
import { newRecord, type LogRecord } from '../../src/types/record.js';

export const noProcessing: ProcessingSettings = {
  minLevel: undefined,
  filter: undefined,
  sample: undefined,
  throttle: undefined,
  dedupe: false,
  dropFields: [],
  renameFields: {},
  redact: [],
  redactPatterns: {},
  redactMode: 'mask',
  redactKey: undefined,
};

export async function pipelineOf(
  settings: Partial<ProcessingSettings>,
  statics: Readonly<Record<string, unknown>> = {},
  sendsLine = false,
): Promise<Pipeline> {
  const whole = { ...noProcessing, ...settings };
  const patterns = new Map<string, LinearRegex>();
  const wanted = whole.filter === undefined ? [] : patternsOf(whole.filter).map(({ pattern }) => pattern);
  for (const pattern of [...wanted, ...Object.values(whole.redactPatterns)])
    patterns.set(pattern, await compileLinear(pattern));
  return new Pipeline({ settings: whole, statics, patterns, redactor: makeRedactor(whole, patterns), sendsLine });
}

/** A record of a file `/app.log` with the fields of `members` (values as JSON writes them). */
export function recordOf(changed: Partial<LogRecord>, members: Readonly<Record<string, unknown>> = {}): LogRecord {
  const text = Buffer.from(typeof changed.message === 'string' ? changed.message : 'text');
  return Object.assign(newRecord(), {
    file: { fileId: 'f'.repeat(24), path: '/app.log', birthMs: 0 },
    text,
    from: 0,
    to: text.length,
    end: text.length + 1,
    timeMs: 1_700_000_000_000,
    members: Object.entries(members).map(([key, value]) => ({ key, json: JSON.stringify(value) })),
    ...changed,
  });
}
