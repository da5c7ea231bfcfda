import { patternFlaw } from '../src/linear-regex.js';

/** What is wrong with the pattern of `regex:…`; undefined for the name of a format. The engine is loaded only for a pattern. */
export async function formatFlaw(format: string): Promise<string | undefined> {
  const prefix = 'regex:';
  if (!format.startsWith(prefix)) return undefined;
  const flaw = await patternFlaw(format.slice(prefix.length));
  return flaw === undefined ? undefined : `the pattern is not valid: ${flaw}`;
}
