/** `key=value`, or a key alone, whose value is undefined. Values are decoded. */
export interface Pair {
  readonly key: string;
  readonly value: string | undefined;
}

/**
 * Splits a logfmt line: pairs with blanks between them, values bare or in double quotes with Go's escapes. Undefined when the line breaks these
 * rules (a quote that is not closed, text behind a closing quote, a value without a key), so that nothing of it is lost or bent. Linear.
 */
export function readPairs(line: string): Pair[] | undefined {
  const pairs: Pair[] = [];
  let at = skipBlanks(line, 0);
  while (at < line.length) {
    const keyEnd = tokenEnd(line, at, true);
    const key = line.slice(at, keyEnd);
    if (key === '' || key.includes('"')) return undefined;
    if (line.charCodeAt(keyEnd) !== equals) {
      pairs.push({ key, value: undefined });
      at = skipBlanks(line, keyEnd);
      continue;
    }
    const valueStart = keyEnd + 1;
    const isQuoted = line.charCodeAt(valueStart) === quote;
    const valueEnd = isQuoted ? closingQuote(line, valueStart) + 1 : tokenEnd(line, valueStart, false);
    if (isQuoted && (valueEnd === 0 || (valueEnd < line.length && !isBlank(line.charCodeAt(valueEnd)))))
      return undefined;
    const value = isQuoted ? unescape(line.slice(valueStart + 1, valueEnd - 1)) : line.slice(valueStart, valueEnd);
    pairs.push({ key, value });
    at = skipBlanks(line, valueEnd);
  }
  return pairs;
}

const equals = 0x3d;
const quote = 0x22;
const backslash = 0x5c;

const isBlank = (code: number): boolean => code === 0x20 || (code >= 0x09 && code <= 0x0d);

function skipBlanks(line: string, from: number): number {
  let at = from;
  while (isBlank(line.charCodeAt(at))) at++;
  return at;
}

function tokenEnd(line: string, from: number, endsAtEquals: boolean): number {
  let at = from;
  while (at < line.length) {
    const code = line.charCodeAt(at);
    if (isBlank(code) || (endsAtEquals && code === equals)) break;
    at++;
  }
  return at;
}

/** Place of the quote that closes the one at `from`, or -1. */
function closingQuote(line: string, from: number): number {
  for (let at = from + 1; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === backslash) at++;
    else if (code === quote) return at;
  }
  return -1;
}

/**
 * Escapes as Go's strconv.Quote writes them, and JSON's. Another one is kept as it is written, and so is a byte above 0x7f: Go writes `\xff` for
 * a byte that is no UTF-8, which no character stands for.
 */
export function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(
    /\\(?:([abfnrtv"'\\/])|(?:x([0-7][0-9a-fA-F])|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})))/g,
    (whole, simple?: string, byte?: string, unit?: string, point?: string) => {
      if (simple !== undefined) return escapes.get(simple) ?? whole;
      const code = Number.parseInt(byte ?? unit ?? point ?? '', 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['a', '\u0007'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
  ['/', '/'],
]);
