import { unquoteGo } from './go-quoted.js';

/** A pod may have more, but then they are no labels to find it by. */
const maxLabels = 256;

/**
 * Labels or annotations as the downward API writes them into a file: `key="value"`, one a line, the value quoted as Go's `%q` does. A line of another
 * form is left out. Source: Kubernetes, "Expose Pod Information to Containers Through Files".
 */
export function parseLabels(
  text: string,
  isWanted: (key: string, value: string) => boolean = () => true,
): Readonly<Record<string, string>> {
  const labels = new Map<string, string>();
  for (const line of text.split('\n')) {
    const equals = line.indexOf('=');
    const value = equals > 0 ? unquoteGo(line.slice(equals + 1).trim()) : undefined;
    const key = line.slice(0, Math.max(0, equals)).trim();
    if (value !== undefined && isWanted(key, value)) labels.set(key, value);
    if (labels.size === maxLabels) break;
  }
  // fromEntries defines its members, so that a label called __proto__ is one as well.
  return Object.fromEntries(labels);
}
