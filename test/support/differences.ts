import { partsOfId, textOf, type Stored } from './bulk-server.js';

/** '' when the same messages are there, however often each, and each file's are in the expected order. */
export function setDifference(stored: readonly Stored[], expected: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const message of expected) counts.set(message, (counts.get(message) ?? 0) + 1);
  for (const one of stored) counts.set(textOf(one), (counts.get(textOf(one)) ?? 0) - 1);
  const missing = [...counts].filter(([, count]) => count > 0).map(([message]) => message);
  const extra = [...counts].filter(([, count]) => count < 0).map(([message]) => message);
  if (missing.length + extra.length > 0)
    return `${stored.length} stored, ${expected.length} expected\n  missing: ${some(missing)}\n  too many: ${some(extra)}`;
  if (new Set(expected).size !== expected.length) return '';
  const place = new Map(expected.map((message, at) => [message, at]));
  const last = new Map<string, number>();
  for (const one of [...stored].sort((a, b) => partsOfId(a.id).start - partsOfId(b.id).start)) {
    const { fileId } = partsOfId(one.id);
    const at = place.get(textOf(one)) ?? -1;
    if (at < (last.get(fileId) ?? -1)) return `out of order in file ${fileId}: ${textOf(one)}`;
    last.set(fileId, at);
  }
  return '';
}

/** '' when the lines are the expected ones, in this order. */
export function sequenceDifference(lines: readonly string[], expected: readonly string[]): string {
  const at = lines.findIndex((line, index) => line !== expected[index]);
  if (at === -1 && lines.length === expected.length) return '';
  const from = at === -1 ? lines.length : at;
  return `${lines.length} came, ${expected.length} expected; from number ${from} on: ${some(lines.slice(from))} instead of ${some(expected.slice(from))}`;
}

function some(lines: readonly string[]): string {
  const shown = lines.slice(0, 5).map((line) => JSON.stringify(line.slice(0, 120)));
  return lines.length > 5 ? `${shown.join(', ')}, … ${lines.length} in all` : `[${shown.join(', ')}]`;
}
