import { RE2JS, RE2JSSyntaxException } from 're2js';
import type { LinearMatch, LinearRegex } from './types/linear-regex.js';

/** Loaded only where a pattern is configured (`.ci/build.js` makes it a bundle of its own): the engine and its tables are a quarter of a megabyte. */

/** @throws Error as `compileLinear` of `linear-regex.ts` says */
export function compile(pattern: string): LinearRegex {
  return new Pattern(pattern, parse(pattern));
}

function parse(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    const { error: flaw, input } = error as RE2JSSyntaxException & { error: string; input: string | null };
    throw new Error(`${flaw} at character ${placeOf(flaw, input, pattern) + 1}`, { cause: error });
  }
}

class Pattern implements LinearRegex {
  readonly source: string;
  readonly names: readonly string[];
  readonly #pattern: RE2JS;

  constructor(source: string, pattern: RE2JS) {
    this.source = source;
    this.#pattern = pattern;
    const groups = Object.entries(pattern.namedGroups());
    this.names = groups.sort(([, one], [, other]) => one - other).map(([name]) => name);
  }

  test(text: string): boolean {
    return this.#pattern.test(text);
  }

  exec(text: string, from = 0): LinearMatch | undefined {
    const matcher = this.#pattern.matcher(text);
    if (from > text.length || !matcher.find(from)) return undefined;
    const groups = new Map<string, string>();
    for (const name of this.names) {
      const value = matcher.group(name);
      if (value !== null) groups.set(name, value);
    }
    return { index: matcher.start(), end: matcher.end(), groups };
  }
}

/** Where in the pattern the flaw is. The engine names the piece that it means, not its place; of some flaws it names the whole pattern. */
function placeOf(flaw: string, input: string | null, pattern: string): number {
  if (flaw === 'missing closing )') return unmatched(pattern, 'opening');
  if (flaw === 'unexpected )') return unmatched(pattern, 'closing');
  if (input === null || input === '') return Math.max(0, pattern.length - 1);
  // Of a name that comes twice the second is the flaw.
  const isRepeated = flaw.startsWith('duplicate');
  return Math.max(0, isRepeated ? pattern.lastIndexOf(input) : pattern.indexOf(input));
}

/** Place of the last parenthesis that is opened and not closed, or of the first that is closed and was not opened. */
function unmatched(pattern: string, kind: 'opening' | 'closing'): number {
  const open: number[] = [];
  let classStart = -1;
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === '\\') at++;
    else if (classStart >= 0) {
      // A bracket that is the first of its class is a member of it.
      const isFirst = at === classStart + 1 || (at === classStart + 2 && pattern[at - 1] === '^');
      if (character === ']' && !isFirst) classStart = -1;
    } else if (character === '[') classStart = at;
    else if (character === '(') open.push(at);
    else if (character === ')' && open.pop() === undefined && kind === 'closing') return at;
  }
  return open.at(-1) ?? 0;
}
