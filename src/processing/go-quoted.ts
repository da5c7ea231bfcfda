/** Escapes of one letter, as Go's strconv.Quote writes them. */
const letters = new Map([
  ['a', '\u0007'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
  ['"', '"'],
]);
/** Digits of the escapes with a number. */
const numbers = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
]);
const lastCodePoint = 0x10ffff;

/** The text that Go's `%q` quoted, in which the downward API writes labels and annotations; undefined where it is no such text. Linear. */
export function unquoteGo(quoted: string): string | undefined {
  if (quoted.length < 2 || !quoted.startsWith('"') || !quoted.endsWith('"')) return undefined;
  const end = quoted.length - 1;
  let text = '';
  for (let at = 1; at < end;) {
    const backslash = quoted.indexOf('\\', at);
    const quote = quoted.indexOf('"', at);
    const plainEnd = backslash === -1 || backslash > end ? end : backslash;
    if (quote < plainEnd) return undefined;
    text += quoted.slice(at, plainEnd);
    if (plainEnd === end) break;
    const kind = quoted[backslash + 1] ?? '';
    const letter = letters.get(kind);
    const digits = numbers.get(kind) ?? 0;
    at = backslash + 2 + digits;
    if (at > end) return undefined;
    if (letter === undefined) {
      const hex = quoted.slice(backslash + 2, at);
      const code = digits > 0 && /^[0-9A-Fa-f]+$/.test(hex) ? Number.parseInt(hex, 16) : Infinity;
      if (code > lastCodePoint) return undefined;
      text += String.fromCodePoint(code);
    } else text += letter;
  }
  return text;
}
