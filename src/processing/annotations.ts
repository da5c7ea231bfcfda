import { parseLabels } from './labels.js';

/** Annotations hold whole documents (`kubectl.kubernetes.io/last-applied-configuration`), which belong in no record. */
export const longestAnnotation = 1024;
/** Bytes, about, that all of them may add to each record. */
const mostCharacters = 8192;

/**
 * The annotations of a pod that a record is to carry: those that a pattern names (`*` stands for any characters, `?` for one). What is longer than
 * 1024 characters, or beyond 8192 in all, is left out.
 */
export function chosenAnnotations(text: string, patterns: readonly string[]): Readonly<Record<string, string>> {
  if (patterns.length === 0) return {};
  let rest = mostCharacters;
  return parseLabels(text, (key, value) => {
    const length = key.length + value.length;
    if (value.length > longestAnnotation || length > rest) return false;
    if (!patterns.some((pattern) => matches(pattern, key))) return false;
    rest -= length;
    return true;
  });
}

/** Steps back to the last `*` only, so it takes at most pattern times text steps. */
export function matches(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let starAt = 0;
  let next = 0;
  while (at < text.length) {
    if (pattern[next] === '*') {
      star = next++;
      starAt = at;
    } else if (next < pattern.length && (pattern[next] === '?' || pattern[next] === text[at])) {
      next++;
      at++;
    } else if (star >= 0) {
      next = star + 1;
      at = ++starAt;
    } else return false;
  }
  while (pattern[next] === '*') next++;
  return next === pattern.length;
}
