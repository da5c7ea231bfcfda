import { jsonString } from '../../types/json-string.js';

export interface StructuredData {
  /** An object of objects: id, then the names and values of its parameters. */
  readonly json: string;
  /** Place behind it. */
  readonly end: number;
}

/**
 * Reads the structured data of RFC 5424 (6.3) at `from`: `[id name="value" …]…`, with `\"`, `\\` and `\]` taken back to what they stand for. A name that
 * comes twice has an array of its values. Undefined when the text is none. Linear, never throws.
 */
export function readStructuredData(text: string, from: number): StructuredData | undefined {
  const elements = new Map<string, Map<string, string[]>>();
  let at = from;
  while (text.charCodeAt(at) === openBracket) {
    const idEnd = nameEnd(text, at + 1);
    if (idEnd === at + 1) return undefined;
    const id = text.slice(at + 1, idEnd);
    const parameters = elements.get(id) ?? new Map<string, string[]>();
    elements.set(id, parameters);
    const end = readParameters(text, idEnd, parameters);
    if (end === -1) return undefined;
    at = end;
  }
  return at === from ? undefined : { json: objectOf(elements, (inner) => objectOf(inner, valueOf)), end: at };
}

/** Reads ` name="value"` as often as it comes, and the `]`. Returns the place behind that, -1 when it is something else. */
function readParameters(text: string, from: number, into: Map<string, string[]>): number {
  let at = from;
  for (;;) {
    if (text.charCodeAt(at) === closeBracket) return at + 1;
    while (text.charCodeAt(at) === blank) at++;
    if (text.charCodeAt(at) === closeBracket) return at + 1;
    const end = nameEnd(text, at);
    if (end === at || text.charCodeAt(end) !== equals || text.charCodeAt(end + 1) !== quote) return -1;
    const close = closingQuote(text, end + 2);
    if (close === -1) return -1;
    const name = text.slice(at, end);
    const value = text.slice(end + 2, close).replace(/\\(["\\\]])/g, '$1');
    const values = into.get(name);
    if (values === undefined) into.set(name, [value]);
    else values.push(value);
    at = close + 1;
  }
}

/** Names are printable ASCII but for `=`, blank, `]` and `"`. */
function nameEnd(text: string, from: number): number {
  let at = from;
  for (; ; at++) {
    const code = text.charCodeAt(at);
    if (!(code > blank && code < 0x7f) || code === equals || code === closeBracket || code === quote) return at;
  }
}

function closingQuote(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5c) at++;
    else if (code === quote) return at;
  }
  return -1;
}

const objectOf = <T>(entries: ReadonlyMap<string, T>, json: (value: T) => string): string =>
  `{${Array.from(entries, ([key, value]) => `${jsonString(key)}:${json(value)}`).join()}}`;

const valueOf = (values: readonly string[]): string =>
  values.length === 1 ? jsonString(values[0] ?? '') : `[${values.map(jsonString).join()}]`;

const blank = 0x20;
const quote = 0x22;
const equals = 0x3d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
