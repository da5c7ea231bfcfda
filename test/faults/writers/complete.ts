import { partsOfId, textOf, type Stored } from '../../support/bulk-server.js';

/** How many serials of a kind are named in a failure's text. */
const shown = 10;

/** `<writer-id> <serial> <payload>`; undefined: no line of a writer. */
export function serialOf(text: string): { readonly writer: string; readonly serial: number } | undefined {
  const [, writer, serial] = /^(\S+) (\d+) /.exec(text) ?? [];
  return writer === undefined ? undefined : { writer, serial: Number(serial) };
}

/**
 * '' when every line of each writer, 0 to its last serial, is stored once, nothing else is, and the serials of each file grow with the offset.
 * @param lasts the last serial by writer. @param mayRepeat a line may be stored more than once: only a loss is wrong.
 */
export function incomplete(
  stored: readonly Stored[],
  lasts: Readonly<Record<string, number>>,
  mayRepeat = false,
): string {
  const wrong: string[] = [];
  const counts = new Map(Object.entries(lasts).map(([writer, last]) => [writer, new Uint16Array(last + 1)]));
  const files = new Map<string, number>();
  for (const one of [...stored].sort((a, b) => partsOfId(a.id).start - partsOfId(b.id).start)) {
    const found = serialOf(textOf(one));
    const count = found && counts.get(found.writer);
    if (found === undefined || count === undefined || found.serial >= count.length) {
      wrong.push(`nobody's line: ${JSON.stringify(textOf(one).slice(0, 120))}`);
      continue;
    }
    count[found.serial] = (count[found.serial] ?? 0) + 1;
    const { fileId } = partsOfId(one.id);
    if (found.serial < (files.get(fileId) ?? -1)) wrong.push(`out of order in ${fileId}: ${found.serial}`);
    files.set(fileId, found.serial);
  }
  for (const [writer, count] of counts) {
    const missing = [...count.keys()].filter((serial) => count[serial] === 0);
    const repeated = [...count.keys()].filter((serial) => (count[serial] ?? 0) > 1);
    if (missing.length > 0) wrong.push(`${writer}: ${missing.length} missing: ${missing.slice(0, shown).join(' ')}`);
    if (repeated.length > 0 && !mayRepeat)
      wrong.push(`${writer}: ${repeated.length} repeated: ${repeated.slice(0, shown).join(' ')}`);
  }
  return wrong.slice(0, shown).join('\n');
}
