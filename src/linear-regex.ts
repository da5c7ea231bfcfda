import type { LinearRegex } from './types/linear-regex.js';

/**
 * Compiles a pattern of the configuration, in RE2's syntax: that of JavaScript and Perl without backreferences and looking around, `(?P<name>…)` or
 * `(?<name>…)` for groups, `(?i)` for any case. The engine is loaded with the first call.
 * @throws Error whose message says what is wrong and at which character of the pattern, as in `missing closing ) at character 5`
 */
export async function compileLinear(pattern: string): Promise<LinearRegex> {
  const { compile } = await import('./regex-engine.js');
  return compile(pattern);
}

/** What is wrong with the pattern, as one phrase; undefined when it is well. For the checks of settings. */
export async function patternFlaw(pattern: string): Promise<string | undefined> {
  try {
    await compileLinear(pattern);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
