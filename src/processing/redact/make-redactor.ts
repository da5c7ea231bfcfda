import type { LinearRegex } from '../../types/linear-regex.js';
import type { ProcessingSettings } from '../../types/processing-settings.js';
import { redactionNames } from '../../types/redaction-names.js';
import { Redactor } from './redactor.js';
import { keyedHash, mask } from './replacement.js';

/** What takes secrets out, as configured; undefined: nothing does. `patterns`: the own patterns, compiled, by their text. */
export function makeRedactor(
  { redact, redactPatterns, redactMode, redactKey }: ProcessingSettings,
  patterns: ReadonlyMap<string, LinearRegex>,
): Redactor | undefined {
  const own = Object.entries(redactPatterns).flatMap(([name, pattern]) => {
    const compiled = patterns.get(pattern);
    return compiled === undefined ? [] : [[name, compiled] as const];
  });
  const kinds = redactionNames.filter((name) => redact.includes(name) || redact.includes('all'));
  if (kinds.length === 0 && own.length === 0) return undefined;
  const replace = redactMode === 'hash' && redactKey !== undefined ? keyedHash(redactKey) : mask;
  return new Redactor({ kinds, patterns: new Map(own), replace });
}
