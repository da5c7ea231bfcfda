/** A pod may have more, but then they are no labels to find it by. */
const maxLabels = 256;

/**
 * Labels as the downward API writes them into a file: `key="value"`, one a line, the value quoted as Go's `%q` does. A line of another form is
 * left out. Source: Kubernetes, "Expose Pod Information to Containers Through Files".
 */
export function parseLabels(text: string): Readonly<Record<string, string>> {
  const labels = new Map<string, string>();
  for (const line of text.split('\n')) {
    const equals = line.indexOf('=');
    const value = equals > 0 ? unquote(line.slice(equals + 1).trim()) : undefined;
    if (value !== undefined) labels.set(line.slice(0, equals).trim(), value);
    if (labels.size === maxLabels) break;
  }
  // fromEntries defines its members, so that a label called __proto__ is one as well.
  return Object.fromEntries(labels);
}

/** Label values hold letters, digits, `-`, `_` and `.` only, for which Go's quoting is JSON's. */
function unquote(quoted: string): string | undefined {
  try {
    const value: unknown = JSON.parse(quoted);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
